"""AUTH: who may ask, and for which customers."""
