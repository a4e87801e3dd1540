"""Everything in which a run leaves the app: code, model files, tables, a card, its curves."""
