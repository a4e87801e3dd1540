"""The tabs of the page Tune, a module each."""
