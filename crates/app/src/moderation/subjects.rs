//! What an act is about, in a line: whoever reads the log reads titles and not numbers.

use model::ReportId;
use model::moderation::{Kind, Target};
use store::Tx;
use store::audit::AuditRow;
use store::reports;
use store::subjects::{self, SubjectRow};

use crate::error::Error;

/// A thing with what moderators may know of it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Which; of a report what it is about.
    pub target: Target,
    /// What it says, whose it is, and where it stands.
    pub row: SubjectRow,
}

/// An act, and what it is about.
#[derive(Debug)]
pub struct Told {
    /// The act.
    pub act: AuditRow,
    /// Its subject, while it is there.
    pub subject: Option<Subject>,
}

/// The subjects of a page of acts, each by its key: a page has a hundred rows at most. Only admins read the log, who may see
/// everything.
pub(super) async fn each(tx: &mut Tx, acts: Vec<AuditRow>) -> Result<Vec<Told>, Error> {
    let mut all = Vec::with_capacity(acts.len());
    for act in acts {
        let subject = match act.kind {
            Some(kind) => find(tx, Target::new(kind, act.target_id)).await?,
            None => None,
        };
        all.push(Told { act, subject });
    }
    Ok(all)
}

async fn find(tx: &mut Tx, target: Target) -> Result<Option<Subject>, Error> {
    let target = match target.kind {
        Kind::Report => match reports::find(tx, ReportId(target.id)).await? {
            Some(report) => report.target,
            None => return Ok(None),
        },
        _ => target,
    };
    let found = subjects::find(tx, target).await?;
    Ok(found.map(|row| Subject { target, row }))
}
