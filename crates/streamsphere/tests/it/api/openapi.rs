//! `GET /api/v1/openapi.json`.
