"""The models the study is about: text to image tokens, image tokens to pixels, and CLIP."""
