//! Start, stop, lock, signals.
