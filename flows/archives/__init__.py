"""Backfill: WARC files from lists, folders and the web, taken in one after the other within a disk budget."""
