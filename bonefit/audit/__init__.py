"""The audit: rows that are only added, sealed every minute, and checked by ``verify_audit``."""
