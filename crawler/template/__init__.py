"""The adapter to copy for a new publishing system. ``docs/adding-a-platform.md`` goes through it step by step."""
