"""Writes a client: from the picture of an API to files in a folder.

`client.py` leads from a document to all files. `render.py` fills the templates with what `views` decided,
copies `runtime` and formats everything. `client_folder.py` writes to the disk. May import `reading`,
`api` and `runtime`, and its own rooms `text` and `views`. Knows nothing of commands or of comparing
documents.
"""
