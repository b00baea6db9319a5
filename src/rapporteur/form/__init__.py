"""The form of a picture's subject: how much of it the form that a caption names covers."""
