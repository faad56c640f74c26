"""What people said, with known probability and estimated error."""
