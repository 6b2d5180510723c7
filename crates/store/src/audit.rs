//! What moderators and admins did: rows that are added in the transaction of the act, and never changed.
//!
//! What is written down is said by `app::moderation`.

use model::moderation::{Act, Kind, Target};
use model::{AuditId, Millis, UserId};

use crate::places::Place;
use crate::{StoreError, Tx, params};

/// One act.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// Which.
    pub id: AuditId,
    /// Who did it; `None`: whoever has the machine.
    pub actor_id: Option<UserId>,
    /// Their handle, while they are there.
    pub actor: Option<String>,
    /// What was done, as `model::moderation::Act` names it.
    pub act: String,
    /// To what; `None`: to something that this release does not know.
    pub kind: Option<Kind>,
    /// To which.
    pub target_id: model::ObjectId,
    /// What else there is to say.
    pub note: String,
    /// When.
    pub created_at: Millis,
}

/// An act about to be written down.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: AuditId,
    /// Who does it; `None`: whoever has the machine.
    pub actor_id: Option<UserId>,
    /// What is done.
    pub act: Act,
    /// To what.
    pub target: Target,
    /// What else there is to say.
    pub note: &'a str,
    /// When.
    pub now: Millis,
}

/// Writes an act down.
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO audit (id, actor_id, act, kind, target_id, note, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            new.id,
            new.actor_id,
            new.act.name(),
            new.target.kind.code(),
            new.target.id,
            new.note,
            new.now
        ],
    )
    .await?;
    Ok(())
}

/// What [`list`] asks; public for the test of its plan.
pub const STATEMENT: &str = "SELECT a.id, a.actor_id, u.username, a.act, a.kind, a.target_id, a.note, a.created_at \
     FROM (SELECT q.id AS id FROM audit q WHERE (q.created_at, q.id) < ($1, $2) \
     ORDER BY q.created_at DESC, q.id DESC LIMIT $3) p JOIN audit a ON a.id = p.id \
     LEFT JOIN users u ON u.id = a.actor_id ORDER BY a.created_at DESC, a.id DESC";

/// Acts, newest first, behind a place.
pub async fn list(tx: &mut Tx, after: Place, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    tx.all(STATEMENT, &params![after.at, after.id, limit], |row| {
        Ok(AuditRow {
            id: row.id(0)?,
            actor_id: row.opt_id(1)?,
            actor: row.opt_text(2)?.map(ToOwned::to_owned),
            act: row.text(3)?.to_owned(),
            kind: Kind::from_code(row.int(4)?),
            target_id: row.id(5)?,
            note: row.text(6)?.to_owned(),
            created_at: row.millis(7)?,
        })
    })
    .await
}
