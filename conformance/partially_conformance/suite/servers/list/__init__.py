"""LIST: the list of customers, its pages and their envelope."""
