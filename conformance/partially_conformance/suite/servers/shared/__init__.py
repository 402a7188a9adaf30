"""What the checks of several areas share: steps, expectations, and groups of values."""
