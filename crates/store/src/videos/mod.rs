//! Videos as rows: adding, changing and removing them, with every counter, tag and search word that
//! follows from a change kept in the same transaction. Lists are in [`list`].
//!
//! Who may see or change a video is `app::videos`; what lies in its files, `media`.

pub mod list;

use std::fmt::Write;
use std::sync::LazyLock;

use model::moderation::{Kind, Target};
use model::videos::{Status, Streaming, Visibility};
use model::webhooks::Event;
use model::{Millis, UserId, VideoId};
use serde::{Deserialize, Serialize};

use crate::{
    Row, StoreError, Tx, Val, channel_posts, conversation, counters, imports, params, search, site,
    takedowns, trending, users, webhooks,
};

/// One video with what its page shows of its owner.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a column of its own; they vary independently"
)]
pub struct VideoRow {
    /// Which.
    pub id: VideoId,
    /// Whose.
    pub owner_id: UserId,
    /// One line.
    pub title: String,
    /// Up to 10,000 characters.
    pub description: String,
    /// In the order the owner gave.
    pub tags: Vec<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Grows with each change of who may see it; media links carry it.
    pub access_rev: i64,
    /// Where it is on its way.
    pub status: Status,
    /// Why it was rejected or failed, for its owner.
    pub status_reason: Option<String>,
    /// How far processing is, 0 to 1.
    pub progress: f64,
    /// Something of it can be played by all who may see it.
    pub watchable: bool,
    /// Public, watchable and not taken down. Derived by [`save`]; changing it by hand has no effect.
    pub listed: bool,
    /// Length.
    pub duration_ms: i64,
    /// Pixels across, as shown.
    pub width: i64,
    /// Pixels down, as shown.
    pub height: i64,
    /// Object key of the original, while it is kept.
    pub source_key: Option<String>,
    /// Media type of the original.
    pub source_type: String,
    /// Size of the original.
    pub source_bytes: i64,
    /// BLAKE3 of the original as it came in.
    pub source_hash: Option<Vec<u8>>,
    /// What the owner's machine called the file; shown, never used as a path.
    pub source_name: String,
    /// The original may be sent to viewers.
    pub source_public: bool,
    /// Object key of a muxed MP4 made for progressive playing, when the original cannot serve.
    pub progressive_key: Option<String>,
    /// Its size.
    pub progressive_bytes: i64,
    /// Names the poster files.
    pub thumbnail_rev: Option<String>,
    /// The poster was chosen by the owner; processing leaves it alone.
    pub thumbnail_custom: bool,
    /// Counted views.
    pub views: i64,
    /// Likes.
    pub likes_count: i64,
    /// Comments.
    pub comments_count: i64,
    /// When it was uploaded.
    pub created_at: Millis,
    /// When a shown field last changed.
    pub updated_at: Millis,
    /// When it was first listed.
    pub published_at: Option<Millis>,
    /// The owner as shown beside it.
    pub owner: Owner,
    /// How far it can be streamed, so which manifests exist.
    pub streaming: Streaming,
    /// Which making of renditions is shown; a replaced file counts up.
    pub media_gen: i64,
    /// Whether the original stays after processing; `None`: as the instance is set up.
    pub keep_original: Option<bool>,
    /// Bytes of the original, of all that was made of it, and of the subtitle tracks. Pictures do not count:
    /// there are few of them, and small.
    pub stored_bytes: i64,
    /// Subtitle tracks, by language.
    pub captions: Vec<CaptionTrack>,
    /// Names the storyboard's files, once there is one.
    pub storyboard_rev: Option<String>,
    /// When a moderator took it down, while that holds.
    pub taken_down_at: Option<Millis>,
    /// Why, for its owner. Kept beside the video; [`save`] does not write it.
    pub taken_down_reason: Option<String>,
}

/// One subtitle track as shown beside a video; its text is an object of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionTrack {
    /// BCP 47 language, lower case, such as `en` or `pt-br`.
    pub language: String,
    /// What a menu shows.
    pub label: String,
    /// Names the file; a replaced track gets another.
    pub rev: String,
    /// Size of the file; part of the video's `stored_bytes`.
    #[serde(default)]
    pub bytes: i64,
}

impl VideoRow {
    /// A public video of this owner, made at this time, of which nothing is there yet: no words, no file, no counts.
    pub fn new(id: VideoId, owner_id: UserId, now: Millis) -> Self {
        Self {
            id,
            owner_id,
            title: String::new(),
            description: String::new(),
            tags: Vec::new(),
            visibility: Visibility::Public,
            access_rev: 0,
            status: Status::Processing,
            status_reason: None,
            progress: 0.0,
            watchable: false,
            listed: false,
            duration_ms: 0,
            width: 0,
            height: 0,
            source_key: None,
            source_type: "video/mp4".to_owned(),
            source_bytes: 0,
            source_hash: None,
            source_name: String::new(),
            source_public: false,
            progressive_key: None,
            progressive_bytes: 0,
            thumbnail_rev: None,
            thumbnail_custom: false,
            views: 0,
            likes_count: 0,
            comments_count: 0,
            created_at: now,
            updated_at: now,
            published_at: None,
            owner: Owner::default(),
            streaming: Streaming::None,
            media_gen: 0,
            keep_original: None,
            stored_bytes: 0,
            captions: Vec::new(),
            storyboard_rev: None,
            taken_down_at: None,
            taken_down_reason: None,
        }
    }

    /// Bytes of all subtitle tracks.
    pub fn captions_bytes(&self) -> i64 {
        self.captions.iter().map(|track| track.bytes).sum()
    }
}

/// A channel as shown beside its things.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    /// Handle.
    pub username: String,
    /// Shown name.
    pub full_name: String,
    /// Names the avatar files.
    pub avatar_rev: String,
    /// How many follow it.
    pub subscribers_count: i64,
}

pub(crate) const COLUMNS: &str = "v.id, v.owner_id, v.title, v.description, v.tags, v.visibility, v.access_rev, \
     v.status, v.status_reason, v.progress, v.watchable, v.listed, v.duration_ms, v.width, v.height, \
     v.source_key, v.source_type, v.source_bytes, v.source_hash, v.source_name, v.source_public, \
     v.progressive_key, v.progressive_bytes, v.thumbnail_rev, v.thumbnail_custom, v.views, v.likes_count, \
     v.comments_count, v.created_at, v.updated_at, v.published_at, u.username, u.full_name, u.avatar_rev, \
     u.subscribers_count, \
     v.streaming, v.media_gen, v.keep_original, v.stored_bytes, v.captions, v.storyboard_rev, v.taken_down_at, \
     CASE WHEN v.taken_down_at IS NOT NULL THEN (SELECT d.reason FROM takedowns d WHERE d.kind = 0 \
     AND d.target_id = v.id) END";

/// How many columns [`COLUMNS`] has: what stands behind them begins here.
pub(crate) const COLUMNS_COUNT: usize = 43;

pub(crate) fn map(row: &Row<'_>) -> Result<VideoRow, StoreError> {
    Ok(VideoRow {
        id: row.id(0)?,
        owner_id: row.id(1)?,
        title: row.text(2)?.to_owned(),
        description: row.text(3)?.to_owned(),
        tags: tags_from_column(row.text(4)?),
        visibility: Visibility::from_code(row.int(5)?),
        access_rev: row.int(6)?,
        status: Status::from_code(row.int(7)?),
        status_reason: row.opt_text(8)?.map(ToOwned::to_owned),
        progress: row.real(9)?,
        watchable: row.bool(10)?,
        listed: row.bool(11)?,
        duration_ms: row.int(12)?,
        width: row.int(13)?,
        height: row.int(14)?,
        source_key: row.opt_text(15)?.map(ToOwned::to_owned),
        source_type: row.text(16)?.to_owned(),
        source_bytes: row.int(17)?,
        source_hash: row.opt_blob(18)?.map(<[u8]>::to_vec),
        source_name: row.text(19)?.to_owned(),
        source_public: row.bool(20)?,
        progressive_key: row.opt_text(21)?.map(ToOwned::to_owned),
        progressive_bytes: row.int(22)?,
        thumbnail_rev: row.opt_text(23)?.map(ToOwned::to_owned),
        thumbnail_custom: row.bool(24)?,
        views: row.int(25)?,
        likes_count: row.int(26)?,
        comments_count: row.int(27)?,
        created_at: row.millis(28)?,
        updated_at: row.millis(29)?,
        published_at: row.opt_millis(30)?,
        owner: Owner {
            username: row.text(31)?.to_owned(),
            full_name: row.text(32)?.to_owned(),
            avatar_rev: row.text(33)?.to_owned(),
            subscribers_count: row.int(34)?,
        },
        streaming: Streaming::from_code(row.int(35)?),
        media_gen: row.int(36)?,
        keep_original: row.opt_int(37)?.map(|kept| kept != 0),
        stored_bytes: row.int(38)?,
        captions: captions_from_column(row.text(39)?),
        storyboard_rev: row.opt_text(40)?.map(ToOwned::to_owned),
        taken_down_at: row.opt_millis(41)?,
        taken_down_reason: row.opt_text(42)?.map(ToOwned::to_owned),
    })
}

/// Most videos have no tags; their column is not worth a parser.
fn tags_from_column(json: &str) -> Vec<String> {
    if json == "[]" {
        Vec::new()
    } else {
        serde_json::from_str(json).unwrap_or_default()
    }
}

/// Most videos have no captions either.
fn captions_from_column(json: &str) -> Vec<CaptionTrack> {
    if json == "[]" {
        Vec::new()
    } else {
        serde_json::from_str(json).unwrap_or_default()
    }
}

fn captions_to_column(captions: &[CaptionTrack]) -> String {
    serde_json::to_string(captions).unwrap_or_else(|_| "[]".to_owned())
}

fn tags_to_column(tags: &[String]) -> String {
    serde_json::to_string(tags).unwrap_or_else(|_| "[]".to_owned())
}

/// The video of this id.
pub async fn find(tx: &mut Tx, id: VideoId) -> Result<Option<VideoRow>, StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM videos v JOIN users u ON u.id = v.owner_id WHERE v.id = $1")
    });
    tx.one(&SQL, &params![id], map).await
}

/// The earliest video that this person has of the same bytes (`hash`: BLAKE3) and that is or may become
/// watchable.
pub async fn find_by_hash(tx: &mut Tx, owner: UserId, hash: &[u8]) -> Result<Option<VideoId>, StoreError> {
    tx.one(
        "SELECT id FROM videos WHERE owner_id = $1 AND source_hash = $2 AND status IN ($3, $4) \
         ORDER BY created_at, id LIMIT 1",
        &params![owner, hash, Status::Processing.code(), Status::Ready.code()],
        |row| row.id(0),
    )
    .await
}

/// Whose the video of this id is, and whether lists show it.
pub async fn ownership(tx: &mut Tx, id: VideoId) -> Result<Option<(UserId, bool)>, StoreError> {
    tx.one(
        "SELECT owner_id, listed FROM videos WHERE id = $1",
        &params![id],
        |row| Ok((row.id(0)?, row.bool(1)?)),
    )
    .await
}

/// Adds a video, with its counters, tags and search words. `owner` is not read.
pub async fn add(tx: &mut Tx, video: &VideoRow) -> Result<(), StoreError> {
    let listed = is_listed(video);
    let published_at = if listed { Some(video.created_at) } else { None };
    tx.exec(
        "INSERT INTO videos (id, owner_id, title, description, tags, visibility, access_rev, status, \
         status_reason, progress, watchable, listed, duration_ms, width, height, source_key, source_type, \
         source_bytes, source_hash, source_name, source_public, thumbnail_rev, thumbnail_custom, created_at, \
         updated_at, published_at, streaming, media_gen, keep_original, stored_bytes, captions, storyboard_rev) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
         $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
        &params![
            video.id,
            video.owner_id,
            &video.title,
            &video.description,
            tags_to_column(&video.tags),
            video.visibility.code(),
            video.access_rev,
            video.status.code(),
            video.status_reason.as_deref(),
            video.progress,
            video.watchable,
            listed,
            video.duration_ms,
            video.width,
            video.height,
            video.source_key.as_deref(),
            &video.source_type,
            video.source_bytes,
            video.source_hash.as_deref(),
            &video.source_name,
            video.source_public,
            video.thumbnail_rev.as_deref(),
            video.thumbnail_custom,
            video.created_at,
            video.updated_at,
            published_at,
            video.streaming.code(),
            video.media_gen,
            video.keep_original,
            video.stored_bytes,
            captions_to_column(&video.captions),
            video.storyboard_rev.as_deref()
        ],
    )
    .await?;
    users::count_videos(tx, video.owner_id, i64::from(listed), 1, video.stored_bytes).await?;
    site::add(tx, site::Metric::Videos, site::NOW, 1)?;
    site::add(tx, site::Metric::NewVideos, site::day_of(video.created_at), 1)?;
    site::count_stored(tx, None, Some(video))?;
    if listed {
        counters::add(tx, counters::LISTED_VIDEOS, 1).await?;
        post(tx, video, published_at).await?;
        webhooks::note(
            tx,
            video.owner_id,
            Event::VideoPublished,
            video.id.0,
            video.created_at,
        )
        .await?;
    }
    save_tags(tx, video, listed).await?;
    search::videos::add(tx, video, listed).await
}

/// Writes a changed video over `before`, the row as it was read in this transaction, and moves
/// whatever hangs on the difference: lists, counters, tags, search words, the time of publication.
/// Counters (`views`, `likes_count`, `comments_count`) are left to those who count. Returns the row as
/// it stands now.
pub async fn save(tx: &mut Tx, before: &VideoRow, mut after: VideoRow) -> Result<VideoRow, StoreError> {
    after.listed = is_listed(&after);
    if after.visibility != before.visibility || after.taken_down_at != before.taken_down_at {
        after.access_rev = before.access_rev + 1;
    }
    if after.listed && after.published_at.is_none() {
        after.published_at = Some(after.updated_at);
    }
    let (text, values) = update(before, &after);
    tx.exec(&text, &values).await?;
    let step = i64::from(after.listed) - i64::from(before.listed);
    let grown_bytes = after.stored_bytes - before.stored_bytes;
    site::count_stored(tx, Some(before), Some(&after))?;
    if step != 0 || grown_bytes != 0 {
        users::count_videos(tx, after.owner_id, step, 0, grown_bytes).await?;
    }
    if step != 0 {
        counters::add(tx, counters::LISTED_VIDEOS, step).await?;
        if after.listed {
            post(tx, &after, after.published_at).await?;
            if before.published_at.is_none() {
                let now = after.updated_at;
                webhooks::note(tx, after.owner_id, Event::VideoPublished, after.id.0, now).await?;
            }
        } else {
            channel_posts::remove(tx, after.id.as_bytes()).await?;
            trending::remove(tx, after.id).await?;
        }
    }
    if after.tags != before.tags {
        tx.exec("DELETE FROM video_tags WHERE video_id = $1", &params![after.id])
            .await?;
        save_tags(tx, &after, after.listed).await?;
    } else if after.listed != before.listed {
        tx.exec(
            "UPDATE video_tags SET listed = $1 WHERE video_id = $2",
            &params![after.listed, after.id],
        )
        .await?;
    }
    search::videos::save(tx, before, &after).await?;
    Ok(after)
}

/// Columns of a video that change together, and the values that a row has in them.
type Columns = (&'static [&'static str], for<'a> fn(&'a VideoRow) -> Vec<Val<'a>>);

/// All columns that [`save`] may change, but the time of the change.
const CHANGING: [Columns; 8] = [
    (&["title"], |video| params![&video.title].to_vec()),
    (&["description"], |video| params![&video.description].to_vec()),
    (&["tags"], |video| params![tags_to_column(&video.tags)].to_vec()),
    (
        &[
            "visibility",
            "access_rev",
            "status",
            "status_reason",
            "progress",
            "watchable",
            "listed",
            "published_at",
            "taken_down_at",
        ],
        |video| {
            params![
                video.visibility.code(),
                video.access_rev,
                video.status.code(),
                video.status_reason.as_deref(),
                video.progress,
                video.watchable,
                video.listed,
                video.published_at,
                video.taken_down_at
            ]
            .to_vec()
        },
    ),
    (
        &[
            "duration_ms",
            "width",
            "height",
            "source_key",
            "source_type",
            "source_bytes",
            "source_hash",
            "source_name",
            "source_public",
            "progressive_key",
            "progressive_bytes",
            "streaming",
            "media_gen",
            "keep_original",
            "stored_bytes",
        ],
        |video| {
            params![
                video.duration_ms,
                video.width,
                video.height,
                video.source_key.as_deref(),
                &video.source_type,
                video.source_bytes,
                video.source_hash.as_deref(),
                &video.source_name,
                video.source_public,
                video.progressive_key.as_deref(),
                video.progressive_bytes,
                video.streaming.code(),
                video.media_gen,
                video.keep_original,
                video.stored_bytes
            ]
            .to_vec()
        },
    ),
    (&["thumbnail_rev", "thumbnail_custom"], |video| {
        params![video.thumbnail_rev.as_deref(), video.thumbnail_custom].to_vec()
    }),
    (&["captions"], |video| {
        params![captions_to_column(&video.captions)].to_vec()
    }),
    (&["storyboard_rev"], |video| {
        params![video.storyboard_rev.as_deref()].to_vec()
    }),
];

/// The statement that turns `before` into `after`, and its values. Columns that stay as they are do
/// not stand in it: the engine writes every index anew whose columns do. Columns go by groups, so
/// that there are few texts to keep prepared.
fn update<'a>(before: &'a VideoRow, after: &'a VideoRow) -> (String, Vec<Val<'a>>) {
    let mut text = "UPDATE videos SET updated_at = $1".to_owned();
    let mut values = params![after.updated_at].to_vec();
    for (columns, values_of) in CHANGING {
        let new = values_of(after);
        if new != values_of(before) {
            for (column, value) in columns.iter().zip(new) {
                values.push(value);
                // Writing into a string cannot fail.
                let _ = write!(text, ", {column} = ${}", values.len());
            }
        }
    }
    values.push(Val::from(after.id));
    let _ = write!(text, " WHERE id = ${}", values.len());
    (text, values)
}

/// Notes how far processing is (0 to 1). Shown only; nothing depends on it.
pub async fn save_progress(tx: &mut Tx, id: VideoId, progress: f64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE videos SET progress = $1 WHERE id = $2",
        &params![progress, id],
    )
    .await?;
    Ok(())
}

/// Removes a video and all that hangs on it but its bytes; `video` is the row as read in this transaction.
pub async fn remove(tx: &mut Tx, video: &VideoRow) -> Result<(), StoreError> {
    search::videos::remove(tx, video).await?;
    imports::forget_files(tx, video.id.0).await?;
    tx.exec("DELETE FROM videos WHERE id = $1", &params![video.id])
        .await?;
    users::count_videos(
        tx,
        video.owner_id,
        -i64::from(video.listed),
        -1,
        -video.stored_bytes,
    )
    .await?;
    site::add(tx, site::Metric::Videos, site::NOW, -1)?;
    site::count_stored(tx, Some(video), None)?;
    if video.listed {
        counters::add(tx, counters::LISTED_VIDEOS, -1).await?;
        channel_posts::remove(tx, video.id.as_bytes()).await?;
        trending::remove(tx, video.id).await?;
    }
    if video.taken_down_at.is_some() {
        takedowns::remove(tx, Target::new(Kind::Video, video.id.0)).await?;
    }
    conversation::forget_received(tx, video).await
}

/// Which of `ids` exist. For sweeps that compare rows with files.
pub async fn exists(tx: &mut Tx, id: VideoId) -> Result<bool, StoreError> {
    Ok(tx
        .one("SELECT 1 FROM videos WHERE id = $1", &params![id], |row| {
            row.int(0)
        })
        .await?
        .is_some())
}

fn is_listed(video: &VideoRow) -> bool {
    video.visibility == Visibility::Public && video.watchable && video.taken_down_at.is_none()
}

/// Tells the followers of its channel, and lets it become known; a video that is listed again stands where it first
/// stood.
async fn post(tx: &mut Tx, video: &VideoRow, published_at: Option<Millis>) -> Result<(), StoreError> {
    trending::add(tx, video, published_at.unwrap_or(video.created_at)).await?;
    channel_posts::add(
        tx,
        video.id.as_bytes(),
        video.owner_id,
        channel_posts::Kind::Video,
        published_at.unwrap_or(video.created_at),
    )
    .await
}

async fn save_tags(tx: &mut Tx, video: &VideoRow, listed: bool) -> Result<(), StoreError> {
    for tag in &video.tags {
        tx.exec(
            "INSERT INTO video_tags (tag, video_id, listed, created_at) VALUES ($1, $2, $3, $4)",
            &params![tag, video.id, listed, video.created_at],
        )
        .await?;
    }
    Ok(())
}
