"""One module per table: the schema that its producer and its consumers share."""
