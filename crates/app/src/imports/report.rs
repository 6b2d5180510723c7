//! What came of an import, for whoever ran it.

use std::collections::BTreeMap;

use import::{Collection, Source};
use model::ObjectId;
use serde::Serialize;

/// Documents of a collection that are named one by one.
const NAMED: usize = 10_000;

/// What came of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A row, as it was.
    Taken,
    /// A row, and something about it is other than it was.
    Changed(String),
    /// Nothing: it was taken earlier, or is here twice.
    Known,
    /// Nothing: it cannot be taken.
    Left(&'static str),
}

/// What came of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Documents that it has.
    pub found: u64,
    /// Documents that became rows.
    pub taken: u64,
    /// Of these, how many are not just as they were.
    pub changed: u64,
    /// Documents that were taken earlier, or say what another says.
    pub known: u64,
    /// Documents that could not be taken.
    pub left_out: u64,
}

/// A document of which something is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Of which collection.
    pub collection: &'static str,
    /// Its id, or its number in the collection where it has none.
    pub id: String,
    /// What there is to say.
    pub what: String,
}

/// What came of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Files that came.
    pub fetched: u64,
    /// Their size.
    pub fetched_bytes: u64,
    /// Files that did not come, and are tried again by the next import.
    pub failed: u64,
    /// Files that were not asked for.
    pub waiting: u64,
    /// Those that did not come, and why.
    pub failures: Vec<Remark>,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By collection.
    pub collections: BTreeMap<&'static str, Sums>,
    /// Documents that could not be taken, up to ten thousand.
    pub left_out: Vec<Remark>,
    /// Documents that are not just as they were, up to ten thousand.
    pub changed: Vec<Remark>,
    /// What came of the files.
    pub files: Files,
}

impl Report {
    pub(super) fn of(source: &Source) -> Self {
        let sums = Collection::ALL.map(|collection| {
            let found = source.count(collection);
            (
                collection.name(),
                Sums {
                    found,
                    ..Sums::default()
                },
            )
        });
        Self {
            collections: sums.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether everything came.
    pub fn is_whole(&self) -> bool {
        self.files.failed == 0 && self.collections.values().all(|sums| sums.left_out == 0)
    }

    pub(super) fn taken(&self, collection: Collection) -> u64 {
        self.collections
            .get(collection.name())
            .map_or(0, |sums| sums.taken)
    }

    fn sums(&mut self, collection: Collection) -> &mut Sums {
        self.collections.entry(collection.name()).or_default()
    }

    pub(super) fn note(&mut self, collection: Collection, id: ObjectId, outcome: Outcome) {
        let sums = self.sums(collection);
        match outcome {
            Outcome::Taken => sums.taken += 1,
            Outcome::Known => sums.known += 1,
            Outcome::Changed(what) => {
                sums.taken += 1;
                self.remark(collection, id, what);
            }
            Outcome::Left(why) => {
                sums.left_out += 1;
                name(&mut self.left_out, collection, id.to_string(), why);
            }
        }
    }

    pub(super) fn remark(&mut self, collection: Collection, id: ObjectId, what: String) {
        self.sums(collection).changed += 1;
        name(&mut self.changed, collection, id.to_string(), what);
    }

    pub(super) fn leave_unnamed(&mut self, collection: Collection, number: u64, why: &str) {
        self.sums(collection).left_out += 1;
        name(&mut self.left_out, collection, format!("number {number}"), why);
    }
}

impl Files {
    pub(super) fn fail(&mut self, collection: &'static str, id: ObjectId, why: String) {
        self.failed += 1;
        if self.failures.len() < NAMED {
            self.failures.push(Remark {
                collection,
                id: id.to_string(),
                what: why,
            });
        }
    }
}

fn name(list: &mut Vec<Remark>, collection: Collection, id: String, what: impl Into<String>) {
    if list.len() < NAMED {
        list.push(Remark {
            collection: collection.name(),
            id,
            what: what.into(),
        });
    }
}
