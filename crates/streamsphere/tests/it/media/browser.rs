//! A real browser plays.
