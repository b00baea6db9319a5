"""The gallery: every drawn and gold picture of a study on one page, to be searched, sorted and looked at, offline."""
