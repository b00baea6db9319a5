"""Landscapes: from captions alone, find the images whose setting is natural scenery."""
