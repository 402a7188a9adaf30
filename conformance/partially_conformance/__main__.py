"""`python -m partially_conformance`."""

import sys

from partially_conformance.cli import main

sys.exit(main())
