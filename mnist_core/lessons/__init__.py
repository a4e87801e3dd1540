"""Lessons: Markdown files that walk through the app, checked on a student's own runs."""
