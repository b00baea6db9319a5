"""Each stage's artifacts turned into findings, one topic a module, each with `findings(...) -> list[Finding]`."""
