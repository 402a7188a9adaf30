"""The base class of the models, and unions of them. Imports nothing else of the client."""
