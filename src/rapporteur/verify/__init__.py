"""Whether a rebuild gave what was committed: the certificate of `rapporteur verify`."""
