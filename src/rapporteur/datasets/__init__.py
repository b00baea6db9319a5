"""Datasets of captioned pictures, read from the layouts in which they are published."""

from __future__ import annotations

from rapporteur.datasets.coco import read_coco
from rapporteur.datasets.folder import read_folder
from rapporteur.datasets.karpathy import read_karpathy
from rapporteur.datasets.prompts import read_prompts
from rapporteur.datasets.record import Caption, Picture

READERS = {"coco": read_coco, "karpathy": read_karpathy, "folder": read_folder, "prompts": read_prompts}

__all__ = ["READERS", "Caption", "Picture", "read_coco", "read_folder", "read_karpathy", "read_prompts"]
