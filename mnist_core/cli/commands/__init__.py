"""The commands that have a module of their own, and what several of them share.

May import the rest of `cli` except `cli.main`, which puts the commands together.
"""
