"""The fake of the API that `testing` offers. Nothing else in the package imports it."""
