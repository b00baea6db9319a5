"""CLIP outside one score: retrieval among many, and pairs of any picture with any text."""
