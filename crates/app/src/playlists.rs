//! Playlists: ordered lists of videos. Owns who may see and change one, and what is shown of what stands in it.
//!
//! Whether a video in it may be *watched* is decided in [`crate::videos`]; a playlist never widens access: what
//! somebody may not see is left out for them, and not even counted.

mod marks;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use model::ids::MalformedId;
use model::moderation::{Kind as Subject, Target};
use model::playlists::{self as rules, Kind as PlaylistKind};
use model::text::Fault;
use model::videos::Visibility;
use model::{Millis, PlaylistId, UserId, VideoId};
use moka::sync::Cache;
use store::Tx;
use store::places::Place;
use store::playlists::entries::{self, Eyes, Side};
use store::playlists::glance::{self, Totals, WINDOW};
use store::playlists::{self, PlaylistRow};
use store::videos::{self, VideoRow};

pub use self::marks::Mark;
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::jobs;
use crate::lists::{Position, Request, Slice};
use crate::moderation;
use crate::remembered::Remembered;
use crate::sessions::{Actor, Viewer};
use crate::subscriptions::{by_id, find as find_user, present, sees};
use crate::videos::{may_see, visibility};

/// Videos that are shown of a playlist at once.
pub const SHOWN: i64 = 100;
/// Longer playlists are added up by the slow readers.
const QUICK_ENTRIES: i64 = 500;
/// How long a read of a long playlist, or far into a list, may take.
const SLOW_READ_MS: u64 = 2_000;
/// Long playlists of one list that are added up as a whole; of the rest, what they are known to have at least is
/// said.
const MOST_ADDED_UP: usize = 4;

/// Name of the list of somebody's playlists, in its cursors.
const OF_USER: &str = "playlists";

/// Which playlist is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one of this id.
    Id(PlaylistId),
    /// The caller's "Watch later".
    WatchLater,
}

impl FromStr for Which {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        if text == "watch-later" {
            Ok(Self::WatchLater)
        } else {
            text.parse().map(Self::Id)
        }
    }
}

/// What somebody writes about a playlist; absent fields stay.
#[derive(Debug, Default)]
pub struct Words {
    /// One line.
    pub name: Option<String>,
    /// Several lines.
    pub description: Option<String>,
    /// `public`, `unlisted` or `private`.
    pub visibility: Option<String>,
}

/// Where to put a video among the others.
#[derive(Debug, Default)]
pub struct Move {
    /// Which.
    pub video: Option<String>,
    /// In front of this one, or
    pub before: Option<String>,
    /// behind this one.
    pub after: Option<String>,
}

/// A playlist as it is shown.
#[derive(Debug)]
pub struct Shown {
    /// The playlist.
    pub row: PlaylistRow,
    /// What all its videos that the viewer may see add up to.
    pub totals: Totals,
    /// It is at least that much.
    pub totals_are_estimates: bool,
    /// The first video that the viewer may see, where it is not among `videos`.
    pub first: Option<VideoRow>,
    /// Some of its videos, in order.
    pub videos: Vec<VideoRow>,
    /// Where the rest begins; `None` where nothing is left.
    pub next_cursor: Option<String>,
    /// The same, as the store knows it.
    pub next: Option<Mark>,
}

/// Who looks, as far as totals that are remembered differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Everyone,
    Owner,
    Admin,
}

/// A playlist in the state in which it was added up.
type TotalsKey = (PlaylistId, Millis, i64, Class);

/// Ordered lists of videos.
#[derive(Debug)]
pub struct Playlists {
    core: Arc<Core>,
    /// Of long playlists in lists: views and who may see what change all the time, so not for long.
    totals: Cache<TotalsKey, Totals>,
    /// Of long playlists that are leafed through.
    opened: Remembered<(PlaylistId, Eyes), Totals>,
}

/// A playlist makes no video to be found that its own owner keeps out of lists; whoever puts together an unlisted one
/// of their own hands it out.
fn eyes(viewer: &Viewer, owner: UserId) -> Eyes {
    match viewer {
        Some(actor) if actor.is_admin() => Eyes::Admin,
        Some(actor) if actor.user_id == owner => Eyes::Owner(owner),
        viewer => Eyes::Of(viewer.map(|actor| actor.user_id)),
    }
}

fn may_see_playlist(row: &PlaylistRow, viewer: &Viewer) -> bool {
    row.visibility != Visibility::Private || sees(viewer, row.owner_id)
}

/// There is no such playlist, as far as whoever asks may know.
pub fn no_playlist() -> Error {
    Error::refused(Kind::NotFound, "playlist_not_found", "Playlist not found")
}

fn fixed() -> Error {
    Error::refused(
        Kind::Forbidden,
        "watch_later_stays",
        "\"Watch later\" stays as it is; only videos are put into it and taken out.",
    )
}

fn slot(id: UserId) -> PlaylistId {
    // One for each person, so that it has its id before it has a row.
    PlaylistId(id.0)
}

/// "Watch later" of somebody who has not put anything into it yet.
async fn unwritten(tx: &mut Tx, owner: UserId) -> Result<Option<PlaylistRow>, Error> {
    Ok(present(tx, owner).await?.map(|user| PlaylistRow {
        id: slot(owner),
        owner_id: owner,
        name: rules::WATCH_LATER.to_owned(),
        description: String::new(),
        visibility: Visibility::Private,
        kind: PlaylistKind::WatchLater,
        entries_count: 0,
        created_at: user.created_at,
        updated_at: user.created_at,
        owner: videos::Owner {
            username: user.username,
            full_name: user.full_name,
            avatar_rev: user.avatar_rev,
            subscribers_count: user.subscribers_count,
        },
        spreads_count: 0,
    }))
}

/// The playlist, if this viewer may see it.
pub(crate) async fn find(tx: &mut Tx, which: Which, viewer: &Viewer) -> Result<PlaylistRow, Error> {
    let id = match (which, viewer) {
        (Which::Id(id), _) => id,
        (Which::WatchLater, Some(actor)) => slot(actor.user_id),
        (Which::WatchLater, None) => return Err(Error::unauthenticated()),
    };
    let row = match playlists::find(tx, id).await? {
        Some(row) => Some(row),
        None => match viewer {
            Some(actor) if slot(actor.user_id) == id => unwritten(tx, actor.user_id).await?,
            _ => None,
        },
    };
    row.filter(|row| may_see_playlist(row, viewer))
        .ok_or_else(no_playlist)
}

/// The playlist, if the actor may change it. Whoever cannot find it by themselves gets "not found".
async fn own(tx: &mut Tx, which: Which, actor: &Actor) -> Result<PlaylistRow, Error> {
    let row = find(tx, which, &Some(*actor)).await?;
    if actor.is_admin() || actor.user_id == row.owner_id {
        Ok(row)
    } else if row.visibility == Visibility::Public {
        Err(Error::refused(
            Kind::Forbidden,
            "not_the_owner",
            "Only the owner of a playlist can do this.",
        ))
    } else {
        Err(no_playlist())
    }
}

impl Playlists {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            totals: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(30))
                .build(),
            opened: Remembered::new(10_000),
        }
    }

    fn reader(&self, slow: bool) -> Tx {
        if slow {
            self.core.store.slow_read(SLOW_READ_MS)
        } else {
            self.core.store.read()
        }
    }

    /// Makes a playlist, public unless it is said.
    pub async fn create(&self, words: Words, actor: &Actor) -> Result<Shown, Error> {
        let mut fields = Fields::default();
        let name = fields.require("name", words.name.as_deref(), rules::name);
        let description = fields.optional("description", words.description.as_deref(), rules::description);
        let visibility = fields.optional("visibility", words.visibility.as_deref(), visibility);
        let Some(name) = name else {
            return Err(fields.into_error());
        };
        fields.done()?;
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let user = present(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        if playlists::count(&mut tx, user.id, rules::MOST_PLAYLISTS).await? >= rules::MOST_PLAYLISTS {
            let message = format!("Nobody has more than {} playlists.", rules::MOST_PLAYLISTS);
            return Err(Error::refused(Kind::Unprocessable, "too_many_playlists", message));
        }
        let row = PlaylistRow {
            id: self.core.ids.next(now),
            owner_id: user.id,
            name,
            description: description.unwrap_or_default(),
            visibility: visibility.unwrap_or_default(),
            kind: PlaylistKind::Made,
            entries_count: 0,
            spreads_count: 0,
            created_at: now,
            updated_at: now,
            owner: videos::Owner {
                username: user.username,
                full_name: user.full_name,
                avatar_rev: user.avatar_rev,
                subscribers_count: user.subscribers_count,
            },
        };
        playlists::add(&mut tx, &row).await?;
        tx.commit().await?;
        self.show(row, &start(), &Some(*actor)).await
    }

    /// Changes name, description and visibility.
    pub async fn update(&self, which: Which, words: Words, actor: &Actor) -> Result<Shown, Error> {
        own(&mut self.core.store.read(), which, actor).await?;
        let mut fields = Fields::default();
        let name = fields.optional("name", words.name.as_deref(), rules::name);
        let description = fields.optional("description", words.description.as_deref(), rules::description);
        let visibility = fields.optional("visibility", words.visibility.as_deref(), visibility);
        fields.done()?;
        if name.is_none() && description.is_none() && visibility.is_none() {
            let message = "Send name, description or visibility.";
            return Err(Error::refused(Kind::Invalid, "nothing_to_change", message));
        }
        let mut tx = self.core.store.write().await?;
        let mut row = own(&mut tx, which, actor).await?;
        if row.kind == PlaylistKind::WatchLater {
            return Err(fixed());
        }
        let said = [
            name.as_ref().map(|_| "name"),
            description.as_ref().map(|_| "description"),
            visibility.as_ref().map(|_| "visibility"),
        ];
        let said: Vec<&str> = said.into_iter().flatten().collect();
        self.note_edit(&mut tx, &row, actor, &said.join(", ")).await?;
        row.name = name.unwrap_or(row.name);
        row.description = description.unwrap_or(row.description);
        row.visibility = visibility.unwrap_or(row.visibility);
        row.updated_at = self.core.clock.now();
        playlists::save(&mut tx, &row).await?;
        tx.commit().await?;
        self.show(row, &start(), &Some(*actor)).await
    }

    /// Removes a playlist; what stands in it goes too, the videos stay.
    pub async fn remove(&self, which: Which, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        let row = own(&mut tx, which, actor).await?;
        if row.kind == PlaylistKind::WatchLater {
            return Err(fixed());
        }
        let target = Target::new(Subject::Playlist, row.id.0);
        moderation::note_removal(&self.core, &mut tx, actor, row.owner_id, target, &row.name).await?;
        playlists::remove(&mut tx, row.id).await?;
        let now = self.core.clock.now();
        let later = jobs::remove_library::entries_of(&self.core, &mut tx, row.id, now).await?;
        tx.commit().await?;
        if later {
            self.core.bus.wake(jobs::TOPIC);
        }
        Ok(())
    }

    /// Puts a video behind all others; one that is in the playlist stays where it is.
    pub async fn add_video(&self, which: Which, video: VideoId, actor: &Actor) -> Result<Shown, Error> {
        let mut tx = self.core.store.write().await?;
        let mut row = own(&mut tx, which, actor).await?;
        if entries::position(&mut tx, row.id, video).await?.is_none() {
            videos::find(&mut tx, video)
                .await?
                .filter(|video| may_see(video, &Some(*actor)))
                .ok_or_else(Error::no_video)?;
            if row.entries_count >= rules::MOST_ENTRIES {
                let message = format!("A playlist has at most {} videos.", rules::MOST_ENTRIES);
                return Err(Error::refused(Kind::Unprocessable, "playlist_full", message));
            }
            if row.kind == PlaylistKind::WatchLater {
                // It gets its row with its first video.
                playlists::add(&mut tx, &row).await?;
            }
            self.note_edit(&mut tx, &row, actor, &format!("added {video}"))
                .await?;
            entries::add(&mut tx, row.id, video, self.core.clock.now()).await?;
            row = found(playlists::find(&mut tx, row.id).await?)?;
        }
        tx.commit().await?;
        self.show(row, &start(), &Some(*actor)).await
    }

    /// Takes a video out, whether or not it is in.
    pub async fn remove_video(&self, which: Which, video: VideoId, actor: &Actor) -> Result<Shown, Error> {
        let mut tx = self.core.store.write().await?;
        let mut row = own(&mut tx, which, actor).await?;
        if entries::remove(&mut tx, row.id, video, self.core.clock.now()).await? {
            self.note_edit(&mut tx, &row, actor, &format!("removed {video}"))
                .await?;
            row = found(playlists::find(&mut tx, row.id).await?)?;
        }
        tx.commit().await?;
        self.show(row, &start(), &Some(*actor)).await
    }

    /// Puts a video of the playlist in front of another of it, or behind it.
    pub async fn move_video(&self, which: Which, to: &Move, actor: &Actor) -> Result<Shown, Error> {
        own(&mut self.core.store.read(), which, actor).await?;
        let mut fields = Fields::default();
        let id = |text: &str| {
            text.parse::<VideoId>()
                .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
        };
        let video = fields.require("videoId", to.video.as_deref(), id);
        let before = fields.optional("before", to.before.as_deref(), id);
        let after = fields.optional("after", to.after.as_deref(), id);
        if to.before.is_some() == to.after.is_some() {
            fields.blame("before", Fault::new("one_of_two", "Say before or after."));
        }
        let (side, other) = match (before, after) {
            (Some(other), None) => (Side::Before, other),
            (None, Some(other)) => (Side::After, other),
            _ => return Err(fields.into_error()),
        };
        let Some(video) = video else {
            return Err(fields.into_error());
        };
        if video == other {
            fields.blame(
                "videoId",
                Fault::new("itself", "A video cannot stand next to itself."),
            );
        }
        fields.done()?;
        let mut tx = self.core.store.write().await?;
        let row = own(&mut tx, which, actor).await?;
        for id in [video, other] {
            if entries::position(&mut tx, row.id, id).await?.is_none() {
                let message = "This video is not in the playlist.";
                return Err(Error::refused(Kind::NotFound, "not_in_playlist", message));
            }
        }
        self.note_edit(&mut tx, &row, actor, &format!("moved {video}"))
            .await?;
        entries::put(&mut tx, row.id, video, side, other, self.core.clock.now()).await?;
        let row = found(playlists::find(&mut tx, row.id).await?)?;
        tx.commit().await?;
        self.show(row, &start(), &Some(*actor)).await
    }

    /// Writes down what an admin does to the playlist of somebody else.
    async fn note_edit(
        &self,
        tx: &mut Tx,
        row: &PlaylistRow,
        actor: &Actor,
        what: &str,
    ) -> Result<(), Error> {
        let target = Target::new(Subject::Playlist, row.id.0);
        moderation::note_edit(&self.core, tx, actor, row.owner_id, target, what).await
    }

    /// What a playlist is, without its videos.
    pub async fn find(&self, which: Which, viewer: &Viewer) -> Result<PlaylistRow, Error> {
        find(&mut self.core.store.read(), which, viewer).await
    }

    /// A playlist with some of its videos.
    pub async fn open(&self, which: Which, request: &Request, viewer: &Viewer) -> Result<Shown, Error> {
        let row = find(&mut self.core.store.read(), which, viewer).await?;
        self.show(row, request, viewer).await
    }

    /// Further videos of a playlist that was opened, behind a place; at most [`SHOWN`], and the next place.
    pub async fn more(
        &self,
        id: PlaylistId,
        after: Mark,
        viewer: &Viewer,
    ) -> Result<(Vec<VideoRow>, Option<Mark>), Error> {
        let mut tx = self.core.store.read();
        let eyes = eyes(viewer, find(&mut tx, Which::Id(id), viewer).await?.owner_id);
        let found = entries::videos(&mut tx, id, eyes, after.at, SHOWN, 0).await?;
        marks::must_hold(&mut tx, id, after.spreads_count).await?;
        let full = i64::try_from(found.len()).unwrap_or(0) == SHOWN;
        let next = found
            .last()
            .filter(|_| full)
            .map(|(_, at)| Mark { at: *at, ..after });
        Ok((found.into_iter().map(|(video, _)| video).collect(), next))
    }

    async fn show(&self, row: PlaylistRow, request: &Request, viewer: &Viewer) -> Result<Shown, Error> {
        let list = marks::list_of(&row, request)?;
        let ask = request.ask(&list, Place::BOTTOM)?;
        let eyes = eyes(viewer, row.owner_id);
        let totals = self.totals_of(&row, eyes).await?;
        let mut tx = self.reader(ask.start.offset > QUICK_ENTRIES);
        // One more than is shown, also by page: the caller is told whether there is more.
        let (after, offset) = (ask.start.after.at, ask.start.offset);
        let found = entries::videos(&mut tx, row.id, eyes, after, request.limit + 1, offset).await?;
        if after != Place::BOTTOM.at {
            marks::must_hold(&mut tx, row.id, row.spreads_count).await?;
        }
        let by_cursor = Request {
            position: Position::Cursor(String::new()),
            limit: request.limit,
        };
        let slice = by_cursor.cut(&list, found, |(video, place)| Place {
            at: *place,
            id: video.id.0,
        })?;
        let next = slice
            .next_cursor
            .is_some()
            .then(|| slice.items.last().map(|last| last.1))
            .flatten()
            .map(|at| Mark {
                at,
                spreads_count: row.spreads_count,
            });
        let first = if offset == 0 && after == Place::BOTTOM.at {
            None
        } else {
            let first = entries::videos(&mut tx, row.id, eyes, i64::MIN, 1, 0).await?;
            first.into_iter().next().map(|(video, _)| video)
        };
        Ok(Shown {
            row,
            totals,
            totals_are_estimates: false,
            first,
            videos: slice.items.into_iter().map(|(video, _)| video).collect(),
            next_cursor: slice.next_cursor,
            next,
        })
    }

    /// What all videos of a playlist that these eyes see add up to.
    async fn totals_of(&self, row: &PlaylistRow, eyes: Eyes) -> Result<Totals, Error> {
        if row.entries_count <= QUICK_ENTRIES {
            return Ok(glance::totals(&mut self.reader(false), row.id, eyes).await?);
        }
        let mut tx = self.reader(true);
        let add_up = glance::totals(&mut tx, row.id, eyes);
        Ok(self.opened.get(&self.core.store, (row.id, eyes), add_up).await?)
    }

    /// Playlists that somebody made, newest first, each at a glance; only the public ones unless they are the
    /// viewer's.
    pub async fn list(
        &self,
        owner: UserId,
        request: &Request,
        viewer: &Viewer,
    ) -> Result<Slice<Shown>, Error> {
        let ask = request.ask(OF_USER, Place::TOP)?;
        let mut tx = self.reader(ask.deep);
        find_user(&mut tx, owner).await?;
        let all = sees(viewer, owner);
        let rows = playlists::list(&mut tx, owner, all, ask.start, ask.rows).await?;
        let slice = request.cut(OF_USER, rows, |row| Place::new(row.created_at, row.id.0))?;
        let ids: Vec<PlaylistId> = slice.items.iter().map(|row| row.id).collect();
        let looked_at: i64 = slice.items.iter().map(|row| row.entries_count.min(WINDOW)).sum();
        let mut tx = self.reader(looked_at > QUICK_ENTRIES);
        let mut glances: HashMap<_, _> = glance::of(&mut tx, &ids, eyes(viewer, owner))
            .await?
            .into_iter()
            .collect();
        let first: Vec<VideoId> = glances.values().flat_map(|glance| glance.first.clone()).collect();
        let videos = by_id(&mut self.core.store.read(), &first).await?;
        let long = self.add_up(&slice.items, viewer).await?;
        Ok(slice.map(|row| {
            let glance = glances.remove(&row.id).unwrap_or_default();
            let whole = long.get(&row.id).copied();
            Some(Shown {
                totals: whole.unwrap_or(glance.totals),
                totals_are_estimates: whole.is_none() && row.entries_count > WINDOW,
                first: None,
                videos: glance
                    .first
                    .iter()
                    .filter_map(|id| videos.get(id).cloned())
                    .collect(),
                next_cursor: None,
                next: None,
                row,
            })
        }))
    }

    /// Totals of those playlists that a glance does not show whole: as they are remembered, and of a few that are
    /// not.
    async fn add_up(
        &self,
        rows: &[PlaylistRow],
        viewer: &Viewer,
    ) -> Result<HashMap<PlaylistId, Totals>, Error> {
        let mut known = HashMap::new();
        let mut added_up = 0;
        for row in rows.iter().filter(|row| row.entries_count > WINDOW) {
            let (class, eyes) = match viewer {
                Some(actor) if actor.is_admin() => (Class::Admin, Eyes::Admin),
                Some(actor) if actor.user_id == row.owner_id => (Class::Owner, Eyes::Owner(row.owner_id)),
                _ => (Class::Everyone, Eyes::Of(None)),
            };
            let key = (row.id, row.updated_at, row.entries_count, class);
            let totals = match self.totals.get(&key) {
                Some(totals) => totals,
                None if added_up == MOST_ADDED_UP => continue,
                None => {
                    added_up += 1;
                    let mut tx = self.core.store.slow_read(SLOW_READ_MS);
                    let totals = glance::totals(&mut tx, row.id, eyes).await?;
                    self.totals.insert(key, totals);
                    totals
                }
            };
            known.insert(row.id, totals);
        }
        Ok(known)
    }
}

/// The beginning of a playlist.
fn start() -> Request {
    Request {
        position: Position::Page(1),
        limit: SHOWN,
    }
}

fn found(row: Option<PlaylistRow>) -> Result<PlaylistRow, Error> {
    row.ok_or_else(|| Error::failed("playlist", "the playlist that was changed is not there"))
}
