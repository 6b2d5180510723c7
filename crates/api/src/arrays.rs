//! Lists that are bare arrays, or pages from a cursor on where the parameter `cursor` is there.

use app::lists::{Position, Request};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::problem::Problem;
use crate::videos::number;

/// How many, unless it is said.
pub(crate) const DEFAULT: i64 = 50;

/// Which part of an array.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ArrayQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// Which part of a list that has cursors only.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct CursorQuery {
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// Absent or empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

impl ArrayQuery {
    pub(crate) fn into_request(self) -> Result<Request, Problem> {
        let mut fields = app::Fields::default();
        let limit = fields.check("limit", number(self.limit.as_deref(), DEFAULT, 1, 100));
        let page = fields.check("page", number(self.page.as_deref(), 1, 1, i64::MAX / 1000));
        fields.done()?;
        Ok(Request {
            position: match self.cursor {
                Some(cursor) => Position::Cursor(cursor),
                None => Position::Page(page.unwrap_or(1)),
            },
            limit: limit.unwrap_or(DEFAULT),
        })
    }
}

impl CursorQuery {
    /// For lists that are asked for more than that.
    pub(crate) const fn new(limit: Option<String>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub(crate) fn into_request(self) -> Result<Request, Problem> {
        ArrayQuery {
            page: None,
            limit: self.limit,
            cursor: Some(self.cursor.unwrap_or_default()),
        }
        .into_request()
    }
}

/// A page from a cursor on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SliceBody<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
}

/// The answer in the form that was asked for.
pub(crate) fn answer<T: Serialize>(
    request: &Request,
    items: Vec<T>,
    next_cursor: Option<String>,
    message: &'static str,
) -> Result<Response, Problem> {
    match request.position {
        Position::Page(_) => answer::ok(&items, message),
        Position::Cursor(_) => answer::ok(&SliceBody { items, next_cursor }, message),
    }
}
