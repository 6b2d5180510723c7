//! What goes on while people listen: events are taken from the bus and routed, ended sessions are looked for, the
//! numbers that change often are told, and every stream gives a sign of life.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bus::{Audience, Event, Missed};
use model::{Millis, UserId};
use serde::Serialize;
use store::{notifications, sessions, users};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::hub::{Count, Told};
use super::{Events, kinds};
use crate::error::Error;

/// How often ended sessions are looked for, and changed numbers told.
const ROUND: Duration = Duration::from_millis(500);
/// A listener gets a sign of life every so many rounds: 15 seconds.
const ROUNDS_PER_BEAT: u64 = 30;
/// How far back ended sessions are looked for: whoever ended one may have taken a while to commit.
const LOOK_BACK_MS: i64 = 60_000;
/// Ended sessions that are looked at one by one; after more than that, everybody proves themselves at once.
const MOST_ENDED: i64 = 5_000;
/// Followers of a channel that are read at once, in place of asking for each listener whether they follow it.
const MOST_FOLLOWERS: usize = 5_000;
/// Look-ups between two pauses, so that a crowd of listeners holds up nobody.
const PER_BREATH: usize = 256;

/// The present number of likes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Likes {
    video: model::VideoId,
    likes_count: i64,
}

/// The present number of views.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Views {
    video: model::VideoId,
    views: i64,
}

/// How many follow a channel now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Followed {
    channel: UserId,
    subscribers_count: i64,
}

impl Events {
    /// Tells those who listen what happens, until `stop`; then all streams end. Only the first call does
    /// anything.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut bus) = waiting else { return };
        // What was told on other nodes before this one started, for those who come back to it.
        if let Some((_, backlog)) = self.desk.core.bus.backlog() {
            for event in backlog {
                self.hub.take_in(event.clone());
            }
        }
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut watch = Watch::default();
        let mut live = self.desk.core.live.listen();
        loop {
            tokio::select! {
                // A stream has no end of its own that the server could wait for.
                () = stop.cancelled() => break,
                heard = bus.next() => match heard {
                    Ok(event) => self.take_in(event).await,
                    Err(Missed::Events(count)) => {
                        tracing::warn!(count, "Events came faster than they could be told");
                        self.hub.miss_all();
                    }
                    Err(Missed::Some) => self.hub.miss_all(),
                    Err(Missed::Closed) => break,
                },
                changed = live.recv() => match changed {
                    Ok(changed) => self.hub.take_views(Some(&changed.viewed)),
                    Err(RecvError::Lagged(_)) => self.hub.take_views(None),
                    // The use cases hold a sender for as long as they run.
                    Err(RecvError::Closed) => break,
                },
                _ = rounds.tick() => self.round(&mut watch).await,
            }
        }
        self.hub.close();
    }

    async fn take_in(&self, event: Event) {
        let Some(told) = self.hub.take_in(event) else {
            return;
        };
        if let Audience::Subscribers { channel, .. } = told.audience
            && let Err(error) = self.tell_followers(channel, &told).await
        {
            tracing::warn!(error = %error, "Could not find out who of those that listen follows a channel");
            self.hub.miss_all();
        }
    }

    /// Finds out who of those that listen follows the channel: from its followers where they are fewer, else by
    /// asking for each. Never reads more followers than people listen.
    async fn tell_followers(&self, channel: UserId, told: &Arc<Told>) -> Result<(), Error> {
        let listening = self.hub.users();
        if listening.is_empty() {
            return Ok(());
        }
        let most = listening.len().min(MOST_FOLLOWERS);
        let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
        let mut tx = self.desk.core.store.read();
        let followers = notifications::followers(&mut tx, channel, limit).await?;
        if followers.len() <= most {
            let hear: Vec<UserId> = followers
                .into_iter()
                .filter(|user| self.hub.hears(*user))
                .collect();
            self.hub.tell_users(&hear, told);
            return Ok(());
        }
        for some in listening.chunks(PER_BREATH) {
            let mut hear = Vec::new();
            for user in some {
                if notifications::follows(&mut tx, *user, channel).await? {
                    hear.push(*user);
                }
            }
            self.hub.tell_users(&hear, told);
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn round(&self, watch: &mut Watch) {
        watch.rounds += 1;
        if self.hub.listeners() == 0 {
            return;
        }
        if let Err(error) = self.look_for_ended(watch).await {
            tracing::warn!(error = %error, "Could not find out which sessions have ended");
            // Everyone proves themselves, and whoever cannot hears nothing.
            self.hub.beat(0, 1);
        }
        self.hub.beat(watch.rounds, ROUNDS_PER_BEAT);
        for count in self.hub.changed_counts() {
            if let Err(error) = self.tell_count(count).await {
                tracing::warn!(error = %error, "Could not tell a number that has changed");
            }
        }
    }

    async fn look_for_ended(&self, watch: &mut Watch) -> Result<(), Error> {
        let core = &self.desk.core;
        let stamp = core.store.stamp()?;
        if watch.stamp.replace(stamp) == Some(stamp) {
            return Ok(());
        }
        let now = core.clock.now();
        // Where the clock was set back, from there.
        let since = watch.looked_at.unwrap_or(now).min(now).plus_ms(-LOOK_BACK_MS);
        let (ended, off) = sessions::ended_since(&mut core.store.read(), since, MOST_ENDED).await?;
        let most = usize::try_from(MOST_ENDED).unwrap_or(usize::MAX);
        if ended.len() >= most || off.len() >= most {
            self.hub.beat(0, 1);
        }
        self.hub.end(&ended.into_iter().collect::<HashSet<_>>(), &off);
        watch.looked_at = Some(now);
        Ok(())
    }

    /// Tells how a number stands now: of many changes, one number is told.
    async fn tell_count(&self, count: Count) -> Result<(), Error> {
        let mut tx = self.desk.core.store.read();
        let (kind, audience, payload) = match count {
            Count::Likes(video) => {
                let Some(row) = store::videos::find(&mut tx, video).await? else {
                    return Ok(());
                };
                let likes = Likes {
                    video,
                    likes_count: row.likes_count,
                };
                let watchers = Audience::Watchers { video, owner: None };
                (kinds::LIKE_CHANGED, watchers, serde_json::to_string(&likes))
            }
            Count::Views(video) => {
                let Some(row) = store::videos::find(&mut tx, video).await? else {
                    return Ok(());
                };
                let views = Views {
                    video,
                    views: row.views,
                };
                let watchers = Audience::Watchers { video, owner: None };
                (kinds::VIEWS_CHANGED, watchers, serde_json::to_string(&views))
            }
            Count::Subscribers(channel) => {
                let Some(user) = users::find(&mut tx, channel).await? else {
                    return Ok(());
                };
                let followed = Followed {
                    channel,
                    subscribers_count: user.subscribers_count,
                };
                let owner = Audience::User(channel);
                (
                    kinds::SUBSCRIBERS_CHANGED,
                    owner,
                    serde_json::to_string(&followed),
                )
            }
        };
        let payload = payload.map_err(|error| Error::failed("write an event", error))?;
        self.hub.take_in_fleeting(Event {
            // Behind whatever was told last: it is of this node alone.
            id: 0,
            kind,
            audience,
            payload: payload.into(),
        });
        Ok(())
    }
}

/// What the last round saw.
#[derive(Debug, Default)]
struct Watch {
    rounds: u64,
    stamp: Option<u64>,
    looked_at: Option<Millis>,
}
