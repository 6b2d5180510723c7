//! People: accounts, what they like, whom they follow, and what they have watched.

use std::collections::HashSet;

use import::Collection;
use import::rows::{self, Row};
use model::likes::{Kind as LikeKind, Target};
use model::users::{self as rules, FULL_NAME_CHARS, Role};
use model::{LikeId, Millis, ObjectId, SubscriptionId, UserId, VideoId};
use store::history::{self, Watched};
use store::imports::{self as marks, FileKind, FileRow, Kind};
use store::users::{self, New};
use store::{likes, subscriptions};

use super::fitted::{Changes, fitted};
use super::{Entry, Outcome, Take, Taking, World};
use crate::error::Error;
use crate::pictures;

/// Where an account has no address of its own: no mail ever goes there (RFC 2606, section 2).
const NOWHERE: &str = "import.invalid";
/// What no password has as its hash.
const NO_PASSWORD: &str = "!";
/// Names that are tried for somebody whose own is taken.
const MOST_NAMES: u32 = 50;
/// How much of what somebody watched is taken: the latest.
const MOST_WATCHED: usize = 10_000;

pub(super) struct Users;

/// The avatar that was made for somebody.
#[derive(Debug, Default)]
pub(super) struct Avatar(String);

impl Take for Users {
    type Row = rows::User;
    type Ready = Avatar;
    const COLLECTION: Collection = Collection::Users;
    const KIND: Kind = Kind::User;

    fn read(row: &Row<'_>) -> rows::User {
        row.user()
    }

    async fn prepare(taking: &Taking<'_>, entry: &Entry<rows::User>) -> Result<Avatar, Error> {
        let id = UserId(entry.id);
        if !marks::present(&mut taking.core.store.read(), Kind::User, &[entry.id])
            .await?
            .is_empty()
        {
            return Ok(Avatar::default());
        }
        let name = entry.row.full_name.as_deref().or(entry.row.username.as_deref());
        let picture = pictures::generated_avatar(id, name.unwrap_or("?")).await?;
        let rev = pictures::new_rev(taking.core);
        picture
            .store(taking.core, &pictures::user_folder(id), "avatar", &rev)
            .await?;
        Ok(Avatar(rev))
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::User>,
        Avatar(avatar_rev): &Avatar,
    ) -> Result<Option<Outcome>, Error> {
        if world.has(Kind::User, entry.id).await? {
            return Ok(Some(Outcome::Known));
        }
        let mut changes = Changes::default();
        let row = &entry.row;
        let username = username(world, entry, &mut changes).await?;
        let Some(username) = username else {
            return Ok(Some(Outcome::Left("nobody can be called so here, nor nearly so")));
        };
        let email = email(world, entry, &mut changes).await?;
        let full_name = row
            .full_name
            .as_deref()
            .and_then(|name| fitted(name, FULL_NAME_CHARS, rules::full_name));
        if full_name.as_ref().is_some_and(|(_, cut)| *cut) {
            changes.say("the full name was cut");
        }
        let full_name = full_name.map_or_else(|| username.clone(), |(name, _)| name);
        let password_hash = row.password_hash.as_deref().filter(|hash| is_hash(hash));
        if password_hash.is_none() {
            changes
                .say("the password cannot be carried over: set one with `streamsphere admin reset-password`");
        }
        world.plan(Kind::User, entry.id);
        world.plan_name(&username);
        world.plan_name(&email);
        if world.dry {
            return Ok(Some(changes.outcome()));
        }
        let id = UserId(entry.id);
        users::add(
            &mut world.tx,
            &New {
                id,
                username: &username,
                email: &email,
                full_name: &full_name,
                password_hash: password_hash.unwrap_or(NO_PASSWORD),
                role: Role::User,
                avatar_rev,
                cover_rev: None,
                now: entry.times.created_at,
            },
        )
        .await?;
        if let Some(bio) = row.bio.as_deref().filter(|bio| !bio.trim().is_empty())
            && let Some((bio, cut)) = fitted(bio, rules::BIO_CHARS, rules::bio)
            && let Some(mut user) = users::find(&mut world.tx, id).await?
        {
            if cut {
                changes.say("the description was cut");
            }
            user.bio = bio;
            users::save_profile(&mut world.tx, &user).await?;
        }
        marks::carry_time(&mut world.tx, Kind::User, entry.id, entry.times.updated_at).await?;
        for (kind, file) in [(FileKind::Avatar, &row.avatar), (FileKind::Cover, &row.cover)] {
            if let Some(file) = file {
                marks::await_file(&mut world.tx, &file_row(kind, entry.id, file)).await?;
            }
        }
        Ok(Some(changes.outcome()))
    }

    async fn discard(taking: &Taking<'_>, entry: &Entry<rows::User>) {
        let here = marks::present(&mut taking.core.store.read(), Kind::User, &[entry.id]).await;
        if here.is_ok_and(|here| here.is_empty()) {
            pictures::discard(taking.core, &pictures::user_folder(UserId(entry.id))).await;
        }
    }
}

pub(super) fn file_row(kind: FileKind, id: ObjectId, file: &rows::Media) -> FileRow {
    FileRow {
        kind,
        id,
        url: file.url.clone(),
        public_id: file.public_id.clone(),
        reason: None,
    }
}

/// The name that somebody has here: theirs, or one that is nearly so.
async fn username(
    world: &mut World<'_>,
    entry: &Entry<rows::User>,
    changes: &mut Changes,
) -> Result<Option<String>, Error> {
    let raw = entry.row.username.as_deref().unwrap_or_default();
    let wished = rules::username(raw).unwrap_or_else(|_| nearly(raw, entry.id));
    for number in 1..=MOST_NAMES {
        let name = if number == 1 {
            wished.clone()
        } else {
            format!("{}_{number}", wished.chars().take(26).collect::<String>())
        };
        let taken =
            world.has_planned_name(&name) || users::find_by_username(&mut world.tx, &name).await?.is_some();
        if !taken && rules::username(&name).is_ok() {
            if number > 1 {
                changes.say(format!("the username is taken, so it is {name} here"));
            } else if name != raw.trim() {
                changes.say(format!("the username is {name} here"));
            }
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// A name that keeps our rules and reads much like this one.
fn nearly(raw: &str, id: ObjectId) -> String {
    let name: String = raw
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '_'
            }
        })
        .take(30)
        .collect();
    if name.len() >= 3 && name.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return name;
    }
    let id = id.to_string();
    format!("user_{}", &id[id.len().saturating_sub(8)..])
}

/// The address that somebody has here: theirs, or none that mail reaches.
async fn email(
    world: &mut World<'_>,
    entry: &Entry<rows::User>,
    changes: &mut Changes,
) -> Result<String, Error> {
    match rules::email(entry.row.email.as_deref().unwrap_or_default()) {
        Ok(email) => {
            let taken = world.has_planned_name(&email)
                || users::find_by_email(&mut world.tx, &email).await?.is_some();
            if !taken {
                return Ok(email);
            }
            changes.say("the email address is taken, so there is none");
        }
        Err(_) => changes.say("there is no email address that could be one"),
    }
    Ok(format!("{}@{NOWHERE}", entry.id))
}

/// Whether a password can be checked against this: bcrypt, or Argon2id as we make it.
fn is_hash(hash: &str) -> bool {
    let is_bcrypt = hash.len() == 60
        && ["$2a$", "$2b$", "$2x$", "$2y$"]
            .iter()
            .any(|prefix| hash.starts_with(prefix))
        && hash
            .get(4..6)
            .and_then(|cost| cost.parse().ok())
            .is_some_and(|cost: u32| (4..=crate::passwords::HIGHEST_BCRYPT_COST).contains(&cost));
    is_bcrypt || (hash.starts_with("$argon2id$") && hash.len() < 256)
}

pub(super) struct Likes;

impl Take for Likes {
    type Row = rows::Like;
    type Ready = ();
    const COLLECTION: Collection = Collection::Likes;
    const KIND: Kind = Kind::Like;

    fn read(row: &Row<'_>) -> rows::Like {
        row.like()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Like>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let (Some(target), Some(by)) = (entry.row.target, entry.row.by) else {
            return Ok(Some(Outcome::Left("it does not say who likes what")));
        };
        if !world.has(Kind::User, by).await? {
            return Ok(Some(Outcome::Left("whoever likes it is not there")));
        }
        let kind = match target.kind() {
            LikeKind::Video => Kind::Video,
            LikeKind::Comment => Kind::Comment,
            LikeKind::Tweet => Kind::Tweet,
        };
        if !world.has(kind, target.id()).await? {
            return Ok(Some(Outcome::Left("what is liked is not there")));
        }
        if world.dry {
            let first = world.plan_pair(Kind::Like, by, target.id());
            return Ok(Some(if first { Outcome::Taken } else { Outcome::Known }));
        }
        add_like(
            world,
            UserId(by),
            target,
            LikeId(entry.id),
            entry.times.created_at,
        )
        .await
    }
}

async fn add_like(
    world: &mut World<'_>,
    by: UserId,
    target: Target,
    id: LikeId,
    at: Millis,
) -> Result<Option<Outcome>, Error> {
    if !likes::add(&mut world.tx, by, target, id, at).await? {
        return Ok(Some(Outcome::Known));
    }
    if let Some(counted) = likes::count(&mut world.tx, target, 1).await? {
        likes::note(&mut world.tx, target, &counted, at, 1)?;
    }
    Ok(Some(Outcome::Taken))
}

pub(super) struct Subscriptions;

impl Take for Subscriptions {
    type Row = rows::Subscription;
    type Ready = ();
    const COLLECTION: Collection = Collection::Subscriptions;
    const KIND: Kind = Kind::Subscription;

    fn read(row: &Row<'_>) -> rows::Subscription {
        row.subscription()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Subscription>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let (Some(subscriber), Some(channel)) = (entry.row.subscriber, entry.row.channel) else {
            return Ok(Some(Outcome::Left("it does not say who follows whom")));
        };
        if subscriber == channel {
            return Ok(Some(Outcome::Left("nobody follows themselves here")));
        }
        let there = world.having(Kind::User, &[subscriber, channel]).await?;
        if there.len() < 2 {
            return Ok(Some(Outcome::Left("one of the two is not there")));
        }
        let is_new = if world.dry {
            world.plan_pair(Kind::Subscription, subscriber, channel)
        } else {
            let (id, at) = (SubscriptionId(entry.id), entry.times.created_at);
            subscriptions::add(&mut world.tx, id, UserId(subscriber), UserId(channel), at).await?
        };
        Ok(Some(if is_new { Outcome::Taken } else { Outcome::Known }))
    }
}

/// What people have watched: the last one last, without times of their own.
pub(super) struct Histories;

impl Take for Histories {
    type Row = rows::User;
    type Ready = ();
    const COLLECTION: Collection = Collection::Users;
    const KIND: Kind = Kind::History;
    const WHOLE: bool = false;

    fn read(row: &Row<'_>) -> rows::User {
        row.user()
    }

    fn concerns(row: &rows::User) -> bool {
        !row.watched.is_empty()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::User>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        if !world.has(Kind::User, entry.id).await? {
            return Ok(None);
        }
        // From the last to the first; each video once, where it was watched last.
        let mut seen = HashSet::new();
        let latest: Vec<ObjectId> = entry
            .row
            .watched
            .iter()
            .rev()
            .copied()
            .filter(|id| seen.insert(*id))
            .take(MOST_WATCHED)
            .collect();
        let there = world.having(Kind::Video, &latest).await?;
        let mut changes = Changes::default();
        if there.len() < latest.len() {
            changes.say("some of what was watched is not there");
        }
        if world.dry {
            return Ok(Some(changes.outcome()));
        }
        let user = UserId(entry.id);
        // Each a second before the one that came after it: only their order is known.
        for (place, id) in (0_i64..).zip(latest.into_iter().filter(|id| there.contains(id))) {
            let video = VideoId(id);
            if history::find(&mut world.tx, user, video).await?.is_some() {
                continue;
            }
            let watched = Watched {
                video,
                at: Millis((entry.times.updated_at.0 - place * 1_000).max(1)),
                position_ms: 0,
            };
            history::save(&mut world.tx, user, &watched).await?;
        }
        Ok(Some(changes.outcome()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_becomes_one_that_reads_much_like_it() {
        let id: ObjectId = "65a1b2c3d4e5f60718293a4b".parse().unwrap();
        assert_eq!(nearly("Asha Rao!", id), "asha_rao_");
        assert_eq!(nearly("田中", id), "user_18293a4b");
        assert_eq!(nearly("", id), "user_18293a4b");
    }

    #[test]
    fn only_hashes_that_can_be_checked_are_hashes() {
        assert!(is_hash(&bcrypt::hash("secret", 4).unwrap()));
        assert!(!is_hash(
            "$2b$20$abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab"
        ));
        assert!(!is_hash("5f4dcc3b5aa765d61d8327deb882cf99"));
    }
}
