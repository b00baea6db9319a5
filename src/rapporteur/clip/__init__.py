"""CLIP beyond the model: scores, retrieval among many, and pairs of any picture with any text."""
