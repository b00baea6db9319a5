"""The drawn world: shapes and landscapes with captions, made from seeds by code alone, no download.

The embedded default studies this world and the sample weights are trained on it, so a change of what
pictures look like makes those weights wrong: raise `WORLD_VERSION` then, and train them again.
"""

from drawn_world.sample import sample_world

WORLD_VERSION = 1

__all__ = ["WORLD_VERSION", "sample_world"]
