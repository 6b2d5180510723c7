//! Places for connections: so many in all, so many for one address.

use crate::meters::METERS;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// All places.
#[derive(Debug)]
pub(crate) struct Slots {
    total: usize,
    per_address: usize,
    taken: AtomicUsize,
    /// Only addresses with a connection are in here, so it is no longer than `total`.
    addresses: Mutex<HashMap<IpAddr, usize>>,
}

/// One taken place; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    address: Option<IpAddr>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Every place is taken.
    Server,
    /// The address has its share.
    Address,
}

impl Slots {
    pub(crate) fn new(total: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            per_address,
            taken: AtomicUsize::new(0),
            addresses: Mutex::new(HashMap::new()),
        })
    }

    /// A place for a connection from `address`, whose own cap does not hold when it is `shared` by many people.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr, shared: bool) -> Result<Slot, Full> {
        let taken = self
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < self.total).then_some(taken + 1)
            });
        taken.map_err(|_| Full::Server)?;
        METERS.open.increment(1.0);
        let mut slot = Slot {
            slots: Arc::clone(self),
            address: None,
        };
        if !shared {
            let key = network(address);
            let mut addresses = self.addresses.lock();
            let count = addresses.entry(key).or_insert(0);
            if *count >= self.per_address {
                // A cap of zero must leave no entry behind.
                if *count == 0 {
                    addresses.remove(&key);
                }
                return Err(Full::Address);
            }
            *count += 1;
            slot.address = Some(key);
        }
        Ok(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        METERS.open.decrement(1.0);
        self.slots.taken.fetch_sub(1, Ordering::AcqRel);
        if let Some(address) = self.address {
            let mut addresses = self.slots.addresses.lock();
            if let Some(count) = addresses.get_mut(&address) {
                *count -= 1;
                if *count == 0 {
                    addresses.remove(&address);
                }
            }
        }
    }
}

/// What counts as one address: with IPv6 a household has a /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_every_place_and_gives_back_what_it_took() {
        let slots = Slots::new(4, 2);
        let held: Vec<_> = (0..2)
            .map(|_| slots.take(ip("10.0.0.1"), false).unwrap())
            .collect();
        assert_eq!(slots.take(ip("10.0.0.1"), false).unwrap_err(), Full::Address);
        assert!(
            slots.take(ip("::ffff:10.0.0.1"), false).is_err(),
            "the same address, mapped"
        );
        let other = slots.take(ip("10.0.0.2"), false).unwrap();
        let shared = slots.take(ip("10.0.0.1"), true).unwrap();
        assert_eq!(slots.take(ip("10.0.0.3"), false).unwrap_err(), Full::Server);
        drop((held, other, shared));
        assert_eq!(slots.taken.load(Ordering::Relaxed), 0);
        assert!(slots.addresses.lock().is_empty());
        assert!(slots.take(ip("10.0.0.1"), false).is_ok());
    }

    #[test]
    fn a_household_counts_as_one_address() {
        let slots = Slots::new(9, 1);
        let _held = slots.take(ip("2001:db8:1:2::1"), false).unwrap();
        assert!(slots.take(ip("2001:db8:1:2:ffff::9"), false).is_err());
        assert!(slots.take(ip("2001:db8:1:3::1"), false).is_ok());
    }
}
