"""The target that is checked, its harness, its emails and the journal of its customers.

Reads the target file (`configuration`, `target`), starts and stops the target (`launch`), calls its harness
(`harness`), receives its emails (`smtp`), finds the login tokens in them (`mailbox`, `mail_words`) and notes
the customers that were created in it (`journal`). This room may import `traffic` and `rules`. It sends no
request to the API itself.
"""
