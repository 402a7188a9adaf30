"""LIST: pages, their envelope and their order."""
