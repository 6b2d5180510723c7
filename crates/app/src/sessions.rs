//! Sessions: signing in and out, access tokens, refresh tokens and what reuse of one means.
//!
//! An **access token** is a JWT (RFC 7519, `at+jwt` of RFC 9068) that lives ten minutes and names a
//! session. It is checked once, then remembered; whether its session still lives is asked of the
//! store again after half a second, and at once when anything was revoked here.
//!
//! A **refresh token** is made from the session's id, its generation, its random seed and the
//! server's key, so nothing that opens a session is stored. Presenting the present generation moves
//! on to the next. Within ten seconds the one before still yields the same successor (two tabs, a
//! lost answer); later it is a stolen copy, and the whole session ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::users::Role;
use model::{Millis, SessionId, UserId};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use store::sessions::{self, SessionRow};
use store::users::{self, UserRow};
use subtle::ConstantTimeEq;

use crate::attempts::Attempts;
use crate::core::Core;
use crate::error::{Error, Kind, Refusal};
use crate::keys::{Keys, mac};
use crate::passwords::{Passwords, Verdict};

/// How long an access token lives.
pub const ACCESS_TTL_S: i64 = 600;
/// A session that is not refreshed for this long has ended.
pub(crate) const IDLE_MS: i64 = 30 * 24 * 3_600_000;
/// A session ends at the latest after this long.
const ABSOLUTE_MS: i64 = 90 * 24 * 3_600_000;
/// How long the previous refresh token still yields the same successor.
const GRACE_MS: i64 = 10_000;
/// How far two clocks may disagree.
const LEEWAY_S: i64 = 30;
/// How long a session is taken to live on without asking the store.
const STANDING_TTL_MS: u64 = 500;
/// The longest access token worth parsing.
const MAX_TOKEN_BYTES: usize = 4096;
/// Who issues tokens, and for whom.
const ISSUER: &str = "streamsphere";

/// Who makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user_id: UserId,
    /// With which sign-in.
    pub session_id: SessionId,
    /// What they may do beyond their own things.
    pub role: Role,
}

impl Actor {
    /// Whether they run the site.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether they look after what people say and show; admins do too.
    pub fn moderates(&self) -> bool {
        matches!(self.role, Role::Moderator | Role::Admin)
    }
}

/// Someone signed in, or nobody.
pub type Viewer = Option<Actor>;

/// A new pair of tokens and whose they are.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: UserRow,
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// For the next pair.
    pub refresh_token: String,
}

/// One sign-in as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub session: SessionRow,
    /// It is the one that asks.
    pub current: bool,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

struct Known {
    actor: Actor,
    exp_s: i64,
    nbf_s: i64,
    /// Milliseconds since `born` at which the session was last seen to live, and the epoch of then.
    checked_at: AtomicU64,
    checked_epoch: AtomicU64,
}

/// Signing in and out.
pub struct Sessions {
    core: Arc<Core>,
    passwords: Passwords,
    attempts: Attempts,
    refresh_key: [u8; 32],
    header: Header,
    /// The first part that every token of ours has, to the letter: no other header is looked into.
    header_text: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    known: Cache<String, Arc<Known>>,
    born: Instant,
    /// Grows with every revocation in this process; what was checked before is checked again.
    epoch: AtomicU64,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions whose tokens are made with `keys`.
    pub fn new(core: Arc<Core>, keys: &Keys, passwords: Passwords) -> Result<Self, Error> {
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(keys.key_id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let header_json =
            serde_json::to_vec(&header).map_err(|error| Error::failed("token header", error))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[ISSUER]);
        validation.set_issuer(&[ISSUER]);
        // Times are checked against our own clock, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let attempts = Attempts::new(core.clock.clone(), core.bus.clone(), core.settings.rate_limits);
        Ok(Self {
            core,
            passwords,
            attempts,
            refresh_key: keys.refresh,
            header,
            header_text: URL_SAFE_NO_PAD.encode(header_json),
            encoding: EncodingKey::from_secret(&keys.access),
            decoding: DecodingKey::from_secret(&keys.access),
            validation,
            known: Cache::builder()
                .max_capacity(50_000)
                .time_to_live(std::time::Duration::from_secs(ACCESS_TTL_S.unsigned_abs()))
                .build(),
            born: Instant::now(),
            epoch: AtomicU64::new(0),
        })
    }

    /// Counts attempts to sign in that other nodes tell of, until `stop`.
    pub async fn hear_attempts(self: Arc<Self>, stop: tokio_util::sync::CancellationToken) {
        self.attempts.hear(stop).await;
    }

    /// Refuses unless this is the password of somebody who is signed in. Wrong ones are counted by person, so that whoever
    /// has found a session open cannot go on guessing: thirty in a quarter of an hour.
    pub(crate) async fn confirm(&self, user: &UserRow, password: String) -> Result<(), Error> {
        let key = format!("user/{}", user.id);
        self.attempts.begin(None, &key)?;
        let stored = Some(user.password_hash.clone());
        if self.passwords.verify(stored, password).await? == Verdict::Wrong {
            return Err(Error::refused(
                Kind::Forbidden,
                "wrong_password",
                "The password is wrong.",
            ));
        }
        self.attempts.succeeded(None, &key);
        Ok(())
    }

    /// Signs in by username or email and password. `address` is what attempts are counted by.
    pub async fn sign_in(
        &self,
        username: Option<&str>,
        email: Option<&str>,
        password: String,
        device: &str,
        address: &str,
    ) -> Result<SignedIn, Error> {
        let mut tx = self.core.store.read();
        // A name that breaks the rules belongs to nobody, like any other wrong name, and has no attempts of
        // its own. They are counted by the folded name: one account must not have as many limits as ways
        // to write its name.
        let account = match (username, email) {
            (Some(name), _) => model::users::username(name).ok(),
            (None, email) => email.and_then(|email| model::users::email(email).ok()),
        };
        self.attempts.begin(account.as_deref(), address)?;
        let found = match (username, &account) {
            (Some(_), Some(name)) => users::find_by_username(&mut tx, name).await?,
            (None, Some(email)) => users::find_by_email(&mut tx, email).await?,
            (_, None) => None,
        };
        // Whoever waits for an admin's word is told so, once the password is right.
        let usable = found.filter(|user| user.disabled_at.is_none() || user.awaiting_since.is_some());
        let stored = usable.as_ref().map(|user| user.password_hash.clone());
        let verdict = self.passwords.verify(stored, password).await?;
        let (Some(user), false) = (usable, verdict == Verdict::Wrong) else {
            return Err(invalid_credentials());
        };
        self.attempts.succeeded(account.as_deref(), address);
        if user.awaiting_since.is_some() {
            let message = "This account waits for an admin to approve it.";
            return Err(Error::refused(Kind::Forbidden, "awaiting_approval", message));
        }
        let now = self.core.clock.now();
        let session = self.new_session(user.id, device, now);
        let mut tx = self.core.store.write().await?;
        // The password may have been changed, or the account switched off, while it was being checked.
        let now_stored = users::find(&mut tx, user.id).await?;
        if now_stored.is_none_or(|u| u.disabled_at.is_some() || u.password_hash != user.password_hash) {
            return Err(invalid_credentials());
        }
        if let Verdict::RightUpgraded(hash) = verdict {
            users::save_password(&mut tx, user.id, &user.password_hash, &hash).await?;
        }
        sessions::add(&mut tx, &session).await?;
        tx.commit().await?;
        self.tokens(user, &session, now)
    }

    fn new_session(&self, user: UserId, device: &str, now: Millis) -> SessionRow {
        SessionRow {
            id: self.core.ids.next(now),
            user_id: user,
            seed: rand::random::<[u8; 32]>().to_vec(),
            generation: 0,
            rotated_at: now,
            last_used_at: now,
            expires_at: now.plus_ms(ABSOLUTE_MS),
            ended_at: None,
            device: device.chars().filter(|c| !c.is_control()).take(200).collect(),
            created_at: now,
        }
    }

    fn tokens(&self, user: UserRow, session: &SessionRow, now: Millis) -> Result<SignedIn, Error> {
        let iat = now.as_seconds();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: user.id,
            sid: session.id,
            iat,
            nbf: iat,
            exp: iat + ACCESS_TTL_S,
        };
        let access_token = jsonwebtoken::encode(&self.header, &claims, &self.encoding)
            .map_err(|error| Error::failed("sign a token", error))?;
        let refresh_token = self.refresh_token(session, session.generation);
        Ok(SignedIn {
            user,
            access_token,
            refresh_token,
        })
    }

    /// Session id, generation and their authentication; 48 bytes, of which nobody can make the last 32.
    fn refresh_token(&self, session: &SessionRow, generation: i64) -> String {
        let generation = u32::try_from(generation).unwrap_or(u32::MAX).to_be_bytes();
        let tag = mac(
            &self.refresh_key,
            &[session.id.as_bytes(), &generation, &session.seed],
        );
        let mut token = Vec::with_capacity(48);
        token.extend_from_slice(session.id.as_bytes());
        token.extend_from_slice(&generation);
        token.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// A new pair of tokens for the refresh token of a live session.
    pub async fn refresh(&self, token: &str) -> Result<SignedIn, Error> {
        let (id, generation) = parse_refresh(token).ok_or_else(bad_refresh)?;
        // A forged token must not cost anyone the writer: its seed never changes, so a read can tell.
        let known = sessions::find(&mut self.core.store.read(), id)
            .await?
            .ok_or_else(bad_refresh)?;
        let expected = self.refresh_token(&known, generation);
        if !bool::from(expected.as_bytes().ct_eq(token.as_bytes())) {
            return Err(bad_refresh());
        }
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let session = sessions::find(&mut tx, id).await?.ok_or_else(bad_refresh)?;
        let idle = now.since(session.last_used_at) > IDLE_MS;
        if session.ended_at.is_some() || idle || session.expires_at <= now {
            return Err(bad_refresh());
        }
        let user = users::find(&mut tx, session.user_id)
            .await?
            .filter(|user| user.disabled_at.is_none());
        let Some(user) = user else {
            return Err(bad_refresh());
        };
        let in_grace = session.generation == generation + 1 && now.since(session.rotated_at) <= GRACE_MS;
        if generation == session.generation {
            sessions::rotate(&mut tx, id, generation, now).await?;
            tx.commit().await?;
            let next = SessionRow {
                generation: generation + 1,
                ..session
            };
            self.tokens(user, &next, now)
        } else if in_grace {
            drop(tx);
            self.tokens(user, &session, now)
        } else {
            sessions::end(&mut tx, id, "refresh_token_reused", now).await?;
            tx.commit().await?;
            self.forget_checks();
            tracing::warn!(session.id = %id, user.id = %session.user_id, "Refresh token reused: session {id} ended");
            Err(bad_refresh())
        }
    }

    /// Who carries this access token.
    pub async fn actor(&self, token: &str) -> Result<Actor, Error> {
        let known = match self.known.get(token) {
            Some(known) => known,
            None => self.admit(token)?,
        };
        let now = self.core.clock.now();
        if known.exp_s + LEEWAY_S < now.as_seconds() || known.nbf_s - LEEWAY_S > now.as_seconds() {
            return Err(bad_token());
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let age = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        let fresh = known.checked_epoch.load(Ordering::Acquire) == epoch + 1
            && age.saturating_sub(known.checked_at.load(Ordering::Relaxed)) < STANDING_TTL_MS;
        if fresh {
            return Ok(known.actor);
        }
        let standing = sessions::standing(&mut self.core.store.read(), known.actor.session_id, now).await?;
        match standing {
            Some(standing) if standing.live && standing.user_id == known.actor.user_id => {
                let actor = Actor {
                    role: standing.role,
                    ..known.actor
                };
                if actor == known.actor {
                    known.checked_at.store(age, Ordering::Relaxed);
                    known.checked_epoch.store(epoch + 1, Ordering::Release);
                } else {
                    let known = Known {
                        actor,
                        exp_s: known.exp_s,
                        nbf_s: known.nbf_s,
                        checked_at: AtomicU64::new(age),
                        checked_epoch: AtomicU64::new(epoch + 1),
                    };
                    self.known.insert(token.to_owned(), Arc::new(known));
                }
                Ok(actor)
            }
            _ => {
                self.known.invalidate(token);
                Err(bad_token())
            }
        }
    }

    /// Checks everything about a token that does not change, and remembers it.
    fn admit(&self, token: &str) -> Result<Arc<Known>, Error> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(bad_token());
        }
        // Another algorithm, type, key name, or any other header field at all, makes other text.
        let (header, _) = token.split_once('.').ok_or_else(bad_token)?;
        if header != self.header_text {
            return Err(bad_token());
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| bad_token())?
            .claims;
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or_else(bad_token)?;
        if !(0..=ACCESS_TTL_S).contains(&lifetime) || claims.nbf < 0 {
            return Err(bad_token());
        }
        let known = Arc::new(Known {
            actor: Actor {
                user_id: claims.sub,
                session_id: claims.sid,
                role: Role::User,
            },
            exp_s: claims.exp,
            nbf_s: claims.nbf,
            checked_at: AtomicU64::new(0),
            checked_epoch: AtomicU64::new(0),
        });
        self.known.insert(token.to_owned(), Arc::clone(&known));
        Ok(known)
    }

    /// Makes every token ask the store about its session again. Called after every revocation.
    pub fn forget_checks(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Whose session this is, if it lives at this moment; for media links that are bound to one.
    pub async fn holder(&self, id: SessionId) -> Result<Viewer, Error> {
        let now = self.core.clock.now();
        let standing = sessions::standing(&mut self.core.store.read(), id, now).await?;
        Ok(standing.filter(|standing| standing.live).map(|standing| Actor {
            user_id: standing.user_id,
            session_id: id,
            role: standing.role,
        }))
    }

    /// Ends the caller's own session.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Error> {
        self.end_one(actor, actor.session_id, "signed_out")
            .await
            .map(|_| ())
    }

    /// The caller's live sessions, newest first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<SessionView>, Error> {
        let now = self.core.clock.now();
        let rows = sessions::list_live(&mut self.core.store.read(), actor.user_id, now).await?;
        let idle_limit = now.plus_ms(-IDLE_MS);
        Ok(rows
            .into_iter()
            .filter(|session| session.last_used_at > idle_limit)
            .map(|session| SessionView {
                current: session.id == actor.session_id,
                session,
            })
            .collect())
    }

    /// Ends one of the caller's sessions.
    pub async fn revoke(&self, actor: &Actor, id: SessionId) -> Result<(), Error> {
        if self.end_one(actor, id, "revoked").await? {
            Ok(())
        } else {
            Err(Error::refused(
                Kind::NotFound,
                "session_not_found",
                "Session not found",
            ))
        }
    }

    async fn end_one(&self, actor: &Actor, id: SessionId, reason: &str) -> Result<bool, Error> {
        let mut tx = self.core.store.write().await?;
        let own = sessions::find(&mut tx, id)
            .await?
            .is_some_and(|s| s.user_id == actor.user_id);
        let ended = own && sessions::end(&mut tx, id, reason, self.core.clock.now()).await?;
        tx.commit().await?;
        self.forget_checks();
        Ok(ended)
    }

    /// Ends the caller's sessions, the present one too unless `keep_current`.
    pub async fn revoke_all(&self, actor: &Actor, keep_current: bool) -> Result<(), Error> {
        let keep = keep_current.then_some(actor.session_id);
        let mut tx = self.core.store.write().await?;
        sessions::end_all(&mut tx, actor.user_id, keep, "revoked", self.core.clock.now()).await?;
        tx.commit().await?;
        self.forget_checks();
        Ok(())
    }
}

fn parse_refresh(token: &str) -> Option<(SessionId, i64)> {
    // 48 bytes are 64 characters; anything else is not worth decoding.
    if token.len() != 64 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let id = SessionId::from_slice(bytes.get(..12)?).ok()?;
    let generation: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
    Some((id, i64::from(u32::from_be_bytes(generation))))
}

fn invalid_credentials() -> Error {
    Error::refused(
        Kind::Unauthenticated,
        "invalid_credentials",
        "Username or password is wrong.",
    )
}

fn bad_token() -> Error {
    Refusal::new(
        Kind::Unauthenticated,
        "invalid_token",
        "The access token is not valid any more. Sign in again.",
    )
    .into()
}

fn bad_refresh() -> Error {
    Refusal::new(
        Kind::Unauthenticated,
        "invalid_refresh_token",
        "The refresh token is not valid. Sign in again.",
    )
    .into()
}
