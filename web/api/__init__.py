"""What programs ask: the health of the service, and what search engines should leave alone."""
