//! Playlists as rows: adding, changing, removing and listing them. What stands in them is [`entries`]; what lists
//! of them show of that, [`glance`].
//!
//! Who may see or change one is `app::playlists`.

pub mod entries;
pub mod glance;

use std::sync::LazyLock;

use model::moderation::{Kind as Subject, Target};
use model::playlists::Kind;
use model::videos::Visibility;
use model::{Millis, PlaylistId, UserId};

use crate::places::Start;
use crate::videos::Owner;
use crate::{Row, StoreError, Tx, params, takedowns};

/// One playlist with what is shown of its owner.
#[derive(Debug, Clone)]
pub struct PlaylistRow {
    /// Which.
    pub id: PlaylistId,
    /// Whose.
    pub owner_id: UserId,
    /// One line.
    pub name: String,
    /// Several lines.
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether its owner made it.
    pub kind: Kind,
    /// How many entries it has, whoever may see their videos.
    pub entries_count: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it or its entries last changed.
    pub updated_at: Millis,
    /// The owner as shown beside it.
    pub owner: Owner,
    /// How often the places of all its entries were changed at once; places from before mean nothing.
    pub spreads_count: i64,
}

const COLUMNS: &str = "l.id, l.owner_id, l.name, l.description, l.visibility, l.kind, l.entries_count, \
     l.created_at, l.updated_at, u.username, u.full_name, u.avatar_rev, u.subscribers_count, \
     l.spreads_count";

fn map(row: &Row<'_>) -> Result<PlaylistRow, StoreError> {
    Ok(PlaylistRow {
        id: row.id(0)?,
        owner_id: row.id(1)?,
        name: row.text(2)?.to_owned(),
        description: row.text(3)?.to_owned(),
        visibility: Visibility::from_code(row.int(4)?),
        kind: Kind::from_code(row.int(5)?),
        entries_count: row.int(6)?,
        created_at: row.millis(7)?,
        updated_at: row.millis(8)?,
        owner: Owner {
            username: row.text(9)?.to_owned(),
            full_name: row.text(10)?.to_owned(),
            avatar_rev: row.text(11)?.to_owned(),
            subscribers_count: row.int(12)?,
        },
        spreads_count: row.int(13)?,
    })
}

/// The playlist of this id; `None` also where it was taken down.
pub async fn find(tx: &mut Tx, id: PlaylistId) -> Result<Option<PlaylistRow>, StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM playlists l JOIN users u ON u.id = l.owner_id WHERE l.id = $1 \
             AND l.taken_down_at IS NULL"
        )
    });
    tx.one(&SQL, &params![id], map).await
}

/// Adds a playlist; `owner` is not read. Does nothing where it is there already.
pub async fn add(tx: &mut Tx, playlist: &PlaylistRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO playlists (id, owner_id, name, description, visibility, kind, entries_count, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
        &params![
            playlist.id,
            playlist.owner_id,
            &playlist.name,
            &playlist.description,
            playlist.visibility.code(),
            playlist.kind.code(),
            playlist.entries_count,
            playlist.created_at,
            playlist.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Writes what its owner edits.
pub async fn save(tx: &mut Tx, playlist: &PlaylistRow) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE playlists SET name = $1, description = $2, visibility = $3, updated_at = $4 WHERE id = $5",
        &params![
            &playlist.name,
            &playlist.description,
            playlist.visibility.code(),
            playlist.updated_at,
            playlist.id
        ],
    )
    .await?;
    Ok(())
}

/// Removes the playlist. Its entries stay behind: see [`entries::remove_some`].
pub async fn remove(tx: &mut Tx, id: PlaylistId) -> Result<(), StoreError> {
    let taken_down = tx
        .one(
            "DELETE FROM playlists WHERE id = $1 RETURNING taken_down_at IS NOT NULL",
            &params![id],
            |row| row.bool(0),
        )
        .await?;
    if taken_down == Some(true) {
        takedowns::remove(tx, Target::new(Subject::Playlist, id.0)).await?;
    }
    Ok(())
}

/// Hides a playlist from everyone (`Some`: since when), or shows it again; `None`: it is gone, or is a "Watch
/// later", which nobody else sees anyway. Tells whether that changed anything.
pub(crate) async fn take_down(
    tx: &mut Tx,
    id: PlaylistId,
    at: Option<Millis>,
) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT taken_down_at IS NOT NULL FROM playlists WHERE id = $1 AND kind = 0";
    let Some(taken_down) = tx.one(sql, &params![id], |row| row.bool(0)).await? else {
        return Ok(None);
    };
    if taken_down == at.is_some() {
        return Ok(Some(false));
    }
    tx.exec(
        "UPDATE playlists SET taken_down_at = $1 WHERE id = $2",
        &params![at, id],
    )
    .await?;
    Ok(Some(true))
}

/// How many playlists somebody made; counts no further than `most`.
pub async fn count(tx: &mut Tx, owner: UserId, most: i64) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM playlists WHERE owner_id = $1 AND kind = 0 LIMIT $2) AS found",
            &params![owner, most],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// What [`list`] asks, of all that somebody made or of what is public; public for the test of its plan.
pub fn list_statement(all: bool) -> &'static str {
    static ALL: LazyLock<String> = LazyLock::new(|| list_text("l.kind = 0 AND l.taken_down_at IS NULL"));
    static PUBLIC: LazyLock<String> =
        LazyLock::new(|| list_text("l.kind = 0 AND l.visibility = 0 AND l.taken_down_at IS NULL"));
    if all { &ALL } else { &PUBLIC }
}

fn list_text(which: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM (SELECT l.id AS id FROM playlists l WHERE {which} AND l.owner_id = $1 \
         AND (l.created_at, l.id) < ($2, $3) ORDER BY l.created_at DESC, l.id DESC LIMIT $4 OFFSET $5) p \
         JOIN playlists l ON l.id = p.id JOIN users u ON u.id = l.owner_id \
         ORDER BY l.created_at DESC, l.id DESC"
    )
}

/// Playlists that somebody made, newest first; only the public ones unless `all`.
pub async fn list(
    tx: &mut Tx,
    owner: UserId,
    all: bool,
    start: Start,
    limit: i64,
) -> Result<Vec<PlaylistRow>, StoreError> {
    let params = params![owner, start.after.at, start.after.id, limit, start.offset];
    tx.all(list_statement(all), &params, map).await
}

/// Some playlist of somebody, "Watch later" included; for their removal.
pub async fn any_of(tx: &mut Tx, owner: UserId) -> Result<Option<PlaylistId>, StoreError> {
    for kind in [Kind::Made, Kind::WatchLater] {
        let found = tx
            .one(
                match kind {
                    Kind::Made => "SELECT id FROM playlists WHERE owner_id = $1 AND kind = 0 LIMIT 1",
                    Kind::WatchLater => "SELECT id FROM playlists WHERE owner_id = $1 AND kind = 1 LIMIT 1",
                },
                &params![owner],
                |row| row.id(0),
            )
            .await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
