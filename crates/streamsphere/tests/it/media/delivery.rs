//! Ranges, validators and signed links over real servers.
