//! Commands beside the server.
