//! `GET /api/v1/videos`.
