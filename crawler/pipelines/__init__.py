"""What every record of a visit passes through: first the check, then the store."""
