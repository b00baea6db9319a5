"""One module per stage of dvc.yaml; each runs as `python -m rapporteur.stages.<name>`."""
