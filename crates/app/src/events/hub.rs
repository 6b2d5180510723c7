//! Who listens, and what was told a moment ago.
//!
//! Events are routed: one for a user wakes that user's streams and no others, one about a video those who have it
//! open. What an event looks like on the wire is made once and shared by all. Everything here is bounded: streams
//! by user, address and in all; what waits for a listener; what is kept for those who come back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use bus::{Audience, Event};
use bytes::Bytes;
use model::{SessionId, UserId, VideoId};

use super::kinds;
use crate::error::{Error, Kind, Refusal};
use crate::sessions::Viewer;

/// Streams that one user has open at once.
pub const MOST_OF_USER: usize = 10;
/// Streams of people who are not signed in, from one address: a whole school may have one.
pub const MOST_OF_ADDRESS: usize = 50;
/// Streams in all.
pub const MOST: usize = 20_000;
/// Events that may wait for a listener.
const MOST_WAITING: usize = 64;
/// Events that are kept for those who come back, and their bytes.
const LOG_EVENTS: usize = 4_096;
const LOG_BYTES: usize = 4 << 20;
/// What keeping an event costs beside its payload, about.
const OVERHEAD_BYTES: usize = 200;
/// Events that somebody who comes back is told one by one; who missed more is better off looking again.
const MOST_REPLAYED: u32 = 500;

/// An event on its way to those who listen.
#[derive(Debug)]
pub struct Told {
    /// Its place in the order in which events were taken in here; grows, and is no other's.
    pub id: u64,
    /// What it is.
    pub kind: &'static str,
    /// What there is to know, as JSON.
    pub payload: Arc<str>,
    pub(super) audience: Audience,
    wire: OnceLock<Bytes>,
}

impl Told {
    fn new(id: u64, event: Event) -> Self {
        Self {
            id,
            kind: event.kind,
            payload: event.payload,
            audience: event.audience,
            wire: OnceLock::new(),
        }
    }

    /// How it is written on the wire; made for the first who needs it.
    pub fn wire(&self, write: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.wire.get_or_init(|| write(self)).clone()
    }

    fn bytes(&self) -> usize {
        // Once as payload, once as it is on the wire.
        2 * self.payload.len() + OVERHEAD_BYTES
    }

    /// Whether it says only how something stands at the moment; nobody needs to hear of it later.
    fn is_fleeting(&self) -> bool {
        matches!(
            self.kind,
            kinds::JOB_PROGRESS | kinds::LIKE_CHANGED | kinds::VIEWS_CHANGED | kinds::SUBSCRIBERS_CHANGED
        )
    }
}

/// One listener's place.
#[derive(Debug)]
pub struct Seat {
    number: u64,
    viewer: Viewer,
    /// What it is counted by.
    address: Option<String>,
    videos: Box<[VideoId]>,
    state: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Arc<Told>>,
    waker: Option<Waker>,
    /// Where in the log it goes on, while it is not yet at its end.
    replay: Option<Replay>,
    /// The last event that came from the log.
    replayed: u64,
    missed: bool,
    beat: bool,
    over: bool,
}

#[derive(Debug, Clone, Copy)]
struct Replay {
    after: u64,
    told: u32,
}

/// What comes next for a listener.
#[derive(Debug)]
pub(super) enum Next {
    /// This, if they may hear it.
    Event(Arc<Told>),
    /// Some passed them by.
    Missed,
    /// A sign of life is due.
    Beat,
    /// Nothing any more.
    Over,
}

impl Seat {
    fn locked(&self) -> MutexGuard<'_, Waiting> {
        // Each change is whole at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what waits, and wakes whoever waits for it.
    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        let waker = {
            let mut waiting = self.locked();
            change(&mut waiting);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn push(&self, told: &Arc<Told>) {
        self.change(|waiting| {
            // Who is behind finds it in the log.
            if waiting.over || waiting.replay.is_some() || told.id <= waiting.replayed {
                return;
            }
            if waiting.events.len() >= MOST_WAITING {
                waiting.events = VecDeque::new();
                waiting.missed = true;
            }
            waiting.events.push_back(Arc::clone(told));
        });
    }

    fn miss(&self) {
        self.change(|waiting| {
            waiting.events = VecDeque::new();
            waiting.replay = None;
            waiting.missed = true;
        });
    }

    /// Nothing more is told here.
    pub(super) fn close(&self) {
        self.change(|waiting| {
            waiting.events = VecDeque::new();
            waiting.over = true;
        });
    }

    /// Has the listener prove that they are who they were, and tells them that the connection stands.
    fn beat(&self) {
        self.change(|waiting| waiting.beat = true);
    }

    fn user(&self) -> Option<UserId> {
        self.viewer.map(|actor| actor.user_id)
    }

    fn has_open(&self, video: VideoId) -> bool {
        self.videos.contains(&video)
    }

    /// Whether it may concern them; whether they may hear it is decided when they do.
    fn may_concern(&self, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::User(user) => self.user() == Some(user),
            Audience::Admins => self.viewer.is_some_and(|actor| actor.is_admin()),
            Audience::Watchers { video, owner } | Audience::Lost { video, owner } => {
                self.has_open(video) || (owner.is_some() && self.user() == owner)
            }
            Audience::Subscribers { channel, .. } => self.user().is_some_and(|user| user != channel),
        }
    }
}

/// Numbers that change often and are told at most twice a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Count {
    /// Likes of a video.
    Likes(VideoId),
    /// Views of a video.
    Views(VideoId),
    /// Followers of a channel.
    Subscribers(UserId),
}

/// Everybody who listens in this process.
#[derive(Debug)]
pub struct Hub {
    limited: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    log: VecDeque<Arc<Told>>,
    log_bytes: usize,
    /// Events up to this one are not in the log; who heard no later one has missed some.
    floor: u64,
    last_id: u64,
    seats: HashMap<u64, Arc<Seat>>,
    next_number: u64,
    users: HashMap<UserId, Vec<Arc<Seat>>>,
    addresses: HashMap<String, usize>,
    videos: HashMap<VideoId, Vec<Arc<Seat>>>,
    counts: HashSet<Count>,
    is_closed: bool,
}

impl Hub {
    /// A hub whose first event comes after `begun`. `limited`: streams are counted by user and address.
    pub fn new(begun: u64, limited: bool) -> Self {
        Self {
            limited,
            state: Mutex::new(State {
                floor: begun,
                last_id: begun,
                ..State::default()
            }),
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // Each change is whole at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a listener who heard events up to `last`.
    pub(super) fn enter(
        &self,
        viewer: &Viewer,
        address: &str,
        videos: &[VideoId],
        last: Option<&str>,
    ) -> Result<Arc<Seat>, Error> {
        let mut state = self.locked();
        let of_same = match viewer {
            Some(actor) => state.users.get(&actor.user_id).map_or(0, Vec::len),
            None => state.addresses.get(address).copied().unwrap_or(0),
        };
        let most = if viewer.is_some() {
            MOST_OF_USER
        } else {
            MOST_OF_ADDRESS
        };
        if self.limited && of_same >= most {
            let message = "You have too many streams of events open. Close one first.";
            return Err(Refusal::new(Kind::TooMany, "too_many_streams", message)
                .retry_after(15)
                .into());
        }
        if state.seats.len() >= MOST {
            let message = "Too many people listen at the moment. Try again later.";
            return Err(Refusal::new(Kind::Unavailable, "too_many_streams", message)
                .retry_after(60)
                .into());
        }
        let mut waiting = Waiting {
            over: state.is_closed,
            ..Waiting::default()
        };
        if let Some(last) = last {
            match last.parse::<u64>() {
                Ok(last) if (state.floor..=state.last_id).contains(&last) => {
                    waiting.replay = Some(Replay { after: last, told: 0 });
                    // What is not kept: how the numbers stand.
                    let open = videos.iter();
                    state
                        .counts
                        .extend(open.flat_map(|video| [Count::Likes(*video), Count::Views(*video)]));
                }
                // Of another run of the server, or too long ago, or nothing that was told here.
                _ => waiting.missed = true,
            }
        }
        state.next_number += 1;
        let seat = Arc::new(Seat {
            number: state.next_number,
            viewer: *viewer,
            address: viewer.is_none().then(|| address.to_owned()),
            videos: videos.into(),
            state: Mutex::new(waiting),
        });
        state.seats.insert(seat.number, Arc::clone(&seat));
        match (seat.user(), &seat.address) {
            (Some(user), _) => state.users.entry(user).or_default().push(Arc::clone(&seat)),
            (None, Some(address)) => *state.addresses.entry(address.clone()).or_default() += 1,
            (None, None) => {}
        }
        for video in videos {
            state.videos.entry(*video).or_default().push(Arc::clone(&seat));
        }
        Ok(seat)
    }

    /// Gives a place back.
    pub(super) fn leave(&self, seat: &Arc<Seat>) {
        let mut state = self.locked();
        if state.seats.remove(&seat.number).is_none() {
            return;
        }
        if let Some(user) = seat.user() {
            remove_seat(&mut state.users, &user, seat);
        }
        if let Some(address) = &seat.address
            && let Some(count) = state.addresses.get_mut(address)
        {
            *count -= 1;
            if *count == 0 {
                state.addresses.remove(address);
            }
        }
        for video in &seat.videos {
            remove_seat(&mut state.videos, video, seat);
        }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.locked().seats.len()
    }

    /// Takes note that these videos have other views than before; `None`: any may have.
    pub(super) fn take_views(&self, viewed: Option<&[VideoId]>) {
        let state = &mut *self.locked();
        match viewed {
            Some(viewed) => {
                let open = viewed.iter().filter(|video| state.videos.contains_key(video));
                state.counts.extend(open.map(|video| Count::Views(*video)));
            }
            None => state
                .counts
                .extend(state.videos.keys().map(|video| Count::Views(*video))),
        }
    }

    /// Takes an event in and routes it to those who are known by it. One for the followers of a channel is only
    /// kept: who of those that listen follows it, the caller finds out, and hands it to [`Hub::tell_users`].
    pub(super) fn take_in(&self, event: Event) -> Option<Arc<Told>> {
        let mut state = self.locked();
        match (event.kind, event.audience) {
            (kinds::LIKE_CHANGED, Audience::Watchers { video, .. }) => {
                if state.videos.contains_key(&video) {
                    state.counts.insert(Count::Likes(video));
                }
                return None;
            }
            (kinds::SUBSCRIBERS_CHANGED, Audience::User(channel)) => {
                if state.users.contains_key(&channel) {
                    state.counts.insert(Count::Subscribers(channel));
                }
                return None;
            }
            _ => {}
        }
        let told = state.number(event);
        if !told.is_fleeting() {
            state.keep(&told);
        }
        state.route(&told);
        Some(told)
    }

    /// Routes what is told of now and not kept.
    pub(super) fn take_in_fleeting(&self, event: Event) {
        let mut state = self.locked();
        let told = state.number(event);
        state.route(&told);
    }

    /// Numbers that changed since the last call, and that somebody looks at.
    pub(super) fn changed_counts(&self) -> Vec<Count> {
        self.locked().counts.drain().collect()
    }

    /// Tells these users, on all of their devices.
    pub(super) fn tell_users(&self, users: &[UserId], told: &Arc<Told>) {
        let state = self.locked();
        for seat in users.iter().filter_map(|user| state.users.get(user)).flatten() {
            seat.push(told);
        }
    }

    /// Users who listen at this moment.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.locked().users.keys().copied().collect()
    }

    /// Whether this user listens.
    pub(super) fn hears(&self, user: UserId) -> bool {
        self.locked().users.contains_key(&user)
    }

    /// Everyone has missed something; nobody knows what.
    pub(super) fn miss_all(&self) {
        let mut state = self.locked();
        state.log.clear();
        state.log_bytes = 0;
        // Whoever heard the last event and comes back has missed something too.
        state.last_id += 1;
        state.floor = state.last_id;
        for seat in state.seats.values() {
            seat.miss();
        }
    }

    /// Ends the streams of these sessions and users.
    pub(super) fn end(&self, sessions: &HashSet<SessionId>, users: &[UserId]) {
        let state = self.locked();
        for seat in users.iter().filter_map(|user| state.users.get(user)).flatten() {
            seat.close();
        }
        if sessions.is_empty() {
            return;
        }
        for seat in state.seats.values() {
            if seat
                .viewer
                .is_some_and(|actor| sessions.contains(&actor.session_id))
            {
                seat.close();
            }
        }
    }

    /// A sign of life for every `of`-th listener, beginning with the `turn`-th.
    pub(super) fn beat(&self, turn: u64, of: u64) {
        for seat in self.locked().seats.values() {
            if seat.number % of == turn % of {
                seat.beat();
            }
        }
    }

    /// Ends all streams, and those that are still to come.
    pub(super) fn close(&self) {
        let mut state = self.locked();
        state.is_closed = true;
        for seat in state.seats.values() {
            seat.close();
        }
    }

    /// What comes next for a listener.
    pub(super) fn poll_next(&self, seat: &Seat, context: &mut Context<'_>) -> Poll<Next> {
        {
            let mut waiting = seat.locked();
            if let Some(next) = waiting.take() {
                return Poll::Ready(next);
            }
            if waiting.replay.is_none() {
                waiting.wait(context);
                return Poll::Pending;
            }
        }
        // Always first the hub and then the seat: nothing is routed between the end of the log and the moment
        // from which the seat is routed to.
        let state = self.locked();
        let mut waiting = seat.locked();
        if let Some(told) = waiting.replay_from(&state, seat) {
            return Poll::Ready(Next::Event(told));
        }
        if let Some(next) = waiting.take() {
            return Poll::Ready(next);
        }
        waiting.wait(context);
        Poll::Pending
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Next> {
        if self.over {
            return Some(Next::Over);
        }
        if std::mem::take(&mut self.beat) {
            return Some(Next::Beat);
        }
        if std::mem::take(&mut self.missed) {
            return Some(Next::Missed);
        }
        let next = self.events.pop_front()?;
        if self.events.is_empty() {
            // Most listeners wait for hours between two events.
            self.events = VecDeque::new();
        }
        Some(Next::Event(next))
    }

    fn wait(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => self.waker = Some(context.waker().clone()),
        }
    }

    /// The next event of the log that may concern the seat; at the end of the log it is one like all others.
    fn replay_from(&mut self, state: &State, seat: &Seat) -> Option<Arc<Told>> {
        let replay = self.replay.as_mut()?;
        let dropped = replay.after < state.floor || replay.told >= MOST_REPLAYED;
        let from = state.log.partition_point(|told| told.id <= replay.after);
        let next = state
            .log
            .range(from..)
            .find(|told| seat.may_concern(told.audience));
        match next {
            Some(told) if !dropped => {
                replay.after = told.id;
                replay.told += 1;
                self.replayed = told.id;
                Some(Arc::clone(told))
            }
            _ => {
                self.replay = None;
                self.missed |= dropped;
                None
            }
        }
    }
}

impl State {
    /// Gives the event its place.
    fn number(&mut self, event: Event) -> Arc<Told> {
        self.last_id = event.id.max(self.last_id + 1);
        Arc::new(Told::new(self.last_id, event))
    }

    fn keep(&mut self, told: &Arc<Told>) {
        self.log_bytes += told.bytes();
        self.log.push_back(Arc::clone(told));
        while self.log.len() > LOG_EVENTS || self.log_bytes > LOG_BYTES {
            let Some(oldest) = self.log.pop_front() else { break };
            self.log_bytes -= oldest.bytes();
            self.floor = oldest.id;
        }
    }

    fn route(&self, told: &Arc<Told>) {
        match told.audience {
            Audience::Everyone => self.seats.values().for_each(|seat| seat.push(told)),
            Audience::Admins => self
                .seats
                .values()
                .filter(|seat| seat.viewer.is_some_and(|actor| actor.is_admin()))
                .for_each(|seat| seat.push(told)),
            Audience::User(user) => self.of_user(user).for_each(|seat| seat.push(told)),
            Audience::Watchers { video, owner } | Audience::Lost { video, owner } => {
                self.videos
                    .get(&video)
                    .into_iter()
                    .flatten()
                    .for_each(|seat| seat.push(told));
                owner
                    .into_iter()
                    .flat_map(|owner| self.of_user(owner))
                    .filter(|seat| !seat.has_open(video))
                    .for_each(|seat| seat.push(told));
            }
            Audience::Subscribers { .. } => {}
        }
    }

    fn of_user(&self, user: UserId) -> impl Iterator<Item = &Arc<Seat>> {
        self.users.get(&user).into_iter().flatten()
    }
}

fn remove_seat<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<Arc<Seat>>>, key: &K, seat: &Arc<Seat>) {
    let Some(seats) = map.get_mut(key) else { return };
    if let Some(at) = seats.iter().position(|other| other.number == seat.number) {
        seats.swap_remove(at);
    }
    if seats.is_empty() {
        map.remove(key);
    }
}

#[cfg(test)]
mod tests;
