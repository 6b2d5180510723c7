//! `POST /api/v1/admin/setup`.
