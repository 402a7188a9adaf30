"""AUTH: which keys are accepted, and which customers a key gives access to."""
