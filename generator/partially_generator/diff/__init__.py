"""What changed between two API descriptions, and for whom it breaks."""
