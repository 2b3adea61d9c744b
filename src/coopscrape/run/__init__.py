"""The order of things: which room is called when. Gives orders, decides nothing that a room decides."""
