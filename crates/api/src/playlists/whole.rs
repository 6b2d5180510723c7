//! A long playlist as one answer: written while it is sent, a hundred videos at a time, so that it takes no more
//! memory than a short one, however slowly it is read.

use app::Viewer;
use app::playlists::{Mark, Shown};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use model::PlaylistId;
use store::videos::VideoRow;
use tokio::sync::mpsc;

use super::single;
use crate::answer;
use crate::pieces::Pieces;
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// Pieces that wait to be sent.
const AHEAD: usize = 1;

/// Where the further videos go: behind the last of the first ones. A name that a text brings along has its quotes
/// escaped, so these bytes are nowhere else, and there are first ones.
const END_OF_VIDEOS: &[u8] = b"}],\"totalVideos\":";

/// The playlist with the videos that were read, then those behind `next`.
pub(super) async fn answer(
    web: &Web,
    shown: &Shown,
    next: Mark,
    viewer: Viewer,
) -> Result<Response, Problem> {
    let mut body = single(web, shown, &viewer).await?;
    body.next_cursor = None;
    let text = answer::ok_to_text(&body, "Playlist")?;
    let split = text
        .windows(END_OF_VIDEOS.len())
        .position(|bytes| bytes == END_OF_VIDEOS)
        .map(|at| at + 1)
        .ok_or_else(Problem::internal)?;
    let (head, tail) = (text.slice(..split), text.slice(split..));
    let (pieces, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(write(web.clone(), shown.row.id, next, viewer, head, tail, pieces));
    Ok(answer::ok_pieces(Body::new(Pieces::from(receiver))))
}

async fn write(
    web: Web,
    id: PlaylistId,
    next: Mark,
    viewer: Viewer,
    head: Bytes,
    tail: Bytes,
    pieces: mpsc::Sender<Result<Bytes, Problem>>,
) {
    let mut piece = Ok(head);
    let mut next = Some(next);
    // Whoever does not listen any more needs no further pieces.
    while let Ok(()) = pieces.send(piece).await {
        let Some(after) = next else { return };
        piece = match web.app().playlists.more(id, after, &viewer).await {
            Ok((rows, further)) => {
                next = further;
                videos(&web, &rows, &viewer).await
            }
            Err(error) => Err(error.into()),
        };
        if piece.is_err() {
            next = None;
        } else if next.is_none() {
            piece = piece.map(|piece| [piece, tail.clone()].concat().into());
        }
    }
}

/// Videos as they follow others in an array.
async fn videos(web: &Web, rows: &[VideoRow], viewer: &Viewer) -> Result<Bytes, Problem> {
    let mut text = Vec::with_capacity(rows.len() * 1024);
    for video in shown::videos(web, rows, viewer).await? {
        text.push(b',');
        serde_json::to_writer(&mut text, &video).map_err(|error| {
            tracing::error!(error = %error, "Could not write a playlist");
            Problem::internal()
        })?;
    }
    Ok(text.into())
}
