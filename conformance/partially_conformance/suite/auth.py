"""AUTH: who may ask, and whose customers they see."""
