//! What the clients were told, and so what must still be true after a crash.
//!
//! A change whose answer came whole with a 2xx is *acknowledged* and must be there. A change whose
//! answer did not come may have happened or not; both are right.

/// A value that was set again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot<T> {
    acknowledged: T,
    /// Set after it, with an unknown outcome.
    in_flight: Vec<T>,
}

impl<T: PartialEq + Clone> Slot<T> {
    /// A value that is known to be there.
    pub fn known(value: T) -> Self {
        Self {
            acknowledged: value,
            in_flight: Vec::new(),
        }
    }

    /// A change is on its way.
    pub fn begin(&mut self, value: T) {
        self.in_flight.push(value);
    }

    /// The change begun last was acknowledged: whatever was before it is over.
    pub fn acknowledge(&mut self) {
        if let Some(value) = self.in_flight.pop() {
            self.acknowledged = value;
            self.in_flight.clear();
        }
    }

    /// The change begun last was refused: it did not happen.
    pub fn refuse(&mut self) {
        self.in_flight.pop();
    }

    /// The acknowledged value.
    pub fn value(&self) -> &T {
        &self.acknowledged
    }

    /// Compares what is there now with what may be there, and takes it as known from here on. False
    /// when it is neither the acknowledged value nor one that was on its way.
    pub fn settle(&mut self, found: T) -> bool {
        let right = self.acknowledged == found || self.in_flight.contains(&found);
        self.in_flight.clear();
        self.acknowledged = found;
        right
    }
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Acknowledged: it must be there.
    There,
    /// Its end was asked for, with an unknown outcome.
    Leaving,
    /// Its end was acknowledged: it must not be there.
    Gone,
}

impl Presence {
    /// Whether finding it (or not) is right.
    pub fn allows(self, found: bool) -> bool {
        match self {
            Self::There => found,
            Self::Leaving => true,
            Self::Gone => !found,
        }
    }
}

/// An uploaded video as its owner knows it.
#[derive(Debug, Clone)]
pub struct Video {
    /// 24 hex digits.
    pub id: String,
    /// Its title.
    pub title: Slot<String>,
    /// BLAKE3 of the bytes that were uploaded.
    pub hash: [u8; 32],
    /// How many there were.
    pub length: u64,
    /// Whether it is to be there.
    pub presence: Presence,
    /// Its HLS was once read to the end since it was last processed.
    pub decoded: bool,
}

/// An account beside the client's own.
#[derive(Debug, Clone)]
pub struct Account {
    /// Username.
    pub name: String,
    /// Whether its registration was acknowledged; otherwise it may be there or not.
    pub acknowledged: bool,
}

/// A chain of refresh tokens.
#[derive(Debug, Clone)]
pub struct Family {
    /// The newest token the client was given.
    pub token: String,
    /// A refresh with it is on its way, with an unknown outcome: it may be used up.
    pub in_flight: bool,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// An acknowledged effect is not there.
    Lost(String),
    /// Anything else that breaks a rule.
    Broken(String),
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(what) => write!(f, "LOST {what}"),
            Self::Broken(what) => write!(f, "BROKEN {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_acknowledged_value_or_a_later_one_in_flight_is_right() {
        let mut title = Slot::known("a");
        title.begin("b");
        title.acknowledge();
        title.begin("c");
        assert!(title.clone().settle("b") && title.clone().settle("c"));
        assert!(
            !title.clone().settle("a"),
            "an acknowledged change took its place"
        );
        title.refuse();
        assert!(!title.clone().settle("c"), "a refused change must not happen");
        assert!(title.settle("b"));
    }

    #[test]
    fn a_delete_in_flight_may_have_happened_and_an_acknowledged_one_must_have() {
        assert!(Presence::There.allows(true) && !Presence::There.allows(false));
        assert!(Presence::Leaving.allows(true) && Presence::Leaving.allows(false));
        assert!(Presence::Gone.allows(false) && !Presence::Gone.allows(true));
    }
}
