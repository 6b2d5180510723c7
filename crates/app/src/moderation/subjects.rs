//! What a report or an act is about, in a line: moderators judge what was said, and not its number.

use model::moderation::{Kind, Target};
use model::videos::Visibility;
use store::Tx;
use store::reports;
use store::subjects::{self, SubjectRow};

use crate::error::Error;
use crate::sessions::Actor;

/// A thing with what moderators may know of it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Which; of a report what it is about.
    pub target: Target,
    /// What it says, whose it is, and where it stands.
    pub row: SubjectRow,
}

/// Something of a list, and what it is about.
#[derive(Debug)]
pub struct About<T> {
    /// The report or the act.
    pub what: T,
    /// Its subject, while it is there and may be seen.
    pub subject: Option<Subject>,
}

/// The subjects of a page, each by its key: a page has a hundred rows at most.
pub(super) async fn each<T>(
    tx: &mut Tx,
    rows: Vec<T>,
    target: impl Fn(&T) -> Option<Target>,
    actor: &Actor,
) -> Result<Vec<About<T>>, Error> {
    let mut all = Vec::with_capacity(rows.len());
    for what in rows {
        let subject = match target(&what) {
            Some(target) => find(tx, target, actor).await?,
            None => None,
        };
        all.push(About { what, subject });
    }
    Ok(all)
}

/// What is private is private to moderators too; admins see it.
pub(super) async fn find(tx: &mut Tx, target: Target, actor: &Actor) -> Result<Option<Subject>, Error> {
    let target = match target.kind {
        Kind::Report => match reports::find(tx, model::ReportId(target.id)).await? {
            Some(report) => report.target,
            None => return Ok(None),
        },
        _ => target,
    };
    let found = subjects::find(tx, target).await?;
    let seen = found.filter(|row| row.visibility != Visibility::Private || actor.is_admin());
    Ok(seen.map(|row| Subject { target, row }))
}
