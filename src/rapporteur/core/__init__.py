"""What every stage shares: parameters, items, shards, tables, progress and provenance."""
