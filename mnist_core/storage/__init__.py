"""The database: its tables, and runs, artifacts, groups, workspaces and quotas on top of them.

It may import `evaluation`, `dataset`, `network` and `utils`, but not `training`.
"""
