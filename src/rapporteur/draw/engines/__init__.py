"""How each kind of generator draws: one module a kind."""
