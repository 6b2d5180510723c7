//! `/users/storage`: what the caller stores, and how much more they may.

use app::Actor;
use app::storage::Share;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::VideoId;
use model::text::Fault;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;

/// Which page of one's storage.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct StorageQuery {
    /// Empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
    /// How many videos, 1 to 100; 50 when absent.
    limit: Option<String>,
}

/// What somebody stores.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageBody<'a> {
    /// Bytes of all videos, with what was made of them.
    pub used_bytes: u64,
    /// Bytes that uploads under way may still bring.
    pub reserved_bytes: u64,
    /// The most that both may be together; null: no bound.
    pub quota_bytes: Option<u64>,
    /// Bytes of uploads taken today (UTC).
    pub daily_used_bytes: u64,
    /// The most that may be taken in a day; null: no bound.
    pub daily_bytes: Option<u64>,
    /// Uploads that are not finished.
    pub open_uploads: u64,
    /// The videos, the newest first.
    pub videos: StoragePageBody<'a>,
}

/// A page of videos by what they take up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoragePageBody<'a> {
    /// The videos.
    pub items: Vec<ShareBody<'a>>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<&'a str>,
}

/// What one video takes up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShareBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: VideoId,
    /// Its title.
    pub title: &'a str,
    /// All of it.
    pub bytes: i64,
    /// The file as it was uploaded; 0 when it is not kept.
    pub original: i64,
    /// What was made of it.
    pub renditions: Vec<RenditionShareBody<'a>>,
}

/// What one rendition takes up.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenditionShareBody<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its size.
    pub bytes: u64,
}

fn share(share: &Share) -> ShareBody<'_> {
    let renditions = share
        .renditions
        .iter()
        .map(|(name, bytes)| RenditionShareBody { name, bytes: *bytes });
    ShareBody {
        id: share.id,
        title: &share.title,
        bytes: share.bytes,
        original: share.original_bytes,
        renditions: renditions.collect(),
    }
}

pub(crate) async fn get_storage(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<StorageQuery>,
) -> Result<Response, Problem> {
    let limit = match query.limit.as_deref() {
        None | Some("") => Ok(50),
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=100).contains(n))
            .ok_or_else(|| {
                let fault = Fault::new("out_of_range", "A whole number from 1 to 100.");
                app::Error::field("limit", fault)
            }),
    }?;
    let cursor = query.cursor.unwrap_or_default();
    let storage = app::storage::own(web.app(), &cursor, limit, &actor).await?;
    let usage = &storage.usage;
    let body = StorageBody {
        used_bytes: usage.row.stored_bytes,
        reserved_bytes: usage.reserved_bytes,
        quota_bytes: usage.quota_bytes,
        daily_used_bytes: usage.day_bytes,
        daily_bytes: usage.daily_bytes,
        open_uploads: usage.row.open_uploads,
        videos: StoragePageBody {
            items: storage.shares.iter().map(share).collect(),
            next_cursor: storage.next.as_deref(),
        },
    };
    answer::ok(&body, "Storage")
}
