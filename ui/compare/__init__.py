"""The tabs of the page Compare, a module each."""
