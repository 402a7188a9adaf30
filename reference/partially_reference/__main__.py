"""Runs `partially-reference` as `python -m partially_reference`."""

import sys

from partially_reference.cli import main

sys.exit(main())
