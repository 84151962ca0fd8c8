"""A reader says that we missed something: which item it was, and what we had of it."""
