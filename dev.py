"""Sets Conclave up and runs, tests, checks, measures and packages it: `python3 dev.py --help`.

Old Pythons can read this file, so that they can say what is wrong; the work is in `tools/`.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Conclave needs Python 3.11 or newer; this is %d.%d. Run dev.py with a newer one,"
        " for instance: python3.12 dev.py run" % sys.version_info[:2]
    )

from tools.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
