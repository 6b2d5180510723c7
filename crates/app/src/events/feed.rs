//! One listener: what they hear, decided when they hear it.
//!
//! Most of it is decided at once. What has to be looked up (whether a video may still be seen, whether a channel is
//! still followed, whether a session still lives) is looked up while the listener waits, and nothing else waits with
//! them.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bus::Audience;
use model::VideoId;
use store::notifications;

use super::Desk;
use super::hub::{Hub, Next, Seat, Told};
use crate::error::Error;
use crate::sessions::Viewer;
use crate::videos::may_see;

/// What a listener hears.
#[derive(Debug)]
pub enum Heard {
    /// Something that concerns them.
    Event(Arc<Told>),
    /// A video that they asked for is not there for them.
    Absent(VideoId),
    /// They were too slow or too long away, and some passed them by.
    Missed,
    /// Nothing happens, and the connection stands.
    Beat,
}

/// A video that the listener asked for.
#[derive(Debug, Clone, Copy)]
struct Topic {
    video: VideoId,
    /// When it was last looked at, they could see it.
    seen: bool,
}

/// What it takes to judge.
#[derive(Debug)]
struct Judge {
    desk: Arc<Desk>,
    viewer: Viewer,
    topics: Box<[Topic]>,
}

enum Verdict {
    /// They hear it.
    Told(Arc<Told>),
    /// It is not for them.
    Silence,
    /// They are who they were.
    Alive,
    /// They are not who they were, or nobody can tell.
    Over,
}

type Judging = Pin<Box<dyn Future<Output = (Box<Judge>, Verdict)> + Send>>;

enum State {
    Idle(Box<Judge>),
    Judging(Judging),
    Over,
}

/// One listener's events. Gives its place back when it is dropped.
pub struct Feed {
    hub: Arc<Hub>,
    seat: Arc<Seat>,
    absent: VecDeque<VideoId>,
    state: State,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}

impl Feed {
    pub(super) async fn begin(
        desk: Arc<Desk>,
        hub: Arc<Hub>,
        seat: Arc<Seat>,
        viewer: Viewer,
        videos: Vec<VideoId>,
    ) -> Result<Self, Error> {
        let mut feed = Self {
            hub,
            seat,
            absent: VecDeque::new(),
            state: State::Over,
        };
        // The session may have ended between the look at the token and the place among those who are told of it.
        if let Some(actor) = viewer
            && desk.sessions.holder(actor.session_id).await? != Some(actor)
        {
            return Err(Error::unauthenticated());
        }
        let mut topics = Vec::with_capacity(videos.len());
        for video in videos {
            let row = desk.playback.believed(video).await?;
            let seen = row.is_some_and(|row| may_see(&row, &viewer));
            if !seen {
                feed.absent.push_back(video);
            }
            topics.push(Topic { video, seen });
        }
        feed.state = State::Idle(Box::new(Judge {
            desk,
            viewer,
            topics: topics.into(),
        }));
        Ok(feed)
    }

    /// The next that they hear; `None` when nothing will come any more.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Judging(mut judging) => {
                    let Poll::Ready((judge, verdict)) = judging.as_mut().poll(context) else {
                        self.state = State::Judging(judging);
                        return Poll::Pending;
                    };
                    match verdict {
                        Verdict::Over => return Poll::Ready(None),
                        Verdict::Silence => self.state = State::Idle(judge),
                        Verdict::Alive => {
                            self.state = State::Idle(judge);
                            return Poll::Ready(Some(Heard::Beat));
                        }
                        Verdict::Told(told) => {
                            self.state = State::Idle(judge);
                            return Poll::Ready(Some(Heard::Event(told)));
                        }
                    }
                }
                State::Idle(mut judge) => {
                    if let Some(video) = self.absent.pop_front() {
                        self.state = State::Idle(judge);
                        return Poll::Ready(Some(Heard::Absent(video)));
                    }
                    let next = self.hub.poll_next(&self.seat, context);
                    if next.is_pending() {
                        self.state = State::Idle(judge);
                        return Poll::Pending;
                    }
                    match ready!(next) {
                        Next::Over => return Poll::Ready(None),
                        Next::Missed => {
                            self.state = State::Idle(judge);
                            return Poll::Ready(Some(Heard::Missed));
                        }
                        Next::Beat => self.state = State::Judging(Box::pin(judge.stands())),
                        Next::Event(told) => match judge.at_once(&told) {
                            Some(heard) => {
                                self.state = State::Idle(judge);
                                if heard {
                                    return Poll::Ready(Some(Heard::Event(told)));
                                }
                            }
                            None => self.state = State::Judging(Box::pin(judge.look(told))),
                        },
                    }
                }
            }
        }
    }

    /// The next that they hear, for whoever waits for nothing else.
    pub async fn next(&mut self) -> Option<Heard> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.hub.leave(&self.seat);
    }
}

impl Judge {
    fn is_me(&self, user: Option<model::UserId>) -> bool {
        user.is_some() && self.viewer.map(|actor| actor.user_id) == user
    }

    fn is_admin(&self) -> bool {
        self.viewer.is_some_and(|actor| actor.is_admin())
    }

    /// Whether they may hear it, where that needs no look at the store.
    fn at_once(&mut self, told: &Told) -> Option<bool> {
        match told.audience {
            Audience::Everyone => Some(true),
            Audience::User(user) => Some(self.is_me(Some(user))),
            Audience::Admins | Audience::Subscribers { .. } => None,
            Audience::Watchers { owner, .. } | Audience::Lost { owner, .. } if self.is_me(owner) => {
                Some(true)
            }
            // An admin sees everything, as long as they are one.
            Audience::Watchers { .. } if self.is_admin() => None,
            Audience::Watchers { video, .. } => {
                let row = self.desk.playback.remembered(video)?;
                let sees = may_see(&row, &self.viewer);
                if sees {
                    self.note(video, true);
                }
                Some(sees)
            }
            Audience::Lost { video, .. } => {
                let had = self.topics.iter().any(|topic| topic.video == video && topic.seen);
                if had { None } else { Some(false) }
            }
        }
    }

    /// Notes whether they can see a video. That they cannot any more is noted when they are told so, not before.
    fn note(&mut self, video: VideoId, seen: bool) {
        if let Some(topic) = self.topics.iter_mut().find(|topic| topic.video == video) {
            topic.seen = seen;
        }
    }

    async fn look(mut self: Box<Self>, told: Arc<Told>) -> (Box<Self>, Verdict) {
        let verdict = match self.hears(&told).await {
            Ok(true) => Verdict::Told(told),
            Ok(false) => Verdict::Silence,
            Err(error) => {
                // What cannot be checked is not shown.
                tracing::warn!(error = %error, kind = told.kind, "Could not find out who may hear an event");
                Verdict::Over
            }
        };
        (self, verdict)
    }

    async fn hears(&mut self, told: &Told) -> Result<bool, Error> {
        match told.audience {
            Audience::Everyone | Audience::User(_) => Ok(true),
            Audience::Admins => self.is_still_admin().await,
            Audience::Watchers { video, .. } => {
                let row = self.desk.playback.believed(video).await?;
                let mut sees = row.as_ref().is_some_and(|row| may_see(row, &None));
                if let (false, Some(row)) = (sees, &row) {
                    sees = may_see(row, &self.viewer) && (!self.is_admin() || self.is_still_admin().await?);
                }
                if sees {
                    self.note(video, true);
                }
                Ok(sees)
            }
            Audience::Lost { video, .. } => {
                // As it is at this moment: a moment ago they could see it.
                let row = store::videos::find(&mut self.desk.core.store.read(), video).await?;
                let sees = row.is_some_and(|row| may_see(&row, &self.viewer));
                self.note(video, sees);
                Ok(!sees)
            }
            Audience::Subscribers { post, .. } => match self.viewer {
                Some(actor) => {
                    let mut tx = self.desk.core.store.read();
                    Ok(notifications::is_told(&mut tx, post, actor.user_id).await?)
                }
                None => Ok(false),
            },
        }
    }

    async fn is_still_admin(&self) -> Result<bool, Error> {
        let Some(actor) = self.viewer else {
            return Ok(false);
        };
        let holder = self.desk.sessions.holder(actor.session_id).await?;
        Ok(holder.is_some_and(|holder| holder == actor && holder.is_admin()))
    }

    /// Whether the session still lives and is what it was. Nobody's never ends.
    async fn stands(self: Box<Self>) -> (Box<Self>, Verdict) {
        let Some(actor) = self.viewer else {
            return (self, Verdict::Alive);
        };
        let verdict = match self.desk.sessions.holder(actor.session_id).await {
            Ok(Some(holder)) if holder == actor => Verdict::Alive,
            // Also when the store does not answer: what cannot be checked is not shown.
            _ => Verdict::Over,
        };
        (self, verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_who_hears_nothing_takes_less_than_a_kibibyte() {
        let topics = super::super::MOST_TOPICS * size_of::<Topic>();
        let named = super::super::MOST_TOPICS * size_of::<VideoId>();
        let all = size_of::<Feed>() + size_of::<Judge>() + size_of::<Seat>() + topics + named;
        assert!(all < 1024, "{all} bytes");
    }
}
