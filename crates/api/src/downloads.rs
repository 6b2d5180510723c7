//! `/videos/{id}/download`: renditions as files to keep, and the original for its owner.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use app::Viewer;
use app::playback::{Download, DownloadBytes, Joined};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use delivery::plan::{Payload, plan_of_length};
use delivery::{Decision, FileGrant, Tally};
use http::HeaderValue;
use http_body::{Frame, SizeHint};
use model::VideoId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::web::Web;

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// Name of a rendition (`720p`, `audio`), or `original`. Absent: the best that plays everywhere.
    rendition: Option<String>,
}

pub(crate) async fn download_video(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
    Query(query): Query<DownloadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let rendition = query.rendition.as_deref().filter(|name| !name.is_empty());
    let Download {
        bytes,
        content_type,
        name,
        tag,
    } = web.app().playback.download(id, rendition, &viewer).await?;
    let key = match &bytes {
        DownloadBytes::File(key) => key,
        DownloadBytes::Joined(joined) => &joined.picture,
    };
    let Some(file) = web.open_blob(key).await? else {
        tracing::error!(key = %key, "A file to download is not there");
        return Err(Problem::internal());
    };
    let content_type = HeaderValue::try_from(content_type).map_err(|_| Problem::internal())?;
    let mut grant = FileGrant::new(file, content_type, format!("\"{tag}\""));
    grant.content_disposition = Some(disposition(&name));
    grant.tally = Some(web.0.tallies.of(id));
    // Asked for again each time: who may have it can change, and so can the name.
    grant.cache_control = Cow::Borrowed("private, no-cache");
    let (parts, _) = request.into_parts();
    let joined = match bytes {
        DownloadBytes::File(_) => {
            return Ok(delivery::respond(&parts, Decision::File(grant))
                .await
                .map(Body::new));
        }
        DownloadBytes::Joined(joined) => joined,
    };
    let plan = plan_of_length(&parts.method, &parts.headers, &grant, joined.size_bytes());
    let mut response = Response::new(match plan.payload {
        Payload::None | Payload::Announced(_) => Body::empty(),
        Payload::Text(text) => Body::from(text),
        Payload::File(range) => Body::new(JoinedBody::new(joined, range, web.0.tallies.of(id))),
    });
    *response.status_mut() = plan.status;
    for (name, value) in plan.fields {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// RFC 6266: the name in ASCII for old programs, and as it is for all others.
pub(crate) fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' })
        .filter(|c| !matches!(c, '"' | '\\' | '%'))
        .collect();
    let mut text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

type Reading = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

/// A range of a file that is joined while it is read. Reads when the connection asks for more, never ahead.
struct JoinedBody {
    joined: Joined,
    range: Range<u64>,
    reading: Option<Reading>,
    tally: Arc<Tally>,
}

impl JoinedBody {
    fn new(joined: Joined, range: Range<u64>, tally: Arc<Tally>) -> Self {
        tally.add_answer();
        Self {
            joined,
            range,
            reading: None,
            tally,
        }
    }
}

impl http_body::Body for JoinedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.range.is_empty() {
            return Poll::Ready(None);
        }
        let (joined, Range { start, end }) = (&this.joined, this.range.clone());
        let reading = this.reading.get_or_insert_with(|| {
            let joined = joined.clone();
            Box::pin(async move { joined.read(start, end).await })
        });
        let read = ready!(reading.as_mut().poll(context));
        this.reading = None;
        Poll::Ready(Some(match read {
            Ok(bytes) => {
                this.range.start += bytes.len() as u64;
                this.tally.add_bytes(bytes.len() as u64);
                Ok(Frame::data(bytes))
            }
            Err(error) => {
                tracing::error!(error = %error, "A download broke off");
                this.range.start = end;
                Err(error)
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.range.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.range.end - self.range.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_to_old_programs_and_new_ones() {
        assert_eq!(
            disposition("Träume 夢 (720p).mp4"),
            "attachment; filename=\"Tr_ume _ (720p).mp4\"; filename*=UTF-8''Tr%C3%A4ume%20%E5%A4%A2%20%28720p%29.mp4"
        );
        let hostile = disposition("a\"; filename=x.exe\r\nb%22c\\.mp4");
        assert!(hostile.is_ascii() && !hostile.contains(['\r', '\n', '\\']));
        assert_eq!(hostile.matches('"').count(), 2);
    }
}
