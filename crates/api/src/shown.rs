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
    let rows = rows.into_iter();
    let mut bodies: Vec<_> = rows.map(|row| VideoBody::listed(row, playback, viewer)).collect();
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
    likes::mark_single(web, viewer, &mut body).await?;
    Ok(body)
}
