//! What people report: one row for each reporter and thing, read by moderators in the order of time.
//!
//! What may be reported, and who reads it, is `app::moderation`.

use model::moderation::{Kind, Reason, ReportState, Target};
use model::{Millis, ReportId, UserId, VideoId};

use crate::places::Place;
use crate::{Row, StoreError, Tx, Val, params};

/// One report.
#[derive(Debug, Clone)]
pub struct ReportRow {
    /// Which.
    pub id: ReportId,
    /// Who wrote it.
    pub reporter_id: UserId,
    /// Their handle, while they are there.
    pub reporter: Option<String>,
    /// What it is about.
    pub target: Target,
    /// What is wrong.
    pub reason: Reason,
    /// The same in words.
    pub text: String,
    /// Whether somebody still has to look.
    pub state: ReportState,
    /// What the moderator wrote who changed it last.
    pub note: String,
    /// Who that was.
    pub handled_by: Option<UserId>,
    /// When it was written.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// What it is about is taken down.
    pub taken_down: bool,
    /// What it is about, while that is there.
    pub about: Option<About>,
}

/// What a report is about, as a moderator has to see it to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its title, name or words, of which the first 500 characters.
    pub text: String,
    /// The handle of whose it is.
    pub owner: Option<String>,
    /// The video that it is, or that it stands under or is about.
    pub video: Option<VideoId>,
    /// It, or the video that it stands under, is only for its owner by now.
    pub private: bool,
}

const COLUMNS: &str = "r.id, r.reporter_id, u.username, r.kind, r.target_id, r.reason, r.text, r.state, r.note, \
     r.handled_by, r.created_at, r.updated_at, EXISTS (SELECT 1 FROM takedowns d WHERE d.kind = r.kind \
     AND d.target_id = r.target_id), \
     substr(coalesce(v.title, c.content, t.content, s.full_name, l.name), 1, 500), o.username, \
     coalesce(v.id, c.video_id, t.video_id), \
     coalesce(v.visibility, w.visibility, l.visibility, 0) = 2";

/// What a report is about, of whichever kind; each is found by its id.
const JOINS: &str = "LEFT JOIN users u ON u.id = r.reporter_id \
     LEFT JOIN videos v ON r.kind = 0 AND v.id = r.target_id \
     LEFT JOIN comments c ON r.kind = 1 AND c.id = r.target_id \
     LEFT JOIN videos w ON w.id = c.video_id \
     LEFT JOIN tweets t ON r.kind = 2 AND t.id = r.target_id \
     LEFT JOIN users s ON r.kind = 3 AND s.id = r.target_id \
     LEFT JOIN playlists l ON r.kind = 4 AND l.id = r.target_id \
     LEFT JOIN users o ON o.id = coalesce(v.owner_id, c.owner_id, t.owner_id, s.id, l.owner_id)";

fn map(row: &Row<'_>) -> Result<ReportRow, StoreError> {
    Ok(ReportRow {
        id: row.id(0)?,
        reporter_id: row.id(1)?,
        reporter: row.opt_text(2)?.map(ToOwned::to_owned),
        target: Target {
            // Rows of a kind that is not known are not read: see `list`.
            kind: Kind::from_code(row.int(3)?).unwrap_or(Kind::Report),
            id: row.id(4)?,
        },
        reason: Reason::from_code(row.int(5)?),
        text: row.text(6)?.to_owned(),
        state: ReportState::from_code(row.int(7)?),
        note: row.text(8)?.to_owned(),
        handled_by: row.opt_id(9)?,
        created_at: row.millis(10)?,
        updated_at: row.millis(11)?,
        taken_down: row.bool(12)?,
        about: match row.opt_text(13)? {
            None => None,
            Some(text) => Some(About {
                text: text.to_owned(),
                owner: row.opt_text(14)?.map(ToOwned::to_owned),
                video: row.opt_id(15)?,
                private: row.bool(16)?,
            }),
        },
    })
}

/// The report of this id.
pub async fn find(tx: &mut Tx, id: ReportId) -> Result<Option<ReportRow>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM reports r {JOINS} WHERE r.id = $1"));
    tx.one(&SQL, &params![id], map).await
}

/// What this person reported of this thing.
pub async fn find_by(tx: &mut Tx, reporter: UserId, target: Target) -> Result<Option<ReportRow>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM reports r {JOINS} WHERE r.reporter_id = $1 AND r.kind = $2 AND r.target_id = $3"
        )
    });
    tx.one(&SQL, &params![reporter, target.kind.code(), target.id], map)
        .await
}

/// A report about to be added.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: ReportId,
    /// Who wrote it.
    pub reporter_id: UserId,
    /// What it is about.
    pub target: Target,
    /// What is wrong.
    pub reason: Reason,
    /// Checked.
    pub text: &'a str,
    /// When it was written.
    pub now: Millis,
}

/// Adds a report; tells whether it was added. It is not where the same person reported the same thing before.
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "INSERT INTO reports (id, reporter_id, kind, target_id, reason, text, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (reporter_id, kind, target_id) DO NOTHING",
            &params![
                new.id,
                new.reporter_id,
                new.target.kind.code(),
                new.target.id,
                new.reason.code(),
                new.text,
                new.now
            ],
        )
        .await?;
    Ok(added == 1)
}

/// Writes what became of a report.
pub async fn save(
    tx: &mut Tx,
    id: ReportId,
    state: ReportState,
    note: &str,
    by: UserId,
    now: Millis,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE reports SET state = $1, note = $2, handled_by = $3, updated_at = $4 WHERE id = $5",
        &params![state.code(), note, by, now, id],
    )
    .await?;
    Ok(())
}

/// Reports in this state, of one kind of thing or all, newest first, behind a place.
pub async fn list(
    tx: &mut Tx,
    state: ReportState,
    kind: Option<Kind>,
    after: Place,
    limit: i64,
) -> Result<Vec<ReportRow>, StoreError> {
    let mut values: Vec<Val<'_>> = vec![state.code().into()];
    values.extend(kind.map(|kind| Val::from(kind.code())));
    values.extend(params![after.at, after.id, limit]);
    tx.all(&statement(kind.is_some()), &values, map).await
}

/// What [`list`] asks; public for the test of its plan.
pub fn statement(of_kind: bool) -> String {
    let (kind, n) = if of_kind { ("AND q.kind = $2 ", 3) } else { ("", 2) };
    format!(
        "SELECT {COLUMNS} FROM (SELECT q.id AS id FROM reports q WHERE q.state = $1 {kind}\
         AND (q.created_at, q.id) < (${n}, ${}) ORDER BY q.created_at DESC, q.id DESC LIMIT ${}) p \
         JOIN reports r ON r.id = p.id {JOINS} \
         ORDER BY r.created_at DESC, r.id DESC",
        n + 1,
        n + 2
    )
}
