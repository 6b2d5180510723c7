//! All sessions that are alive, in a bounded number, in the order in which they spoke last.

use std::collections::HashMap;

use model::analytics::SessionKey;
use model::analytics::rule::IDLE_MS;

use super::session::Session;

/// The most sessions that are remembered at once. Beyond them, the idlest is forgotten: should it speak again, it
/// begins anew.
pub const MAX_SESSIONS: usize = 200_000;

/// No slot.
const NONE: u32 = u32::MAX;

/// Sessions by their keys, in a list from the idlest to the one that spoke last.
#[derive(Debug)]
pub struct Sessions {
    slots: HashMap<SessionKey, u32>,
    all: Vec<Slot>,
    free: Vec<u32>,
    idlest: u32,
    latest: u32,
    most: usize,
}

#[derive(Debug)]
struct Slot {
    session: Session,
    /// The one that spoke before it.
    before: u32,
    /// The one that spoke after it.
    after: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::with_most(MAX_SESSIONS)
    }
}

impl Sessions {
    fn with_most(most: usize) -> Self {
        Self {
            slots: HashMap::new(),
            all: Vec::new(),
            free: Vec::new(),
            idlest: NONE,
            latest: NONE,
            most,
        }
    }

    /// How many are alive.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is alive.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The session of this name, which speaks now, and whether it was opened just now.
    pub fn speaks(
        &mut self,
        key: SessionKey,
        now_ms: i64,
        open: impl FnOnce() -> Session,
    ) -> (&mut Session, bool) {
        self.forget_idle(now_ms);
        let known = self.slots.get(&key).copied();
        let slot = if let Some(slot) = known {
            self.unlink(slot);
            slot
        } else {
            if self.slots.len() >= self.most {
                self.forget_idlest();
            }
            self.add(key, open())
        };
        self.link_latest(slot);
        let session = &mut self.all[slot as usize].session;
        session.last_ms = session.last_ms.max(now_ms);
        (session, known.is_none())
    }

    /// Takes in a session of a snapshot; they come from the idlest to the latest.
    pub fn restore(&mut self, session: Session) {
        let (key, last_ms) = (session.key, session.last_ms);
        self.speaks(key, last_ms, || session);
    }

    /// All of them, from the idlest to the latest.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        let mut next = self.idlest;
        std::iter::from_fn(move || {
            let slot = self.all.get(next as usize)?;
            next = slot.after;
            Some(&slot.session)
        })
    }

    fn forget_idle(&mut self, now_ms: i64) {
        while let Some(slot) = self.all.get(self.idlest as usize)
            && now_ms.saturating_sub(slot.session.last_ms) >= IDLE_MS
        {
            self.forget_idlest();
        }
    }

    fn forget_idlest(&mut self) {
        let slot = self.idlest;
        let Some(found) = self.all.get(slot as usize) else {
            return;
        };
        let key = found.session.key;
        self.slots.remove(&key);
        self.unlink(slot);
        self.free.push(slot);
    }

    fn add(&mut self, key: SessionKey, session: Session) -> u32 {
        let new = Slot {
            session,
            before: NONE,
            after: NONE,
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.all[slot as usize] = new;
            slot
        } else {
            self.all.push(new);
            (self.all.len() - 1) as u32
        };
        self.slots.insert(key, slot);
        slot
    }

    fn unlink(&mut self, slot: u32) {
        let (before, after) = {
            let slot = &self.all[slot as usize];
            (slot.before, slot.after)
        };
        match self.all.get_mut(before as usize) {
            Some(slot) => slot.after = after,
            None => self.idlest = after,
        }
        match self.all.get_mut(after as usize) {
            Some(slot) => slot.before = before,
            None => self.latest = before,
        }
    }

    fn link_latest(&mut self, slot: u32) {
        let before = self.latest;
        let own = &mut self.all[slot as usize];
        own.before = before;
        own.after = NONE;
        match self.all.get_mut(before as usize) {
            Some(before) => before.after = slot,
            None => self.idlest = slot,
        }
        self.latest = slot;
    }
}

#[cfg(test)]
mod tests {
    use model::analytics::ViewerKey;
    use model::analytics::device::Device;
    use model::analytics::source::Origin;
    use model::{Millis, ObjectId, UserId, VideoId};

    use super::super::record::{Moment, Record};
    use super::*;

    fn session(key: u128, at_ms: i64) -> Session {
        let record = Record {
            at: Moment {
                wall: Millis(at_ms),
                steady_ms: at_ms,
            },
            video: VideoId(ObjectId([1; 12])),
            channel: UserId(ObjectId([2; 12])),
            duration_ms: 0,
            session: SessionKey(key),
            viewer: ViewerKey(1),
            before: None,
            is_own: false,
            is_private: false,
            origin: Origin::default(),
            device: Device::Unknown,
            country: None,
            beacons: Vec::new(),
        };
        Session::open(&record, None)
    }

    fn speaks(sessions: &mut Sessions, key: u128, at_ms: i64) -> bool {
        sessions.speaks(SessionKey(key), at_ms, || session(key, at_ms)).1
    }

    fn keys(sessions: &Sessions) -> Vec<u128> {
        sessions.iter().map(|session| session.key.0).collect()
    }

    #[test]
    fn who_speaks_moves_to_the_end_and_the_idlest_goes_when_there_are_too_many() {
        let mut sessions = Sessions::with_most(3);
        for key in [1, 2, 3] {
            assert!(speaks(&mut sessions, key, 0));
        }
        assert!(!speaks(&mut sessions, 1, 1));
        assert!(!speaks(&mut sessions, 3, 2));
        assert_eq!(keys(&sessions), [2, 1, 3]);
        assert!(speaks(&mut sessions, 4, 3));
        assert_eq!(keys(&sessions), [1, 3, 4]);
        assert!(speaks(&mut sessions, 2, 4), "it begins anew");
        assert_eq!(keys(&sessions), [3, 4, 2]);
        assert_eq!(sessions.all.len(), 3, "slots are used again");
    }

    #[test]
    fn who_is_silent_for_half_an_hour_is_forgotten() {
        let mut sessions = Sessions::default();
        speaks(&mut sessions, 1, 0);
        speaks(&mut sessions, 2, 1_000);
        assert!(!speaks(&mut sessions, 1, IDLE_MS - 1));
        assert!(speaks(&mut sessions, 2, IDLE_MS + 1_000));
        assert_eq!(sessions.len(), 2);
        assert!(speaks(&mut sessions, 3, 9 * IDLE_MS));
        assert_eq!(keys(&sessions), [3]);
    }

    #[test]
    fn many_sessions_that_come_and_go_leave_a_whole_list() {
        let mut sessions = Sessions::with_most(50);
        for n in 0..5_000_u128 {
            speaks(&mut sessions, n * n % 97, n as i64);
            let found = keys(&sessions);
            assert_eq!(found.len(), sessions.len());
            assert!(sessions.len() <= 50);
            assert_eq!(found.last(), Some(&(n * n % 97)));
        }
        let mut restored = Sessions::with_most(50);
        for session in sessions.iter() {
            restored.restore(session.clone());
        }
        assert_eq!(keys(&restored), keys(&sessions));
    }
}
