//! Videos, which come without their files at first, and playlists.

use std::collections::HashSet;

use import::Collection;
use import::rows::{self, Row};
use model::playlists::{self as playlist_rules, Kind as PlaylistKind, MOST_ENTRIES};
use model::videos::{self as rules, DESCRIPTION_CHARS, Status, TITLE_CHARS, Visibility};
use model::{ObjectId, PlaylistId, UserId, VideoId};
use store::imports::{self as marks, FileKind, Kind, Past};
use store::playlists::{self, PlaylistRow, entries};
use store::videos::{self, Owner, VideoRow};

use super::fitted::{Changes, fitted};
use super::people::file_row;
use super::{Entry, Outcome, Take, World};
use crate::error::Error;

const NO_OWNER: &str = "its owner is not there";
/// Videos of a playlist that are looked for; of these as many are kept as a playlist may have.
const MOST_LOOKED_FOR: usize = 20_000;

/// What its owner reads of a video whose file has not come.
pub(super) const NO_FILE_YET: &str = "The file of this video has not been brought over from the old site.";

pub(super) struct Videos;

impl Take for Videos {
    type Row = rows::Video;
    type Ready = ();
    const COLLECTION: Collection = Collection::Videos;
    const KIND: Kind = Kind::Video;

    fn read(row: &Row<'_>) -> rows::Video {
        row.video()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Video>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let row = &entry.row;
        if world.has(Kind::Video, entry.id).await? {
            return Ok(Some(Outcome::Known));
        }
        let Some(owner_id) = world.owner(row.owner).await? else {
            return Ok(Some(Outcome::Left(NO_OWNER)));
        };
        let mut changes = Changes::default();
        world.plan(Kind::Video, entry.id);
        let video = as_row(entry, owner_id, &mut changes);
        if world.dry {
            return Ok(Some(changes.outcome()));
        }
        videos::add(&mut world.tx, &video).await?;
        let past = Past {
            published_at: row.published.then_some(entry.times.created_at),
            updated_at: entry.times.updated_at,
            views: row.views,
            viewed_at: entry.times.created_at,
        };
        marks::carry_video(&mut world.tx, video.id, video.owner_id, &past).await?;
        for (kind, file) in [(FileKind::Video, &row.file), (FileKind::Poster, &row.thumbnail)] {
            if let Some(file) = file {
                marks::await_file(&mut world.tx, &file_row(kind, entry.id, file)).await?;
            }
        }
        Ok(Some(changes.outcome()))
    }
}

fn as_row(entry: &Entry<rows::Video>, owner_id: UserId, changes: &mut Changes) -> VideoRow {
    let row = &entry.row;
    let title = row
        .title
        .as_deref()
        .and_then(|title| fitted(title, TITLE_CHARS, rules::title));
    let title = if let Some((title, cut)) = title {
        if cut {
            changes.say("the title was cut");
        }
        title
    } else {
        changes.say("it has no title");
        "Untitled".to_owned()
    };
    let description = row.description.as_deref().unwrap_or_default();
    let description = match fitted(description, DESCRIPTION_CHARS, rules::description) {
        Some((text, cut)) => {
            if cut {
                changes.say("the description was cut");
            }
            text
        }
        None => String::new(),
    };
    let tags = rules::tags(&row.tags).unwrap_or_else(|_| {
        changes.say("some of its tags are left out");
        // Those that are tags by themselves, as many as there may be.
        let mut tags: Vec<String> = Vec::new();
        for tag in &row.tags {
            let mut with = tags.clone();
            with.extend(rules::tags(&[tag]).unwrap_or_default());
            tags = rules::tags(&with).unwrap_or(tags);
        }
        tags
    });
    if row.file.is_none() {
        changes.say("it names no file");
    }
    VideoRow {
        title,
        description,
        tags,
        visibility: if row.published {
            Visibility::Public
        } else {
            Visibility::Private
        },
        // Its owner can give it another file, or the next import brings the one it had.
        status: Status::Failed,
        status_reason: Some(NO_FILE_YET.to_owned()),
        duration_ms: row.duration_ms,
        ..VideoRow::new(VideoId(entry.id), owner_id, entry.times.created_at)
    }
}

pub(super) struct Playlists;

impl Take for Playlists {
    type Row = rows::Playlist;
    type Ready = ();
    const COLLECTION: Collection = Collection::Playlists;
    const KIND: Kind = Kind::Playlist;

    fn read(row: &Row<'_>) -> rows::Playlist {
        row.playlist()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Playlist>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let row = &entry.row;
        if world.has(Kind::Playlist, entry.id).await? {
            return Ok(Some(Outcome::Known));
        }
        let Some(owner_id) = world.owner(row.owner).await? else {
            return Ok(Some(Outcome::Left(NO_OWNER)));
        };
        let mut changes = Changes::default();
        let name = row.name.as_deref().unwrap_or_default();
        let name = fitted(name, playlist_rules::NAME_CHARS, playlist_rules::name);
        if name.as_ref().is_none_or(|(_, cut)| *cut) {
            changes.say("the name was cut");
        }
        let description = row.description.as_deref().unwrap_or_default();
        let description = fitted(
            description,
            playlist_rules::DESCRIPTION_CHARS,
            playlist_rules::description,
        );
        if description.as_ref().is_none_or(|(_, cut)| *cut) {
            changes.say("the description was cut");
        }
        let mut seen = HashSet::new();
        let wished: Vec<ObjectId> = row
            .videos
            .iter()
            .copied()
            .filter(|id| seen.insert(*id))
            .take(MOST_LOOKED_FOR)
            .collect();
        let there = world.having(Kind::Video, &wished).await?;
        let mut kept: Vec<ObjectId> = wished.iter().copied().filter(|id| there.contains(id)).collect();
        kept.truncate(usize::try_from(MOST_ENTRIES).unwrap_or(usize::MAX));
        if kept.len() < wished.len() || wished.len() == MOST_LOOKED_FOR || row.unreadable > 0 {
            changes.say("some of its videos are not there");
        }
        world.plan(Kind::Playlist, entry.id);
        if world.dry {
            return Ok(Some(changes.outcome()));
        }
        let id = PlaylistId(entry.id);
        playlists::add(
            &mut world.tx,
            &PlaylistRow {
                id,
                owner_id,
                name: name.map_or_else(|| "Untitled".to_owned(), |(name, _)| name),
                description: description.map(|(text, _)| text).unwrap_or_default(),
                // Where they came from, everyone could read every playlist.
                visibility: if row.public == Some(false) {
                    Visibility::Private
                } else {
                    Visibility::Public
                },
                kind: PlaylistKind::Made,
                entries_count: 0,
                spreads_count: 0,
                created_at: entry.times.created_at,
                updated_at: entry.times.created_at,
                owner: Owner::default(),
            },
        )
        .await?;
        for video in kept {
            entries::add(&mut world.tx, id, VideoId(video), entry.times.created_at).await?;
        }
        marks::carry_time(&mut world.tx, Kind::Playlist, entry.id, entry.times.updated_at).await?;
        Ok(Some(changes.outcome()))
    }
}
