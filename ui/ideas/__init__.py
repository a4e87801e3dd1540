"""The ideas of the page Learn: a file each, with its words, its control and its picture."""
