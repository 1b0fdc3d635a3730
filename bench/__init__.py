"""Measures the gateway beside the design that it replaces. Run it with `bin/bench`."""
