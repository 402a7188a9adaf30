"""The commands: each module adds its own parser, and does its own work."""
