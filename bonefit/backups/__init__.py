"""Backups: one file each, which opens with ``tar``, ``age`` and ``pg_restore`` without bonefit.

``making`` writes one, ``restoring`` puts one back, ``verifying`` restores one into a PostgreSQL of
its own and counts, ``keeping`` says when one is due and which are deleted.
"""
