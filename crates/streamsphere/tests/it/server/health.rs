//! Health, readiness, metrics.
