"""What everyone names: table schemas (one module a table), colour terms, forms, engines."""
