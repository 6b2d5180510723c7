//! Accounts as admins see and change them: roles, switching off and on, quotas.
//!
//! What somebody made stays when their account is switched off; what should not stay is taken down.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::UserId;
use model::moderation::{Act, Kind as Subject, Target};
use model::text::Fault;
use model::users::Role;
use store::users::{self, Account};
use store::{Tx, jobs as job_rows, quotas, sessions};

use super::{Moderation, must_run_the_site, note};
use crate::error::{Error, Fields, Kind, Refusal};
use crate::jobs::remove_user;
use crate::lists::{Position, Request, Slice};
use crate::queue::By;
use crate::sessions::Actor;

/// What to change about an account; absent fields stay.
#[derive(Debug, Default)]
pub struct AccountChange {
    /// `user`, `moderator` or `admin`.
    pub role: Option<String>,
    /// Whether the account is switched off.
    pub disabled: Option<bool>,
    /// The most that they may store.
    pub quota: Option<Quota>,
    /// The admin's own password, for another role: whoever has found a session open makes no admins.
    pub password: Option<String>,
}

/// The most that somebody may store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// As the instance is set up.
    Default,
    /// So many bytes; 0: no bound.
    Bytes(i64),
}

/// An account after a change of it.
#[derive(Debug)]
pub struct Changed {
    /// As it is now.
    pub account: Account,
    /// How many sessions that ended.
    pub ended_sessions: usize,
}

/// The change with its fields checked.
struct Checked {
    role: Option<Role>,
    disabled: Option<bool>,
    quota: Option<Quota>,
    password: Option<String>,
}

impl AccountChange {
    fn check(self) -> Result<Checked, Error> {
        let mut fields = Fields::default();
        let role = fields.optional("role", self.role.as_deref(), |name| {
            let message = "The role is user, moderator or admin.";
            Role::from_name(name).ok_or_else(|| Fault::new("unknown", message))
        });
        if matches!(self.quota, Some(Quota::Bytes(bytes)) if bytes < 0) {
            let message = "A number of bytes, 0 for no bound, or null for what holds for everyone.";
            fields.blame("quota", Fault::new("out_of_range", message));
        }
        fields.done()?;
        if role.is_none() && self.disabled.is_none() && self.quota.is_none() {
            let message = "Send role, disabled or quota.";
            return Err(Error::refused(Kind::Invalid, "nothing_to_change", message));
        }
        Ok(Checked {
            role,
            disabled: self.disabled,
            quota: self.quota,
            password: self.password.filter(|password| !password.is_empty()),
        })
    }
}

fn bad_cursor() -> Error {
    let message = "This cursor does not belong to this list.";
    Error::refused(Kind::Invalid, "bad_cursor", message)
}

/// The name behind which a page begins.
fn name_of(cursor: &str) -> Result<String, Error> {
    if cursor.len() > 64 {
        return Err(bad_cursor());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    let name = String::from_utf8(bytes).map_err(|_| bad_cursor())?;
    match model::users::username(&name) {
        Ok(known) if known == name => Ok(name),
        _ => Err(bad_cursor()),
    }
}

async fn find(tx: &mut Tx, id: UserId) -> Result<Account, Error> {
    users::account(tx, id).await?.ok_or_else(Error::no_user)
}

impl Moderation {
    /// Accounts in the order of their names, those that are switched off too; only those whose names begin with
    /// `prefix`, where there is one.
    pub async fn accounts(
        &self,
        prefix: Option<&str>,
        request: &Request,
        actor: &Actor,
    ) -> Result<Slice<Account>, Error> {
        must_run_the_site(By::Actor(actor))?;
        let after = match &request.position {
            Position::Cursor(cursor) if !cursor.is_empty() => Some(name_of(cursor)?),
            Position::Cursor(_) | Position::Page(_) => None,
        };
        let prefix = prefix.unwrap_or_default().trim().to_lowercase();
        let may_begin = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
        if prefix.len() > 30 || !prefix.chars().all(may_begin) {
            // No name begins like that.
            return Ok(Slice {
                items: Vec::new(),
                next_cursor: None,
            });
        }
        let mut tx = self.core.store.read();
        let mut items = users::accounts(&mut tx, &prefix, after.as_deref(), request.limit + 1).await?;
        let limit = usize::try_from(request.limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|account| URL_SAFE_NO_PAD.encode(&account.user.username));
        Ok(Slice { items, next_cursor })
    }

    /// Changes role, switches off or on, sets the quota. Whoever is switched off is signed out at once.
    pub async fn change_account(
        &self,
        id: UserId,
        change: AccountChange,
        by: By<'_>,
    ) -> Result<Changed, Error> {
        must_run_the_site(by)?;
        let seen = find(&mut self.core.store.read(), id).await?;
        let mut change = change.check()?;
        // Nobody has asked for a role that somebody has already; if they lose it meanwhile, they do not get it back.
        change.role = change.role.filter(|role| *role != seen.user.role);
        if change.role.is_some() {
            self.must_be_themselves(by, change.password.take()).await?;
        }
        let core = &self.core;
        let target = Target::new(Subject::User, id.0);
        let now = core.clock.now();
        let mut tx = core.store.write().await?;
        let before = find(&mut tx, id).await?;
        let role = change.role.filter(|role| *role != before.user.role);
        let was_off = before.user.disabled_at.is_some();
        let off = change.disabled.filter(|off| *off != was_off);
        let stays_admin = role.is_none() && off != Some(true);
        // Whoever has the machine can make an admin at any time.
        let guarded = matches!(by, By::Actor(_)) && before.user.role == Role::Admin && !was_off;
        if guarded && !stays_admin && !users::any_other_admin(&mut tx, id).await? {
            let message = "This is the last admin. Make another one first.";
            return Err(Refusal::new(Kind::Conflict, "last_admin", message).into());
        }
        if off == Some(false) && job_rows::is_live(&mut tx, remove_user::KIND, id).await? {
            let message = "This account is being removed.";
            return Err(Refusal::new(Kind::Conflict, "account_removed", message).into());
        }
        if let Some(role) = role {
            users::save_role(&mut tx, id, role).await?;
            let words = format!("{} → {}", before.user.role.name(), role.name());
            note(core, &mut tx, by, Act::SetRole, target, &words).await?;
        }
        let mut ended_sessions = 0;
        if let Some(off) = off {
            users::save_disabled(&mut tx, id, off.then_some(now)).await?;
            let act = if off { Act::Disable } else { Act::Enable };
            note(core, &mut tx, by, act, target, "").await?;
        }
        if change.disabled == Some(true) {
            let ended = sessions::end_all(&mut tx, id, None, "admin", now).await?;
            ended_sessions = ended.len();
        }
        if let Some(quota) = change.quota {
            let (bytes, words) = match quota {
                Quota::Default => (None, "default".to_owned()),
                Quota::Bytes(0) => (Some(0), "none".to_owned()),
                Quota::Bytes(bytes) => (Some(bytes.unsigned_abs()), bytes.to_string()),
            };
            quotas::save_quota(&mut tx, id, bytes).await?;
            note(core, &mut tx, by, Act::SetQuota, target, &words).await?;
        }
        let account = find(&mut tx, id).await?;
        tx.commit().await?;
        // Rights are asked of the store again, and so is whether anybody is still signed in.
        self.sessions.forget_checks();
        Ok(Changed {
            account,
            ended_sessions,
        })
    }

    /// Refuses unless the actor has just said their password. Whoever has the machine needs none.
    async fn must_be_themselves(&self, by: By<'_>, password: Option<String>) -> Result<(), Error> {
        let By::Actor(actor) = by else { return Ok(()) };
        let Some(password) = password else {
            let message = "Send your own password with another role.";
            return Err(Refusal::new(Kind::Forbidden, "password_required", message).into());
        };
        let own = users::find(&mut self.core.store.read(), actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        self.sessions.confirm(&own, password).await
    }

    /// Ends all sessions of a user; answers how many. For the command line.
    pub async fn end_sessions(&self, id: UserId, by: By<'_>) -> Result<usize, Error> {
        must_run_the_site(by)?;
        let mut tx = self.core.store.write().await?;
        let ended = sessions::end_all(&mut tx, id, None, "admin", self.core.clock.now()).await?;
        let target = Target::new(Subject::User, id.0);
        note(&self.core, &mut tx, by, Act::EndSessions, target, "").await?;
        tx.commit().await?;
        self.sessions.forget_checks();
        Ok(ended.len())
    }

    /// Writes down what the command line did about an account through other use cases.
    pub async fn note_account(&self, id: UserId, act: Act, by: By<'_>) -> Result<(), Error> {
        must_run_the_site(by)?;
        let mut tx = self.core.store.write().await?;
        note(&self.core, &mut tx, by, act, Target::new(Subject::User, id.0), "").await?;
        Ok(tx.commit().await?)
    }
}
