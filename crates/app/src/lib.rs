//! Use cases: who may do what, in one transaction, and what follows from it.
//!
//! HTTP, jobs and the command line call the same functions. Rules stand here once; words and limits
//! are `model`, rows are `store`, shapes and status codes are `api`.

pub mod accounts;
pub mod analytics;
mod attempts;
pub mod backup;
mod beside;
pub mod blocks;
pub mod captions;
pub mod comments;
pub mod core;
pub mod dashboard;
pub mod doctor;
pub mod error;
pub mod events;
pub mod exports;
mod few;
pub mod hashes;
pub mod held;
pub mod history;
pub mod imports;
pub mod jobs;
pub mod keys;
pub mod likes;
pub mod lists;
pub mod moderation;
pub mod moves;
pub mod notifications;
pub mod pages;
pub mod passwords;
pub mod pictures;
pub mod playback;
pub mod playlists;
pub mod posters;
pub mod push;
pub mod queue;
pub mod quotas;
pub mod recount;
pub mod related;
mod remembered;
pub mod search;
pub mod sessions;
pub mod setup;

pub mod site;
pub mod sitemaps;
pub mod storage;
pub mod storyboard;
pub mod subscriptions;
pub mod sweep;
pub mod trending;
pub mod turns;
pub mod tweets;
pub mod uploads;
pub mod videos;
pub mod webhooks;

use std::sync::Arc;

pub use crate::core::{Core, Settings};
pub use crate::error::{Error, Fields, Kind, Refusal};
pub use crate::sessions::{Actor, Viewer};

/// All use cases, each over the parts that it needs.
#[derive(Debug)]
pub struct App {
    /// Seams, clock, settings.
    pub core: Arc<Core>,
    /// Registering, profile, password, channel page.
    pub accounts: accounts::Accounts,
    /// Signing in and out.
    pub sessions: Arc<sessions::Sessions>,
    /// Publishing, changing, finding videos.
    pub videos: videos::Videos,
    /// Whom somebody does not want to hear from.
    pub blocks: blocks::Blocks,
    /// What is said under videos.
    pub comments: comments::Comments,
    /// What is said under videos and waits for approval.
    pub held: held::Held,
    /// What channels say.
    pub tweets: tweets::Tweets,
    /// What people like.
    pub likes: likes::Likes,
    /// Uploads that go on over several requests.
    pub uploads: uploads::Uploads,
    /// How much one person may store.
    pub quotas: Arc<quotas::Quotas>,
    /// Which bytes a viewer may have, and under which address.
    pub playback: Arc<playback::Playback>,
    /// Background work as people see it.
    pub queue: Arc<queue::Queue>,
    /// Everything of one person, to take with them.
    pub exports: exports::Exports,
    /// What happens, for those who listen.
    pub events: Arc<events::Events>,
    /// What somebody is told, and what of it they have read.
    pub notifications: notifications::Notifications,
    /// Following channels, and what they bring out.
    pub subscriptions: subscriptions::Subscriptions,
    /// Ordered lists of videos.
    pub playlists: playlists::Playlists,
    /// What people watched, and where to go on.
    pub history: Arc<history::History>,
    /// What players tell, for the numbers of videos and channels.
    pub ingest: analytics::ingest::Ingest,
    /// What channels learn of themselves.
    pub dashboard: dashboard::Dashboard,
    /// What only one node does at a time.
    pub turns: turns::Turns,
    /// The first admin.
    pub setup: setup::Setup,
    /// Finding by words.
    pub search: search::Search,
    /// What is being watched these days.
    pub trending: trending::Trending,
    /// What to watch next.
    pub related: related::Related,
    /// What the whole site comes to.
    pub site: site::Site,
    /// All listed videos, for machines.
    pub sitemaps: sitemaps::Sitemaps,
    /// Reports, takedowns, accounts as admins see them, and what was done about all that.
    pub moderation: moderation::Moderation,
    /// Addresses of others that are told what happens on a channel.
    pub webhooks: webhooks::Webhooks,
    /// Browsers that are told of notifications while no page is open.
    pub push: push::Push,
    /// Opens connections to others.
    pub(crate) egress: Arc<egress::Client>,
}

impl App {
    /// The use cases over `core`, with tokens made from `keys`.
    pub fn new(core: Core, keys: &keys::Keys) -> Result<Self, Error> {
        let core = Arc::new(core);
        let passwords = passwords::Passwords::new();
        let sessions = Arc::new(sessions::Sessions::new(
            Arc::clone(&core),
            keys,
            passwords.clone(),
        )?);
        let playback = Arc::new(playback::Playback::new(
            Arc::clone(&core),
            keys,
            Arc::clone(&sessions),
        ));
        let events = Arc::new(events::Events::new(
            Arc::clone(&core),
            Arc::clone(&sessions),
            Arc::clone(&playback),
        ));
        let queue = Arc::new(queue::Queue::new(Arc::clone(&core), Arc::clone(&playback)));
        let quotas = Arc::new(quotas::Quotas::new(Arc::clone(&core)));
        let intake = Arc::new(videos::intake::Intake::new(
            Arc::clone(&core),
            Arc::clone(&quotas),
        ));
        let egress = Arc::new(egress::Client::new(core.settings.egress.clone()));
        let history = Arc::new(history::History::new(Arc::clone(&core)));
        let turns = turns::Turns::new(&core, !core.store.runs_side_by_side(), model::Clock::system());
        Ok(Self {
            turns,
            exports: exports::Exports::new(Arc::clone(&core), Arc::clone(&queue)),
            site: site::Site::new(Arc::clone(&core), Arc::clone(&queue), Arc::clone(&events)),
            queue,
            webhooks: webhooks::Webhooks::new(Arc::clone(&core), Arc::clone(&egress), keys),
            push: push::Push::new(Arc::clone(&core), Arc::clone(&egress), keys)?,
            egress,
            dashboard: dashboard::Dashboard::new(
                Arc::clone(&core),
                Arc::clone(&playback),
                Arc::clone(&events),
            ),
            events,
            notifications: notifications::Notifications::new(Arc::clone(&core)),
            accounts: accounts::Accounts::new(
                Arc::clone(&core),
                passwords.clone(),
                Arc::clone(&sessions),
                Arc::clone(&playback),
            ),
            videos: videos::Videos::new(
                Arc::clone(&core),
                Arc::clone(&playback),
                Arc::clone(&quotas),
                Arc::clone(&intake),
            ),
            blocks: blocks::Blocks::new(Arc::clone(&core)),
            comments: comments::Comments::new(Arc::clone(&core), Arc::clone(&playback)),
            held: held::Held::new(Arc::clone(&core), Arc::clone(&playback)),
            tweets: tweets::Tweets::new(Arc::clone(&core), Arc::clone(&playback)),
            likes: likes::Likes::new(Arc::clone(&core), Arc::clone(&playback)),
            uploads: uploads::Uploads::new(
                Arc::clone(&core),
                Arc::clone(&playback),
                Arc::clone(&quotas),
                intake,
            ),
            quotas,
            subscriptions: subscriptions::Subscriptions::new(Arc::clone(&core)),
            playlists: playlists::Playlists::new(Arc::clone(&core)),
            ingest: analytics::ingest::Ingest::new(
                Arc::clone(&core),
                keys,
                Arc::clone(&playback),
                Arc::clone(&history),
            ),
            history,
            setup: setup::Setup::new(Arc::clone(&core)),
            search: search::Search::new(Arc::clone(&core)),
            trending: trending::Trending::new(Arc::clone(&core)),
            related: related::Related::new(Arc::clone(&core)),
            sitemaps: sitemaps::Sitemaps::new(Arc::clone(&core)),
            moderation: moderation::Moderation::new(
                Arc::clone(&core),
                Arc::clone(&sessions),
                Arc::clone(&playback),
            ),
            sessions,
            playback,
            core,
        })
    }
}
