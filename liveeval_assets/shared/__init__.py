"""The pure kernel: no stage words, no contact with the world."""
