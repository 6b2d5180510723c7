//! What goes into an export, section by section. Rows are read a page at a time, each page by a statement of its
//! own, so that nothing is held while somebody else wants to write; what changes meanwhile may be in or not.

use model::users::Role;
use model::{ExportId, ObjectId, UserId};
use objects::{Key, Staged};
use store::exports::content::{self, About, Mark};
use store::held::{self, Scope};
use store::places::Place;
use store::users::UserRow;
use store::videos::VideoRow;
use store::{Tx, likes, notifications, push, renditions, users, videos, webhooks};

use super::archive::Archive;
use super::{AVATAR_FILE, COVER_FILE, captions_file, shapes};
use crate::captions;
use crate::jobs::{JobError, Running};
use crate::pictures;
use crate::push::MOST_BROWSERS;
use crate::sessions::{Actor, Viewer};
use crate::videos::may_see_standing;

/// Rows read at once.
const PAGE: i64 = 200;
/// Videos read at once; each brings its renditions.
const VIDEOS: i64 = 50;
/// Files of captions: the list of an archive's files is kept in memory until its end.
const MOST_CAPTIONS: usize = 100_000;
/// Entries of a playlist, more than it may have.
const MOST_ENTRIES: usize = 10_000;
/// What a person is told about the archive.
const README: &str = include_str!("readme.txt");
/// Steps that progress is counted by.
const STEPS: f64 = 16.0;

/// Writes a file with an array of what a person has: pages of `$page` one behind the other from `$start` on, of each
/// row what `$shape` makes of it, and nothing where that is `None`. `$place` is where the next page begins.
macro_rules! array {
    ($self:ident, $file:literal, $page:path, $start:expr, |$row:ident| $shape:expr, $place:expr) => {{
        let mut items = $self.archive.array($file)?;
        let mut after = $start;
        loop {
            let page = $page(&mut $self.read(), $self.user, after, PAGE).await?;
            for $row in &page {
                if let Some(shape) = $shape {
                    $self.archive.item(&mut items, &shape).await?;
                }
            }
            match page.last() {
                Some($row) => after = $place,
                None => return $self.archive.end_array(items).await,
            }
        }
    }};
}

/// What is written, for whom, and how far it is.
struct Writer<'a> {
    running: &'a Running,
    archive: Archive<'a>,
    user: UserId,
    /// As whom other people's videos are looked at: nobody takes with them what they see as a moderator.
    viewer: Viewer,
    done: f64,
}

/// Writes everything of `user`; the file is not yet in its place. `None`: they are gone.
pub(crate) async fn write(
    running: &Running,
    export: ExportId,
    user: UserId,
) -> Result<Option<Staged>, JobError> {
    let core = &running.app.core;
    let Some(row) = users::find(&mut core.store.read(), user).await? else {
        return Ok(None);
    };
    let viewer = Some(Actor {
        user_id: user,
        session_id: model::SessionId(ObjectId([0; 12])),
        role: Role::User,
    });
    let mut writer = Writer {
        running,
        archive: Archive::begin(running).await?,
        user,
        viewer,
        done: 0.0,
    };
    writer.archive.file("README.txt", README.as_bytes()).await?;
    writer.profile(export, &row).await?;
    writer.videos().await?;
    writer.captions().await?;
    writer.comments().await?;
    writer.held_comments().await?;
    writer.comment_settings().await?;
    writer.tweets().await?;
    writer.likes().await?;
    writer.subscriptions().await?;
    writer.playlists().await?;
    writer.history().await?;
    writer.notification_settings().await?;
    writer.webhooks().await?;
    writer.push_subscriptions().await?;
    writer.blocks().await?;
    writer.reports().await?;
    writer.sessions().await?;
    writer.archive.finish().await.map(Some)
}

impl Writer<'_> {
    fn read(&self) -> Tx {
        self.running.app.core.store.read()
    }

    /// Tells what comes next, and how far that is.
    fn step(&mut self, what: &'static str) {
        self.running.step(what);
        self.running.progress(self.done / STEPS);
        self.done += 1.0;
    }

    /// The title of a video that the person may see.
    fn title<'t>(&self, about: Option<&'t About>) -> Option<&'t str> {
        about
            .filter(|about| may_see_standing(&about.standing, &self.viewer))
            .map(|about| about.title.as_str())
    }

    /// The bytes of a small file of ours, while it is there.
    async fn bytes(&self, key: &str, most: u64) -> Result<Option<bytes::Bytes>, JobError> {
        let key = Key::parse(key).map_err(|error| JobError::GiveUp(error.to_string()))?;
        Ok(self.running.app.core.objects.get(&key, 0..most).await?)
    }

    async fn profile(&mut self, export: ExportId, user: &UserRow) -> Result<(), JobError> {
        self.step("profile");
        let now = self.running.app.core.clock.now();
        let profile = shapes::Profile::of(user, export, now);
        self.archive.json("profile.json", &profile).await?;
        let folder = pictures::user_folder(self.user);
        let avatar = format!(
            "{folder}/avatar-{}-{}.jpg",
            user.avatar_rev,
            pictures::AVATAR_SIZES[0]
        );
        self.picture(AVATAR_FILE, &avatar).await?;
        if let Some(rev) = &user.cover_rev {
            let cover = format!("{folder}/cover-{rev}-{}.jpg", pictures::COVER_WIDTHS[0]);
            self.picture(COVER_FILE, &cover).await?;
        }
        Ok(())
    }

    async fn picture(&mut self, name: &str, key: &str) -> Result<(), JobError> {
        let most = pictures::MAX_PICTURE_BYTES as u64;
        if let Some(bytes) = self.bytes(key, most).await? {
            self.archive.file(name, &bytes).await?;
        }
        Ok(())
    }

    /// The next videos behind a place, and where they end.
    async fn some_videos(
        &self,
        after: Option<(model::Millis, model::VideoId)>,
    ) -> Result<(Vec<VideoRow>, Option<(model::Millis, model::VideoId)>), JobError> {
        let mut tx = self.read();
        let ids = videos::list::ids_of(&mut tx, self.user, after, VIDEOS).await?;
        let mut found = Vec::with_capacity(ids.len());
        for (_, id) in &ids {
            found.extend(videos::find(&mut tx, *id).await?);
        }
        Ok((found, ids.last().copied()))
    }

    async fn videos(&mut self) -> Result<(), JobError> {
        self.step("videos");
        let mut items = self.archive.array("videos.json")?;
        let mut after = None;
        loop {
            let (page, last) = self.some_videos(after).await?;
            for video in &page {
                let rows = renditions::list(&mut self.read(), video.id, video.media_gen).await?;
                let shape = shapes::Video::of(&self.running.app.core, video, &rows);
                self.archive.item(&mut items, &shape).await?;
            }
            if last.is_none() {
                return self.archive.end_array(items).await;
            }
            after = last;
        }
    }

    async fn captions(&mut self) -> Result<(), JobError> {
        self.step("captions");
        let (mut after, mut files) = (None, 0);
        loop {
            let (page, last) = self.some_videos(after).await?;
            for video in &page {
                for track in &video.captions {
                    if files == MOST_CAPTIONS {
                        return Ok(());
                    }
                    let key = captions::object_key(video.id, track);
                    // What we keep is rebuilt and can be somewhat longer than what was sent.
                    let most = 4 * captions::MAX_BYTES as u64;
                    if let Some(bytes) = self.bytes(&key, most).await? {
                        let name = captions_file(video.id, &track.language);
                        self.archive.file(&name, &bytes).await?;
                        files += 1;
                    }
                }
            }
            if last.is_none() {
                return Ok(());
            }
            after = last;
        }
    }

    async fn comments(&mut self) -> Result<(), JobError> {
        self.step("comments");
        let start = ObjectId([0; 12]);
        array!(
            self,
            "comments.json",
            content::comments,
            start,
            |row| {
                let title = self.title(row.about.as_ref());
                Some(shapes::Comment {
                    id: row.id,
                    content: &row.content,
                    video: title.map(|_| row.video_id),
                    video_title: title,
                    parent: row.parent_id,
                    likes_count: row.likes_count,
                    replies_count: row.replies_count,
                    taken_down: row.taken_down.then_some(true),
                    edited_at: row.edited_at,
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                })
            },
            row.id.0
        )
    }

    async fn held_comments(&mut self) -> Result<(), JobError> {
        self.step("held comments");
        let mut items = self.archive.array("held-comments.json")?;
        let mut after = Place::TOP;
        loop {
            let page = held::list(&mut self.read(), Scope::Author(self.user), after, PAGE).await?;
            for row in &page {
                let standing = likes::standing(&mut self.read(), row.comment.video_id).await?;
                let is_seen = standing.is_some_and(|standing| may_see_standing(&standing, &self.viewer));
                let shape = shapes::HeldComment {
                    id: row.comment.id,
                    content: &row.comment.content,
                    video: is_seen.then_some(row.comment.video_id),
                    parent: row.comment.parent_id,
                    is_edit: row.is_edit,
                    created_at: row.comment.created_at,
                };
                self.archive.item(&mut items, &shape).await?;
            }
            match page.last() {
                Some(last) => after = Place::new(last.comment.created_at, last.comment.id.0),
                None => return self.archive.end_array(items).await,
            }
        }
    }

    async fn comment_settings(&mut self) -> Result<(), JobError> {
        let settings = held::settings(&mut self.read(), self.user).await?;
        let shape = shapes::CommentSettings {
            approval: settings.approval.name(),
            blocked_words: settings.blocked,
        };
        self.archive.json("comment-settings.json", &shape).await
    }

    async fn tweets(&mut self) -> Result<(), JobError> {
        self.step("tweets");
        array!(
            self,
            "tweets.json",
            content::tweets,
            Mark::START,
            |row| {
                let title = self.title(row.about.as_ref());
                Some(shapes::Tweet {
                    id: row.id,
                    content: &row.content,
                    video: row.video_id.filter(|_| title.is_some()),
                    video_title: title,
                    video_at: title.and(row.video_at_ms).map(|ms| ms as f64 / 1000.0),
                    likes_count: row.likes_count,
                    taken_down: row.taken_down.then_some(true),
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                })
            },
            Mark::new(row.created_at, row.id.0)
        )
    }

    async fn likes(&mut self) -> Result<(), JobError> {
        self.step("likes");
        let start = (-1, Mark::START);
        array!(
            self,
            "likes.json",
            content::likes,
            start,
            |row| {
                let title = self.title(row.about.as_ref());
                let is_shown = match row.kind {
                    0 => title.is_some(),
                    1 => row.is_shown && title.is_some(),
                    _ => row.is_shown,
                };
                let named = |kind| (row.kind == kind).then_some(row.target_id);
                is_shown.then(|| shapes::Like {
                    id: row.id,
                    video: named(0),
                    comment: named(1),
                    tweet: named(2),
                    video_title: title,
                    created_at: row.created_at,
                })
            },
            (row.kind, Mark::new(row.created_at, row.id.0))
        )
    }

    async fn subscriptions(&mut self) -> Result<(), JobError> {
        self.step("subscriptions");
        array!(
            self,
            "subscriptions.json",
            content::subscriptions,
            Mark::START,
            |row| {
                Some(shapes::Subscription {
                    id: row.id,
                    channel: shapes::Other {
                        id: row.channel_id,
                        username: &row.username,
                        full_name: &row.full_name,
                    },
                    created_at: row.created_at,
                })
            },
            Mark::new(row.created_at, row.id.0)
        )
    }

    async fn playlists(&mut self) -> Result<(), JobError> {
        self.step("playlists");
        let mut items = self.archive.array("playlists.json")?;
        if let Some(row) = content::watch_later(&mut self.read(), self.user).await? {
            let shape = self.playlist(&row).await?;
            self.archive.item(&mut items, &shape).await?;
        }
        let mut after = Mark::START;
        loop {
            let page = content::playlists(&mut self.read(), self.user, after, PAGE).await?;
            for row in &page {
                let shape = self.playlist(row).await?;
                self.archive.item(&mut items, &shape).await?;
            }
            let Some(last) = page.last() else {
                return self.archive.end_array(items).await;
            };
            after = Mark::new(last.created_at, last.id.0);
        }
    }

    async fn playlist<'r>(&self, row: &'r content::Playlist) -> Result<shapes::Playlist<'r>, JobError> {
        let mut shape = shapes::Playlist {
            id: row.id,
            name: &row.name,
            description: &row.description,
            visibility: row.visibility,
            is_watch_later: row.kind == 1,
            taken_down: row.taken_down.then_some(true),
            created_at: row.created_at,
            updated_at: row.updated_at,
            videos: Vec::new(),
        };
        let mut after = i64::MIN;
        while shape.videos.len() < MOST_ENTRIES {
            let page = content::entries(&mut self.read(), row.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for entry in &page {
                if let Some(title) = self.title(entry.about.as_ref()) {
                    shape.videos.push(shapes::Entry {
                        video: entry.video_id,
                        title: title.to_owned(),
                        added_at: entry.added_at,
                    });
                }
            }
        }
        Ok(shape)
    }

    async fn history(&mut self) -> Result<(), JobError> {
        self.step("history");
        array!(
            self,
            "history.json",
            content::history,
            Mark::START,
            |row| {
                self.title(row.about.as_ref()).map(|title| shapes::Watched {
                    video: row.video_id,
                    title,
                    watched_at: row.at,
                    resume_at: row.position_ms as f64 / 1000.0,
                })
            },
            Mark::new(row.at, row.video_id.0)
        )
    }

    async fn notification_settings(&mut self) -> Result<(), JobError> {
        use model::notifications::Kind;

        self.step("settings");
        let settings = notifications::settings(&mut self.read(), self.user).await?;
        let mut wanted = serde_json::Map::new();
        for kind in Kind::ALL {
            if let Ok(serde_json::Value::String(name)) = serde_json::to_value(kind) {
                wanted.insert(name, settings.muted.wants(kind).into());
            }
        }
        self.archive.json("notification-settings.json", &wanted).await
    }

    /// They are few: ten at most.
    async fn webhooks(&mut self) -> Result<(), JobError> {
        self.step("webhooks");
        let rows = webhooks::list(&mut self.read(), self.user, model::webhooks::MOST).await?;
        let shapes: Vec<shapes::Webhook<'_>> = rows.iter().map(shapes::Webhook::of).collect();
        self.archive.json("webhooks.json", &shapes).await
    }

    /// They are few as well.
    async fn push_subscriptions(&mut self) -> Result<(), JobError> {
        let rows = push::list(&mut self.read(), self.user, MOST_BROWSERS as i64).await?;
        let shapes: Vec<shapes::PushSubscription<'_>> =
            rows.iter().map(shapes::PushSubscription::of).collect();
        self.archive.json("push-subscriptions.json", &shapes).await
    }

    async fn blocks(&mut self) -> Result<(), JobError> {
        self.step("blocks");
        array!(
            self,
            "blocks.json",
            content::blocks,
            Mark::START,
            |row| {
                Some(shapes::Block {
                    user: shapes::Other {
                        id: row.user_id,
                        username: &row.username,
                        full_name: &row.full_name,
                    },
                    created_at: row.created_at,
                })
            },
            Mark::new(row.created_at, row.user_id.0)
        )
    }

    async fn reports(&mut self) -> Result<(), JobError> {
        self.step("reports");
        let start = (-1, ObjectId([0; 12]));
        array!(
            self,
            "reports.json",
            content::reports,
            start,
            |row| { Some(shapes::Report::of(row)) },
            (row.kind_code, row.target_id)
        )
    }

    async fn sessions(&mut self) -> Result<(), JobError> {
        self.step("sessions");
        array!(
            self,
            "sessions.json",
            content::sessions,
            Mark::START,
            |row| { Some(shapes::Session::of(row)) },
            Mark::new(row.created_at, row.id.0)
        )
    }
}
