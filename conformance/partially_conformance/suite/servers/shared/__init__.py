"""What the checks of several areas share: steps, expectations, and kinds of values."""
