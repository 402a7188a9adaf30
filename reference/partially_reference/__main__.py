"""`python -m partially_reference` is `partially-reference`."""

import sys

from partially_reference.cli import main

sys.exit(main())
