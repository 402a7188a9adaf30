"""The target that is checked, and what surrounds it.

Reads the target file (`configuration`, `target`), starts and stops the target (`launch`), talks to its
harness, takes its emails and finds the login tokens in them, and writes down the customers that were
created in it (`journal`). It may import `traffic` and `rules`. It makes no request to the API itself.
"""
