"""What holds for all tests: a program that is started thousands of times is compiled once, and no test waits for a disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2**30  # bytes; in containers there are often but 64 MiB

# Images for containers often set it; then every process that a test starts would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Each page that a crawl commits is synced to the disk. A test that kills a process must find it again, and does so in
# memory as well; for a machine that loses its power there is no test. TMPDIR says otherwise.
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # it is looked up once
