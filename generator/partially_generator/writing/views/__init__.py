"""What each template prints: classes, methods, pages, the README and `operations.json`.

All decisions are made here, so that templates only loop and print. May import `reading`, `api`, `runtime`
and `writing.text`. Knows neither templates nor files.
"""
