"""A study: which captions and pictures it has, and the one reader of its artifacts."""
