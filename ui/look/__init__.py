"""The parts of the page Look inside, a module a tab."""
