//! The first admin: made once, by whoever can read the code that the server prints at its start.
//!
//! The code has 128 bits and lives for a day; each start prints a new one while there is no admin.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::users::Role;
use sha2::{Digest, Sha256};
use store::users::UserRow;
use store::{counters, users};
use subtle::ConstantTimeEq;

use crate::accounts::{Accounts, Registration};
use crate::core::Core;
use crate::error::{Error, Kind};

const FACT: &str = "setup_code";
const TTL_MS: i64 = 24 * 3_600_000;

/// The way to the first admin.
#[derive(Debug)]
pub struct Setup {
    core: Arc<Core>,
}

impl Setup {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// A new code to print, or `None` when there is an admin.
    pub async fn new_code(&self) -> Result<Option<String>, Error> {
        let mut tx = self.core.store.write().await?;
        if users::any_admin(&mut tx).await? {
            return Ok(None);
        }
        let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let until = self.core.clock.now().plus_ms(TTL_MS);
        counters::save_fact(&mut tx, FACT, &format!("{} {}", until.0, digest(&code))).await?;
        tx.commit().await?;
        Ok(Some(code))
    }

    /// Makes the first admin. Once there is one, this does not exist.
    pub async fn claim(&self, accounts: &Accounts, code: &str, form: Registration) -> Result<UserRow, Error> {
        let mut tx = self.core.store.read();
        if users::any_admin(&mut tx).await? {
            return Err(Error::refused(Kind::NotFound, "not_found", "Not found"));
        }
        let wrong = || {
            Error::refused(
                Kind::Forbidden,
                "wrong_setup_code",
                "The setup code is wrong or too old.",
            )
        };
        let fact = counters::fact(&mut tx, FACT).await?.ok_or_else(wrong)?;
        let (until, expected) = fact.split_once(' ').ok_or_else(wrong)?;
        let alive = until
            .parse()
            .is_ok_and(|until: i64| until > self.core.clock.now().0);
        if !alive || !bool::from(expected.as_bytes().ct_eq(digest(code).as_bytes())) {
            return Err(wrong());
        }
        // Taking the code away first: two claims at once make one admin.
        let mut tx = self.core.store.write().await?;
        let taken = !users::any_admin(&mut tx).await? && counters::remove_fact(&mut tx, FACT).await?;
        tx.commit().await?;
        if !taken {
            return Err(wrong());
        }
        let made = accounts.create(form, Role::Admin).await;
        if made.is_err() {
            let mut tx = self.core.store.write().await?;
            counters::save_fact(&mut tx, FACT, &fact).await?;
            tx.commit().await?;
        }
        made
    }
}

fn digest(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}
