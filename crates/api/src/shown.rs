//! Videos as one caller is shown them: the row, and what of it is theirs alone, read once for a whole page.

use app::Viewer;
use store::videos::VideoRow;

use crate::bodies::VideoBody;
use crate::likes;
use crate::problem::Problem;
use crate::web::Web;

/// Videos of a list, in its order.
pub(crate) async fn videos<'a>(
    web: &Web,
    rows: impl IntoIterator<Item = &'a VideoRow>,
    viewer: &Viewer,
) -> Result<Vec<VideoBody<'a>>, Problem> {
    let playback = &web.app().playback;
    let rows: Vec<&VideoRow> = rows.into_iter().collect();
    let asked: Vec<_> = rows.iter().map(|row| (row.id, row.duration_ms)).collect();
    let points = web.app().history.resume_points(&asked, viewer).await?;
    let bodies = rows.into_iter().map(|row| {
        let mut body = VideoBody::listed(row, playback, viewer);
        if let Some(point_ms) = points.get(&row.id) {
            body.resume_at = Some(*point_ms as f64 / 1000.0);
        }
        body
    });
    let mut bodies: Vec<_> = bodies.collect();
    likes::mark(web, viewer, &mut bodies).await?;
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
    let asked = [(row.id, row.duration_ms)];
    let points = web.app().history.resume_points(&asked, viewer).await?;
    if let Some(point_ms) = points.get(&row.id) {
        body.resume_at = Some(*point_ms as f64 / 1000.0);
    }
    likes::mark_single(web, viewer, &mut body).await?;
    Ok(body)
}
