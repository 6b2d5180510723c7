//! Accounts: registering, the profile, the password, the channel page, and leaving.
//!
//! Signing in and out is [`crate::sessions`].

use std::sync::Arc;

use bytes::Bytes;
use model::text::Fault;
use model::users::{self as rules, Registration as Admission, Role};
use store::StoreError;
use store::users::{self, UserRow};
use store::{jobs as job_rows, sessions, subscriptions};

use crate::core::Core;
use crate::error::{Error, Fields, Kind, Refusal};
use crate::jobs;
use crate::passwords::{Passwords, Verdict};
use crate::pictures::{self, Encoded, Purpose};
use crate::playback::Playback;
use crate::sessions::{Actor, Sessions, Viewer};
use crate::subscriptions::sees;

/// What someone who registers has typed.
#[derive(Debug, Default)]
pub struct Registration {
    /// Shown name.
    pub full_name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// Handle.
    pub username: Option<String>,
    /// Secret.
    pub password: Option<String>,
    /// Picture file.
    pub avatar: Option<Bytes>,
    /// Banner file.
    pub cover: Option<Bytes>,
}

/// Profile fields to change; absent ones stay.
#[derive(Debug, Default)]
pub struct ProfileChange {
    /// Shown name.
    pub full_name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// Channel description.
    pub bio: Option<String>,
    /// Whether nobody else is shown whom they follow.
    pub subscriptions_hidden: Option<bool>,
}

/// A channel as its page shows it.
#[derive(Debug)]
pub struct Channel {
    /// Whose.
    pub user: UserRow,
    /// Whether the viewer follows it.
    pub is_subscribed: bool,
}

/// Everything about accounts.
#[derive(Debug)]
pub struct Accounts {
    core: Arc<Core>,
    passwords: Passwords,
    sessions: Arc<Sessions>,
    playback: Arc<Playback>,
}

impl Accounts {
    /// Accounts over these parts.
    pub fn new(
        core: Arc<Core>,
        passwords: Passwords,
        sessions: Arc<Sessions>,
        playback: Arc<Playback>,
    ) -> Self {
        Self {
            core,
            passwords,
            sessions,
            playback,
        }
    }

    /// Registers a new user.
    pub async fn register(&self, form: Registration) -> Result<UserRow, Error> {
        self.expect_registration()?;
        let waits = self.core.settings.registration == Admission::Approval;
        self.make(form, Role::User, waits).await
    }

    /// Refuses when nobody may register here; asked before a form is read.
    pub fn expect_registration(&self) -> Result<(), Error> {
        if self.core.settings.registration == Admission::Closed {
            return Err(Error::refused(
                Kind::Forbidden,
                "registration_closed",
                "Registration is closed here.",
            ));
        }
        Ok(())
    }

    /// Creates a user with this role; for registration, first-run setup and the command line.
    pub async fn create(&self, form: Registration, role: Role) -> Result<UserRow, Error> {
        self.make(form, role, false).await
    }

    /// Creates a user, who cannot sign in before an admin agrees where they have to wait.
    async fn make(&self, form: Registration, role: Role, waits: bool) -> Result<UserRow, Error> {
        let mut fields = Fields::default();
        let full_name = fields.require("fullName", form.full_name.as_deref(), rules::full_name);
        let email = fields.require("email", form.email.as_deref(), rules::email);
        let username = fields.require("username", form.username.as_deref(), rules::username);
        let password = fields.require("password", form.password.as_deref(), |raw| {
            rules::password(raw).map(|()| raw.to_owned())
        });
        let (Some(full_name), Some(email), Some(username), Some(password)) =
            (full_name, email, username, password)
        else {
            return Err(fields.into_error());
        };
        // Asked before the expensive work; the unique index has the last word.
        let mut tx = self.core.store.read();
        if users::find_by_username(&mut tx, &username).await?.is_some() {
            return Err(username_taken());
        }
        if users::find_by_email(&mut tx, &email).await?.is_some() {
            return Err(email_taken());
        }
        // Before the pictures: a password that is refused should cost nobody a decoder.
        let password_hash = self.passwords.hash_new("password", password).await?;
        let now = self.core.clock.now();
        let id = self.core.ids.next(now);
        let avatar = match form.avatar {
            Some(bytes) => pictures::encode("avatar", Purpose::Avatar, bytes).await?,
            None => pictures::generated_avatar(id, &full_name).await?,
        };
        let cover = match form.cover {
            Some(bytes) => Some(pictures::encode("coverImage", Purpose::Cover, bytes).await?),
            None => None,
        };
        let folder = pictures::user_folder(id);
        let avatar_rev = pictures::new_rev(&self.core);
        let cover_rev = cover.as_ref().map(|_| pictures::new_rev(&self.core));
        let new = users::New {
            id,
            username: &username,
            email: &email,
            full_name: &full_name,
            password_hash: &password_hash,
            role,
            avatar_rev: &avatar_rev,
            cover_rev: cover_rev.as_deref(),
            now,
        };
        let added = async {
            avatar.store(&self.core, &folder, "avatar", &avatar_rev).await?;
            if let (Some(cover), Some(rev)) = (cover, &cover_rev) {
                cover.store(&self.core, &folder, "cover", rev).await?;
            }
            let mut tx = self.core.store.write().await?;
            users::add(&mut tx, &new).await.map_err(taken)?;
            if waits {
                users::await_approval(&mut tx, id, now).await?;
            }
            let user = users::find(&mut tx, id).await?;
            tx.commit().await?;
            user.ok_or_else(|| Error::failed("register", "the new user is not there"))
        };
        match added.await {
            Ok(user) => {
                tracing::info!(user.id = %id, "Registered {username}");
                Ok(user)
            }
            // A database that goes away may have done what it did not answer: what the row says counts.
            Err(error) => match users::find(&mut self.core.store.read(), id).await {
                Ok(Some(user)) => Ok(user),
                Ok(None) => {
                    pictures::discard(&self.core, &folder).await;
                    Err(error)
                }
                // Nobody can tell; a later sweep can.
                Err(_) => Err(error),
            },
        }
    }

    /// The caller's own row.
    pub async fn current(&self, actor: &Actor) -> Result<UserRow, Error> {
        users::find(&mut self.core.store.read(), actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)
    }

    /// Changes profile fields.
    pub async fn update(&self, actor: &Actor, change: ProfileChange) -> Result<UserRow, Error> {
        let mut fields = Fields::default();
        let full_name = fields.optional("fullName", change.full_name.as_deref(), rules::full_name);
        let email = fields.optional("email", change.email.as_deref(), rules::email);
        let bio = fields.optional("bio", change.bio.as_deref(), rules::bio);
        fields.done()?;
        let nothing = full_name.is_none() && email.is_none() && bio.is_none();
        if nothing && change.subscriptions_hidden.is_none() {
            return Err(Error::refused(
                Kind::Invalid,
                "nothing_to_change",
                "Send fullName, email, bio or subscriptionsHidden.",
            ));
        }
        let mut tx = self.core.store.write().await?;
        let mut user = users::find(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        let was_hidden = user.subscriptions_hidden;
        user.full_name = full_name.unwrap_or(user.full_name);
        user.email = email.unwrap_or(user.email);
        user.bio = bio.unwrap_or(user.bio);
        user.subscriptions_hidden = change.subscriptions_hidden.unwrap_or(user.subscriptions_hidden);
        user.updated_at = self.core.clock.now();
        users::save_profile(&mut tx, &user).await.map_err(taken)?;
        let later = was_hidden != user.subscriptions_hidden
            && jobs::hide_follows::begin(&self.core, &mut tx, user.id).await?;
        tx.commit().await?;
        if later {
            self.core.bus.wake(jobs::TOPIC);
        }
        self.playback.forget_all();
        Ok(user)
    }

    /// Replaces the avatar.
    pub async fn set_avatar(&self, actor: &Actor, bytes: Bytes) -> Result<UserRow, Error> {
        let encoded = pictures::encode("avatar", Purpose::Avatar, bytes).await?;
        self.replace(actor, encoded, "avatar").await
    }

    /// Replaces the cover.
    pub async fn set_cover(&self, actor: &Actor, bytes: Bytes) -> Result<UserRow, Error> {
        let encoded = pictures::encode("coverImage", Purpose::Cover, bytes).await?;
        self.replace(actor, encoded, "cover").await
    }

    /// Stores a picture, points the user at it, and removes whichever of the two is not shown now.
    async fn replace(&self, actor: &Actor, encoded: Encoded, stem: &'static str) -> Result<UserRow, Error> {
        let (folder, rev) = (
            pictures::user_folder(actor.user_id),
            pictures::new_rev(&self.core),
        );
        let sizes = if stem == "cover" {
            pictures::COVER_WIDTHS
        } else {
            pictures::AVATAR_SIZES
        };
        let saved = async {
            encoded.store(&self.core, &folder, stem, &rev).await?;
            let now = self.core.clock.now();
            let mut tx = self.core.store.write().await?;
            let before = users::find(&mut tx, actor.user_id)
                .await?
                .ok_or_else(Error::unauthenticated)?;
            let old = if stem == "cover" {
                users::save_cover(&mut tx, actor.user_id, &rev, now).await?;
                before.cover_rev
            } else {
                users::save_avatar(&mut tx, actor.user_id, &rev, now).await?;
                Some(before.avatar_rev)
            };
            tx.commit().await?;
            Ok::<_, Error>(old)
        };
        match saved.await {
            Ok(old) => {
                self.playback.forget_all();
                if let Some(old) = old {
                    pictures::remove(&self.core, &folder, stem, &old, &sizes).await;
                }
                self.current(actor).await
            }
            Err(error) => {
                pictures::remove(&self.core, &folder, stem, &rev, &sizes).await;
                Err(error)
            }
        }
    }

    /// Changes the password and ends all other sessions.
    pub async fn change_password(
        &self,
        actor: &Actor,
        old: Option<String>,
        new: Option<String>,
    ) -> Result<(), Error> {
        let mut fields = Fields::default();
        let old = fields.require("oldPassword", old.as_deref(), |raw| {
            if raw.is_empty() {
                Err(Fault::missing())
            } else {
                Ok(raw.to_owned())
            }
        });
        let new = fields.require("newPassword", new.as_deref(), |raw| {
            rules::password(raw).map(|()| raw.to_owned())
        });
        let (Some(old), Some(new)) = (old, new) else {
            return Err(fields.into_error());
        };
        let user = self.current(actor).await?;
        if self
            .passwords
            .verify(Some(user.password_hash.clone()), old)
            .await?
            == Verdict::Wrong
        {
            return Err(Error::field(
                "oldPassword",
                Fault::new("wrong", "The old password is wrong."),
            ));
        }
        let hash = self.passwords.hash_new("newPassword", new).await?;
        self.replace_password(&user, &hash, Some(actor)).await
    }

    /// Sets a new password without asking for the old one, and ends all sessions; for the command line.
    pub async fn reset_password(&self, user: &UserRow, new: String) -> Result<(), Error> {
        rules::password(&new).map_err(|fault| Error::field("password", fault))?;
        let hash = self.passwords.hash_new("password", new).await?;
        self.replace_password(user, &hash, None).await
    }

    async fn replace_password(&self, user: &UserRow, hash: &str, keep: Option<&Actor>) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        if !users::save_password(&mut tx, user.id, &user.password_hash, hash).await? {
            let message = "The password was changed meanwhile.";
            return Err(Error::refused(Kind::Conflict, "password_changed", message));
        }
        let keep = keep.map(|actor| actor.session_id);
        sessions::end_all(&mut tx, user.id, keep, "password_changed", self.core.clock.now()).await?;
        tx.commit().await?;
        self.sessions.forget_checks();
        Ok(())
    }

    /// A channel's page.
    pub async fn channel(&self, username: &str, viewer: &Viewer) -> Result<Channel, Error> {
        let name = rules::username(username).map_err(|_| Error::no_user())?;
        let mut tx = self.core.store.read();
        let mut user = users::find_by_username(&mut tx, &name)
            .await?
            .filter(|user| user.disabled_at.is_none())
            .ok_or_else(Error::no_user)?;
        if user.subscriptions_hidden && !sees(viewer, user.id) {
            // A number that grows tells that they have just followed somebody.
            user.subscriptions_count = 0;
        }
        let is_subscribed = match viewer {
            Some(actor) => subscriptions::exists(&mut tx, actor.user_id, user.id).await?,
            None => false,
        };
        Ok(Channel { user, is_subscribed })
    }

    /// Leaves for good: signs out everywhere at once, and has everything removed by a job.
    pub async fn leave(&self, actor: &Actor, password: Option<String>) -> Result<(), Error> {
        let password = password
            .filter(|p| !p.is_empty())
            .ok_or_else(|| Error::field("password", Fault::missing()))?;
        let user = self.current(actor).await?;
        self.sessions.confirm(&user, password).await?;
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        if actor.is_admin() && !users::any_other_admin(&mut tx, actor.user_id).await? {
            let message = "This is the last admin. Make another one first.";
            return Err(Refusal::new(Kind::Conflict, "last_admin", message).into());
        }
        users::save_disabled(&mut tx, actor.user_id, Some(now)).await?;
        sessions::end_all(&mut tx, actor.user_id, None, "account_removed", now).await?;
        let payload = jobs::remove_user::Payload { user: actor.user_id };
        job_rows::enqueue(
            &mut tx,
            &jobs::new(&self.core, &payload, None, Some(actor.user_id), now)?.as_row(),
        )
        .await?;
        tx.commit().await?;
        self.sessions.forget_checks();
        self.core.bus.wake(jobs::TOPIC);
        Ok(())
    }
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict { constraint } if constraint.contains("username") => username_taken(),
        StoreError::Conflict { constraint } if constraint.contains("email") => email_taken(),
        other => other.into(),
    }
}

fn username_taken() -> Error {
    conflict("username", "username_taken", "This username is taken.")
}

fn email_taken() -> Error {
    conflict(
        "email",
        "email_taken",
        "This email address is already registered.",
    )
}

fn conflict(field: &'static str, code: &'static str, message: &'static str) -> Error {
    let mut refusal = Refusal::new(Kind::Conflict, code, message);
    refusal.fields.push((field, Fault::new("taken", message)));
    refusal.into()
}
