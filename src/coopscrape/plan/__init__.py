"""What is asked, in which order, and when: values in, requests out. Pure: run/ brings the clock and the pages.

walk.py        the pages of one source, in order (a generator)
pagination.py  one function a strategy, one table
agenda.py      which host may be asked what, and when
host.py        what was promised to one host, and what waits for it
site.py        which url a page or a redirect may lead to
"""
