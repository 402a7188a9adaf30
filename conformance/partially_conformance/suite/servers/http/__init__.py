"""HTTP: methods, paths, media types, malformed and generated requests."""
