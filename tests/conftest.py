"""What holds for all tests: a program that is started thousands of times is compiled once."""

import os

# Images for containers often set it; then every process that a test starts would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
