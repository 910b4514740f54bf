"""The function that makes the sizes of uploaded photos. Only it needs Pillow."""
