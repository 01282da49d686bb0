"""Plain values that store, services, item models and views all speak. No Qt, no SQL."""
