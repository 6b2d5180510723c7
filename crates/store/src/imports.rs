//! What was brought over from another system: marks by the ids that things had there, files that are still to come, and
//! the few columns that no use case writes because they tell of a time before this one.
//!
//! Which documents are taken, and as what, is `app::imports`.

use std::collections::HashSet;

use model::{Millis, ObjectId, UserId, VideoId};

use crate::analytics::flush;
use crate::{Row, StoreError, Tx, Val, many, params};

/// Ids asked about in one statement.
const AT_ONCE: usize = 400;

/// What a document of another system was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is called as its collection")]
pub enum Kind {
    User,
    Video,
    Comment,
    Tweet,
    Like,
    Subscription,
    Playlist,
    /// What a user has watched; by the id of the user.
    History,
}

impl Kind {
    const fn code(self) -> i64 {
        match self {
            Self::User => 0,
            Self::Video => 1,
            Self::Comment => 2,
            Self::Tweet => 3,
            Self::Like => 4,
            Self::Subscription => 5,
            Self::Playlist => 6,
            Self::History => 7,
        }
    }

    /// Where its rows are, when it has rows with ids of their own.
    const fn table(self) -> Option<&'static str> {
        match self {
            Self::User => Some("users"),
            Self::Video => Some("videos"),
            Self::Comment => Some("comments"),
            Self::Tweet => Some("tweets"),
            Self::Playlist => Some("playlists"),
            Self::Like | Self::Subscription | Self::History => None,
        }
    }
}

/// Which of these documents were decided about before.
pub async fn marked(tx: &mut Tx, kind: Kind, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, StoreError> {
    among(
        tx,
        "SELECT id FROM imports WHERE kind = $1 AND id IN (",
        Some(kind),
        ids,
    )
    .await
}

/// Whether a video was brought over.
pub async fn is_marked(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    Ok(!marked(tx, Kind::Video, &[video.0]).await?.is_empty())
}

/// Which of these ids have a row here.
pub async fn present(tx: &mut Tx, kind: Kind, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, StoreError> {
    let Some(table) = kind.table() else {
        return Ok(HashSet::new());
    };
    among(tx, &format!("SELECT id FROM {table} WHERE id IN ("), None, ids).await
}

async fn among(
    tx: &mut Tx,
    question: &str,
    kind: Option<Kind>,
    ids: &[ObjectId],
) -> Result<HashSet<ObjectId>, StoreError> {
    let mut found = HashSet::new();
    for some in ids.chunks(AT_ONCE) {
        let mut text = question.to_owned();
        let mut params: Vec<Val<'static>> = kind.map(|kind| Val::Int(kind.code())).into_iter().collect();
        many::any_of(&mut text, &mut params, some.iter().map(|id| Val::from(*id)));
        text.push(')');
        found.extend(tx.all(&text, &params, |row| row.id::<ObjectId>(0)).await?);
    }
    Ok(found)
}

/// Notes that a document was decided about.
pub async fn mark(tx: &mut Tx, kind: Kind, id: ObjectId, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO imports (kind, id, taken_at) VALUES ($1, $2, $3) ON CONFLICT (kind, id) DO NOTHING",
        &params![kind.code(), id, now],
    )
    .await?;
    Ok(())
}

/// What a file that is to come is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// The file of a video.
    Video,
    /// The poster of a video.
    Poster,
    /// The avatar of a user.
    Avatar,
    /// The cover of a user.
    Cover,
}

impl FileKind {
    /// All, in the order in which files are fetched.
    pub const ALL: [Self; 4] = [Self::Avatar, Self::Cover, Self::Poster, Self::Video];

    const fn code(self) -> i64 {
        match self {
            Self::Video => 0,
            Self::Poster => 1,
            Self::Avatar => 2,
            Self::Cover => 3,
        }
    }
}

/// A file that is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// What for.
    pub kind: FileKind,
    /// Of which video or user.
    pub id: ObjectId,
    /// Where it was.
    pub url: Option<String>,
    /// What the service that kept it calls it.
    pub public_id: Option<String>,
    /// Why it has not come, when it was tried.
    pub reason: Option<String>,
}

/// Notes a file that is to come.
pub async fn await_file(tx: &mut Tx, file: &FileRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO import_files (kind, id, url, public_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (kind, id) DO NOTHING",
        &params![
            file.kind.code(),
            file.id,
            file.url.as_deref(),
            file.public_id.as_deref()
        ],
    )
    .await?;
    Ok(())
}

/// Up to `limit` files of a kind that are to come, behind `after`, in order of id.
pub async fn awaited(
    tx: &mut Tx,
    kind: FileKind,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        "SELECT id, url, public_id, reason FROM import_files WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3",
        &params![kind.code(), after, limit],
        |row: &Row<'_>| {
            Ok(FileRow {
                kind,
                id: row.id(0)?,
                url: row.opt_text(1)?.map(ToOwned::to_owned),
                public_id: row.opt_text(2)?.map(ToOwned::to_owned),
                reason: row.opt_text(3)?.map(ToOwned::to_owned),
            })
        },
    )
    .await
}

/// How many files of a kind are to come. Counts them.
pub async fn count_awaited(tx: &mut Tx, kind: FileKind) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT count(*) FROM import_files WHERE kind = $1",
            &params![kind.code()],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// The file has come, or nobody wants it any more.
pub async fn forget_file(tx: &mut Tx, kind: FileKind, id: ObjectId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM import_files WHERE kind = $1 AND id = $2",
        &params![kind.code(), id],
    )
    .await?;
    Ok(())
}

/// A video or a user goes: nothing of theirs is to come any more, and where it was is nobody's business.
pub(crate) async fn forget_files(tx: &mut Tx, id: ObjectId) -> Result<(), StoreError> {
    for kind in FileKind::ALL {
        forget_file(tx, kind, id).await?;
    }
    Ok(())
}

/// Notes why a file has not come.
pub async fn save_reason(tx: &mut Tx, kind: FileKind, id: ObjectId, reason: &str) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE import_files SET reason = $1 WHERE kind = $2 AND id = $3",
        &params![reason, kind.code(), id],
    )
    .await?;
    Ok(())
}

/// What a video that was just added brings with it from before.
#[derive(Debug, Clone, Copy)]
pub struct Past {
    /// When it was first shown; the video is not announced as new when its file comes.
    pub published_at: Option<Millis>,
    /// When a shown field last changed.
    pub updated_at: Millis,
    /// Views that were counted there, as if at `viewed_at`.
    pub views: i64,
    /// When the views count as seen.
    pub viewed_at: Millis,
}

/// Writes what a video that was just added brings with it.
pub async fn carry_video(tx: &mut Tx, video: VideoId, owner: UserId, past: &Past) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE videos SET published_at = $1, updated_at = $2 WHERE id = $3",
        &params![past.published_at, past.updated_at, video],
    )
    .await?;
    if past.views > 0 {
        flush::carry_over(tx, video, owner, past.viewed_at, past.views).await?;
    }
    Ok(())
}

/// Writes when something that was just added last changed there.
pub async fn carry_time(tx: &mut Tx, kind: Kind, id: ObjectId, updated_at: Millis) -> Result<(), StoreError> {
    if let Some(table) = kind.table() {
        let sql = format!("UPDATE {table} SET updated_at = $1 WHERE id = $2 AND updated_at < $1");
        tx.exec(&sql, &params![updated_at, id]).await?;
    }
    Ok(())
}
