"""HTTP: methods, paths, content types, malformed and generated requests."""
