"""LIST: the pages of the list of customers."""
