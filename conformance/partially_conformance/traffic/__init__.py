"""HTTP between the suite and a target, and the record of it.

Sends one request and reads one response, bounded in time and size (`wire`, `transport`). Records each
exchange (`recorder`), hides secrets in it (`redaction`) and shows a failure by the few exchanges that lead to
it (`story`). This room knows HTTP, and nothing about customers or rules. It imports no other room.
"""
