"""The tabs of the page Learn, a file each."""
