//! `/users/export`: everything of one person in one file.
//!
//! The file itself is sent by the delivery path: [`crate::gate`] asks here who may have it.

use app::Actor;
use app::exports::{Export, Status};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use delivery::{FileGrant, Gate};
use http::{HeaderMap, HeaderValue};
use model::{ExportId, Millis};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::caller;
use crate::downloads::disposition;
use crate::extract::Id;
use crate::problem::Problem;
use crate::web::Web;

/// One export.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: ExportId,
    /// `queued`, `running`, `ready`, `failed`, `expired`.
    #[schema(value_type = String, example = "ready")]
    status: Status,
    /// 0 to 1.
    progress: f64,
    /// When it was asked for.
    #[schema(value_type = String)]
    created_at: Millis,
    /// When the file goes, or went; null before there is one.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Millis>,
    /// Bytes of the file; 0 before there is one.
    size_bytes: i64,
    /// Address of the file, for its owner while signed in; null where there is none.
    #[schema(example = "https://videos.example/api/v1/users/export/65f1c0ffee0123456789abcd/file")]
    url: Option<String>,
}

impl ExportBody {
    fn of(export: &Export, web: &Web) -> Self {
        let id = export.row.id;
        let is_ready = export.status == Status::Ready;
        Self {
            id,
            status: export.status,
            progress: export.progress(),
            created_at: export.row.created_at,
            expires_at: export.expires_at(),
            size_bytes: export.row.size_bytes,
            url: is_ready.then(|| web.app().core.url(&format!("/api/v1/users/export/{id}/file"))),
        }
    }
}

pub(crate) async fn request_export(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let (export, is_new) = web.app().exports.request(&actor).await?;
    let body = ExportBody::of(&export, &web);
    if is_new {
        answer::begun(&body, "The export is being made")
    } else {
        answer::ok(&body, "An export is being made already")
    }
}

pub(crate) async fn list_exports(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let exports = web.app().exports.list(&actor).await?;
    let bodies: Vec<_> = exports
        .iter()
        .map(|export| ExportBody::of(export, &web))
        .collect();
    answer::ok(&bodies, "Exports")
}

pub(crate) async fn remove_export(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<ExportId>,
) -> Result<Response, Problem> {
    web.app().exports.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Removed")
}

/// For requests that did not come by the fast path; decided just as there.
pub(crate) async fn get_export_file(State(web): State<Web>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let decision = web.decide(parts.clone()).await;
    delivery::respond(&parts, decision).await.map(Body::new)
}

/// The id in a path that names the file of an export, whatever it is.
pub(crate) fn export_of(path: &str) -> Option<&str> {
    let rest = path
        .strip_prefix("/api/v1/users/export/")
        .or_else(|| path.strip_prefix("/users/export/"))?;
    let id = rest.strip_suffix("/file")?;
    (!id.contains('/')).then_some(id)
}

/// The file of an export, for its owner.
pub(crate) async fn grant(web: &Web, id: &str, headers: &HeaderMap) -> Result<FileGrant, Problem> {
    let actor = caller::viewer(web, headers)
        .await?
        .ok_or_else(app::Error::unauthenticated)?;
    let id: ExportId = id
        .parse()
        .map_err(|_| Problem::bad_request("malformed_id", "This is not an id: ids are 24 hex digits."))?;
    let found = web.app().exports.file(id, &actor).await?;
    let Some(file) = web.open_blob(&found.key).await? else {
        tracing::error!(key = %found.key, "The file of an export is not there");
        return Err(Problem::internal());
    };
    let content_type = HeaderValue::from_static("application/zip");
    let mut grant = FileGrant::new(file, content_type, format!("\"{}\"", found.tag));
    grant.content_disposition = Some(disposition(&found.name));
    Ok(grant)
}
