//! What players tell while they play: beacons, one by one or several at once.

use app::Viewer;
use app::analytics::ingest::{Teller, Told};
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{HeaderName, REFERER, USER_AGENT};
use http::{HeaderMap, StatusCode};
use model::VideoId;
use model::analytics::beacon::Said;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer;
use crate::caller;
use crate::extract::{self, Id};
use crate::problem::Problem;
use crate::web::Web;

/// Largest body, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// What a player tells of one moment. Seconds, where nothing else is said; fields that are not named here may come
/// along.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BeaconRequest {
    /// What happened: `start`, `progress`, `pause`, `seek`, `stall`, `quality`, `error`; `end`: the video was watched to
    /// its end.
    event: Option<String>,
    /// Where the stretch began that was played since the last beacon.
    from: Option<f64>,
    /// Where it ended.
    to: Option<f64>,
    /// Where the player is now; absent: where the stretch ended.
    position: Option<f64>,
    /// Number of the beacon in its session, one more with each. With it, what comes twice counts once, and what is
    /// watched again counts again.
    seq: Option<u64>,
    /// How long the start took, in milliseconds.
    startup_ms: Option<f64>,
    /// How long data was waited for, in milliseconds.
    stall_ms: Option<f64>,
    /// What is played, such as `720p`.
    rendition: Option<String>,
}

/// What a player tells while it plays: one beacon, or several in `beacons`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WatchingRequest {
    /// Which player: random, and the same while a page is open. At most 100 bytes.
    session_id: Option<String>,
    /// At most 100, oldest first. Where it is there, it is read instead of the fields of one.
    #[schema(max_items = 100)]
    beacons: Option<Vec<BeaconRequest>>,
    /// From where in the site the viewer came: `search`, `subscriptions`, `related`, `playlist`, `channel`, `home`,
    /// `embed`.
    source: Option<String>,
    /// Address of the page that led to the one with the player, as browsers have it in `document.referrer`.
    referrer: Option<String>,
    // The fields of one beacon stand here once more: flattened, each request would be kept in pieces before it is read.
    /// What happened, such as `progress`, `pause`; `end`: the video was watched to its end.
    event: Option<String>,
    /// Where the stretch began that was played.
    from: Option<f64>,
    /// Where it ended.
    to: Option<f64>,
    /// Where the player is now; absent: where the stretch ended.
    position: Option<f64>,
    /// Number of the beacon in its session, one more with each.
    seq: Option<u64>,
    /// How long the start took, in milliseconds.
    startup_ms: Option<f64>,
    /// How long data was waited for, in milliseconds.
    stall_ms: Option<f64>,
    /// What is played, such as `720p`.
    rendition: Option<String>,
}

impl BeaconRequest {
    fn said(&self) -> Said<'_> {
        Said {
            event: self.event.as_deref(),
            from: self.from,
            to: self.to,
            position: self.position,
            seq: self.seq,
            startup_ms: self.startup_ms,
            stall_ms: self.stall_ms,
            rendition: self.rendition.as_deref(),
        }
    }
}

impl WatchingRequest {
    /// What it says, and whether that is one beacon.
    fn said(&self) -> (Vec<Said<'_>>, bool) {
        if let Some(beacons) = &self.beacons {
            return (beacons.iter().map(BeaconRequest::said).collect(), false);
        }
        let said = Said {
            event: self.event.as_deref(),
            from: self.from,
            to: self.to,
            position: self.position,
            seq: self.seq,
            startup_ms: self.startup_ms,
            stall_ms: self.stall_ms,
            rendition: self.rendition.as_deref(),
        };
        (vec![said], true)
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the browser says that its owner does not want to be tracked.
fn asks_for_privacy(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"]
        .into_iter()
        .any(|name| text(headers, HeaderName::from_static(name)) == Some("1"))
}

pub(crate) async fn note_watching(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    // Pages that go away send text: it needs no leave of another origin (`navigator.sendBeacon`). Whether the page
    // was ours is checked of every request with cookies.
    let is_text = extract::media_type(headers).is_some_and(|kind| kind == "text/plain");
    if !is_text && !extract::is_json(headers) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send JSON, with Content-Type: application/json or text/plain.",
        ));
    }
    let address = caller::address(request.extensions(), headers, &web.0.facing);
    let address_key = caller::address_key(address);
    let user_agent = text(headers, USER_AGENT).unwrap_or_default().to_owned();
    let referer = text(headers, REFERER).map(str::to_owned);
    let is_private = asks_for_privacy(headers);
    let bytes = extract::read_all(request, MOST_BYTES).await?;
    let body: WatchingRequest = extract::parse_json(&bytes)?;
    let (beacons, is_single) = body.said();
    let told = Told {
        session_id: body.session_id.as_deref().unwrap_or_default(),
        beacons: &beacons,
        is_single,
        source: body.source.as_deref(),
        referrer: body.referrer.as_deref().or(referer.as_deref()),
    };
    let teller = Teller {
        address,
        address_key: &address_key,
        user_agent: &user_agent,
        is_private,
    };
    web.app().ingest.accept(id, &told, &viewer, &teller).await?;
    answer::accepted("Noted")
}
