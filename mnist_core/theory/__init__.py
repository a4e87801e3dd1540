"""The ideas behind the networks, computed in NumPy so that one can touch them."""
