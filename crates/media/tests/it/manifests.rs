//! Manifests of real files, and what players and schemas say about them.
