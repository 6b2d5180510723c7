//! Videos as one caller is shown them: the row, and what of it is theirs alone, read once for a whole page.

use app::Viewer;
use store::videos::VideoRow;

use crate::bodies::VideoBody;
use crate::problem::Problem;
use crate::web::Web;

/// Videos of a list, in its order.
pub(crate) async fn videos<'a>(
    web: &Web,
    rows: impl IntoIterator<Item = &'a VideoRow>,
    viewer: &Viewer,
) -> Result<Vec<VideoBody<'a>>, Problem> {
    let playback = &web.app().playback;
    let bodies = rows
        .into_iter()
        .map(|video| VideoBody::listed(video, playback, viewer))
        .collect();
    Ok(bodies)
}

/// A video on its own page: what may have changed since the row was read is read again.
pub(crate) async fn video<'a>(
    web: &Web,
    row: &'a VideoRow,
    viewer: &Viewer,
) -> Result<VideoBody<'a>, Problem> {
    let mut body = VideoBody::single(row, &web.app().playback, viewer);
    let standing = web.app().subscriptions.standing(row.owner_id, viewer).await?;
    body.owner.subscribers_count = Some(standing.subscribers_count);
    body.owner.is_subscribed = Some(standing.subscribed);
    Ok(body)
}
