"""What can draw a study's pictures: one interface (`generator.py`), one module a kind, told apart by `kinds.py`."""
