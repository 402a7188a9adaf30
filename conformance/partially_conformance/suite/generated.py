"""HTTP: requests generated from the document."""
