"""`python -m coopscrape` is `coopscrape`."""

from coopscrape.cli import main

if __name__ == "__main__":  # not in a process that was spawned as a hand
    main(prog_name="coopscrape")
