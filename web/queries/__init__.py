"""What the pages ask the database: one file per subject, each answer a plain record, each list bounded."""
