//! Lists by time or by likes on the wire: the parameters they share, and the two forms of a page.

use app::Fields;
use app::pages::{Asked, Paged, Position};
use model::text::Fault;
use serde::Serialize;
use serde_json::value::RawValue;
use store::keyset::Sort;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::videos::number;

/// What every such list may be asked for, as it came.
#[derive(Debug, Default)]
pub(crate) struct Params<'a> {
    pub(crate) page: Option<&'a str>,
    pub(crate) limit: Option<&'a str>,
    pub(crate) sort_by: Option<&'a str>,
    pub(crate) sort_type: Option<&'a str>,
    pub(crate) cursor: Option<&'a str>,
}

impl Params<'_> {
    /// The same, checked; what is wrong is noted in `fields`. `limit` and `descending` are what holds unless the
    /// caller says otherwise.
    pub(crate) fn check(&self, fields: &mut Fields, limit: i64, descending: bool) -> Asked {
        let page = fields
            .check("page", number(self.page, 1, 1, i64::MAX / 1000))
            .unwrap_or(1);
        let limit = fields
            .check("limit", number(self.limit, limit, 1, 100))
            .unwrap_or(limit);
        let sort = match self.sort_by {
            None | Some("createdAt" | "") => Sort::Created,
            Some("likesCount") => Sort::Likes,
            Some(_) => {
                fields.blame(
                    "sortBy",
                    Fault::new("unknown", "Sort by createdAt or likesCount."),
                );
                Sort::Created
            }
        };
        let descending = match self.sort_type {
            None | Some("") => descending,
            Some("desc") => true,
            Some("asc") => false,
            Some(_) => {
                fields.blame("sortType", Fault::new("unknown", "The order is asc or desc."));
                descending
            }
        };
        Asked {
            sort,
            descending,
            position: match self.cursor {
                Some(cursor) => Position::Cursor(cursor.to_owned()),
                None => Position::Page(page),
            },
            limit,
        }
    }
}

/// Words to look for; `None` where there are none. Too many are noted in `fields`.
pub(crate) fn words<'a>(fields: &mut Fields, query: Option<&'a str>) -> Option<&'a str> {
    let query = query.filter(|query| !query.trim().is_empty())?;
    if query.chars().count() > 200 {
        fields.blame("query", Fault::too_long(200));
    }
    Some(query)
}

/// A page by number, but for the label under which the list also stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageBody<'a> {
    /// What is on the page.
    #[schema(value_type = Vec<Object>)]
    pub docs: &'a RawValue,
    /// How many there are.
    pub total_docs: i64,
    /// There are at least that many; left out when the total is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_estimate: Option<bool>,
    /// At most this many on a page.
    pub limit: i64,
    /// This page.
    pub page: i64,
    /// How many pages.
    pub total_pages: i64,
    /// Number of the first on this page.
    pub paging_counter: i64,
    /// Whether there is one before.
    pub has_prev_page: bool,
    /// Whether there is one after.
    pub has_next_page: bool,
    /// The one before.
    pub prev_page: Option<i64>,
    /// The one after.
    pub next_page: Option<i64>,
}

impl<'a> PageBody<'a> {
    /// The page number `page` of a list, written as `docs`.
    pub(crate) fn new<T>(docs: &'a RawValue, paged: &Paged<T>, page: i64, limit: i64) -> Self {
        let total_pages = paged.total.div_euclid(limit) + i64::from(paged.total % limit > 0);
        let full = i64::try_from(paged.rows.len()).unwrap_or(0) == limit;
        let has_next = page < total_pages || (paged.total_is_estimate && full);
        Self {
            docs,
            total_docs: paged.total,
            total_is_estimate: paged.total_is_estimate.then_some(true),
            limit,
            page,
            total_pages: total_pages.max(1),
            paging_counter: (page - 1) * limit + 1,
            has_prev_page: page > 1,
            has_next_page: has_next,
            prev_page: (page > 1).then(|| page - 1),
            next_page: has_next.then_some(page + 1),
        }
    }
}

/// A page from a cursor on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CursorBody<'a, T> {
    /// What is on the page.
    pub items: &'a [T],
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<&'a str>,
}

/// Writes a list once, to stand under several labels.
pub(crate) fn raw<T: Serialize>(items: &[T]) -> Result<Box<RawValue>, Problem> {
    serde_json::value::to_raw_value(items).map_err(|error| {
        tracing::error!(error = %error, "Could not write a list");
        Problem::internal()
    })
}
