"""The version, where every floor may see it."""

__version__ = "0.1.0"
