"""Civic signals (design.md section 7): one file each, pure; ``docs/adding-a-signal.md`` shows how one is made."""
