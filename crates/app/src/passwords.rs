//! Passwords: hashing them, checking them, and refusing those that everyone uses.
//!
//! Argon2id with 19 MiB, two passes, one lane (OWASP's first choice, RFC 9106). A hash takes some
//! 50 ms of a core and 19 MiB, so no more run at once than there are cores, and no more wait than
//! are worth waiting for. Imported bcrypt hashes are accepted and replaced at the next sign-in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use model::text::Fault;
use tokio::sync::Semaphore;

use crate::Error;

/// How many may wait for a free core before the next is told to come back.
const QUEUE: usize = 64;
/// A password among this many of the commonest is refused (security.md A1).
const COMMONEST: u64 = 10_000;
/// bcrypt's cost doubles with each step; above this an imported hash would be a trap.
pub(crate) const HIGHEST_BCRYPT_COST: u32 = 14;

/// Hashes and checks passwords, a bounded number at once.
#[derive(Debug, Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// What a sign-in with an unknown name is checked against, so that it takes as long.
fn decoy() -> &'static str {
    static DECOY: LazyLock<String> =
        LazyLock::new(|| hash(&format!("{:x}", rand::random::<u128>())).unwrap_or_default());
    &DECOY
}

/// What checking a password found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Wrong.
    Wrong,
    /// Right.
    Right,
    /// Right, and the stored hash should be replaced by this one.
    RightUpgraded(String),
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// With as many hashes at once as there are cores.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// The hash of a new password, as a PHC string. Refuses the commonest ones, naming the field `field`.
    pub async fn hash_new(&self, field: &'static str, password: String) -> Result<String, Error> {
        self.run(move || {
            if is_common(&password) {
                let message = "This password is among the most used ones. Choose another.";
                return Err(Error::field(field, Fault::new("too_common", message)));
            }
            hash(&password)
        })
        .await
    }

    /// Whether `password` is what `stored` was made from. `None`: nobody has that name; takes as long.
    pub async fn verify(&self, stored: Option<String>, password: String) -> Result<Verdict, Error> {
        self.run(move || {
            // Made at the first sign-in of all, whoever it is for.
            let decoy = decoy();
            match stored {
                None => {
                    let _ = Argon2::default().verify_password(password.as_bytes(), decoy);
                    Ok(Verdict::Wrong)
                }
                Some(stored) if stored.starts_with("$2") => verify_bcrypt(&stored, &password),
                Some(stored) => {
                    let right = Argon2::default()
                        .verify_password(password.as_bytes(), stored.as_str())
                        .is_ok();
                    Ok(if right { Verdict::Right } else { Verdict::Wrong })
                }
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE + self.permits.available_permits() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::busy());
        }
        // The place in the queue is given back even when the caller goes away while waiting.
        let place = Place(Arc::clone(&self.waiting));
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        drop(place);
        let permit = permit.map_err(|closed| Error::failed("password queue", closed))?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|gone| Error::failed("password thread", gone))?
    }
}

struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(password: &str) -> Result<String, Error> {
    let hashed = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::failed("hash a password", error.to_string()))?;
    Ok(hashed.to_string())
}

fn verify_bcrypt(stored: &str, password: &str) -> Result<Verdict, Error> {
    let cost = stored
        .get(4..6)
        .and_then(|cost| cost.parse().ok())
        .unwrap_or(u32::MAX);
    if cost > HIGHEST_BCRYPT_COST || !bcrypt::verify(password, stored).unwrap_or(false) {
        return Ok(Verdict::Wrong);
    }
    Ok(Verdict::RightUpgraded(hash(password)?))
}

/// Whether someone who tries the commonest passwords, and the plainest patterns of keys, dates and
/// repeats, in order of likelihood would find this one within the first ten thousand, whatever its case.
fn is_common(password: &str) -> bool {
    // The estimator looks at the first 100 characters; what is longer is on no list.
    password.chars().count() <= 100 && zxcvbn::zxcvbn(&password.to_lowercase(), &[]).guesses() <= COMMONEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash_new("password", "a long enough secret".into())
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let right = passwords
            .verify(Some(hash.clone()), "a long enough secret".into())
            .await
            .unwrap();
        assert_eq!(right, Verdict::Right);
        assert_eq!(
            passwords
                .verify(Some(hash), "another secret".into())
                .await
                .unwrap(),
            Verdict::Wrong
        );
        assert_eq!(
            passwords.verify(None, "anything".into()).await.unwrap(),
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn an_imported_hash_is_accepted_and_replaced() {
        let passwords = Passwords::new();
        let imported = bcrypt::hash("mongo-secret", 4).unwrap();
        let verdict = passwords
            .verify(Some(imported.clone()), "mongo-secret".into())
            .await
            .unwrap();
        assert!(matches!(verdict, Verdict::RightUpgraded(hash) if hash.starts_with("$argon2id$")));
        assert_eq!(
            passwords.verify(Some(imported), "other".into()).await.unwrap(),
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn the_commonest_passwords_are_refused() {
        let passwords = Passwords::new();
        for common in ["password", "PassWord123", "qwertyuiop", "iloveyou", "1q2w3e4r5t"] {
            assert!(
                passwords.hash_new("password", common.into()).await.is_err(),
                "{common}"
            );
        }
        assert!(
            passwords
                .hash_new("password", "tangled-otter-84".into())
                .await
                .is_ok()
        );
    }
}
