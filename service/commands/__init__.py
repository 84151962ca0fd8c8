"""The commands by subject. Each only reads its arguments, calls the work, and prints."""
