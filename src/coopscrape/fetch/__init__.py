"""A Request in, a Page, a Moved or a Miss out. run/ may call: client.fetch, client.close, robots.read_rules."""
