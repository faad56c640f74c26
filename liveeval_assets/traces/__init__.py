"""Production conversations as they happened: the only place with raw text."""
