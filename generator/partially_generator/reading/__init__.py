"""Reads the inputs: an OpenAPI document and the configuration of a client.

A document is validated here and turned into its outline, which holds everything but schemas. Errors of
the input name the file and the place. May import `partially_spec`; no other room of the generator.
"""
