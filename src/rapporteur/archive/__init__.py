"""`rapporteur export`: the study as an RO-Crate, ready for an archive that gives it a DOI."""
