//! The store on real files: groups of transactions, reads beside them, migrations, the lock.

mod groups;
mod kit;
mod lock;
mod migrations;
mod reads;
