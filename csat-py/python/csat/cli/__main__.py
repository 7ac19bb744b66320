"""`python -m csat.cli`."""

import sys

from . import main

sys.exit(main())
