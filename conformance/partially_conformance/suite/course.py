"""READ: any course of events, against a model."""
