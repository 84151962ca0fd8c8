"""What we remember, on SQLite or PostgreSQL: models, migrations, and the ways in and out."""
