"""How long a test waits for what must come: until it is plain that it never will.

This says nothing about speed. A busy machine may take a hundred times as long as an idle one, and
no test may fail for that; so there is one limit, far from any time that anything takes.
"""

HANG_S = 1200
"""After so many seconds, what a test waits for counts as hung."""
