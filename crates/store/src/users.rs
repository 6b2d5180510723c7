//! Users as rows: finding, adding and changing them, and the counters kept beside them.
//!
//! What a name or an address must look like is `model::users`; who may change what is `app`.

use model::users::Role;
use model::{Millis, UserId};

use crate::places::Place;
use crate::{Row, StoreError, Tx, imports, params, search, site};

/// One user with everything the application may need; the hash never leaves it.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// Who.
    pub id: UserId,
    /// Lower-case handle, unique.
    pub username: String,
    /// Normalised address, unique.
    pub email: String,
    /// Shown name.
    pub full_name: String,
    /// Channel description.
    pub bio: String,
    /// PHC string (Argon2id) or an imported `$2b$` hash.
    pub password_hash: String,
    /// What they may do beyond their own things.
    pub role: Role,
    /// Names the avatar files.
    pub avatar_rev: String,
    /// Names the cover files, when there are any.
    pub cover_rev: Option<String>,
    /// How many follow them.
    pub subscribers_count: i64,
    /// How many channels they follow.
    pub subscriptions_count: i64,
    /// Videos that lists show.
    pub listed_videos_count: i64,
    /// All their videos.
    pub videos_count: i64,
    /// Views over all their videos.
    pub views_count: i64,
    /// Nobody else is shown whom they follow.
    pub subscriptions_hidden: bool,
    /// When the account was switched off.
    pub disabled_at: Option<Millis>,
    /// Since when it waits for an admin's word; it is switched off until then.
    pub awaiting_since: Option<Millis>,
    /// When they registered.
    pub created_at: Millis,
    /// When a shown field last changed.
    pub updated_at: Millis,
}

pub(crate) const COLUMNS: &str = "id, username, email, full_name, bio, password_hash, role, avatar_rev, cover_rev, \
     subscribers_count, subscriptions_count, listed_videos_count, videos_count, views_count, disabled_at, \
     created_at, updated_at, subscriptions_hidden, awaiting_since";

pub(crate) fn map(row: &Row<'_>) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: row.id(0)?,
        username: row.text(1)?.to_owned(),
        email: row.text(2)?.to_owned(),
        full_name: row.text(3)?.to_owned(),
        bio: row.text(4)?.to_owned(),
        password_hash: row.text(5)?.to_owned(),
        role: Role::from_code(row.int(6)?),
        avatar_rev: row.text(7)?.to_owned(),
        cover_rev: row.opt_text(8)?.map(ToOwned::to_owned),
        subscribers_count: row.int(9)?,
        subscriptions_count: row.int(10)?,
        listed_videos_count: row.int(11)?,
        videos_count: row.int(12)?,
        views_count: row.int(13)?,
        disabled_at: row.opt_millis(14)?,
        created_at: row.millis(15)?,
        updated_at: row.millis(16)?,
        subscriptions_hidden: row.bool(17)?,
        awaiting_since: row.opt_millis(18)?,
    })
}

/// The user of this id.
pub async fn find(tx: &mut Tx, id: UserId) -> Result<Option<UserRow>, StoreError> {
    let sql = const_format(FindBy::Id);
    tx.one(sql, &params![id], map).await
}

/// The user of this username (already folded).
pub async fn find_by_username(tx: &mut Tx, username: &str) -> Result<Option<UserRow>, StoreError> {
    tx.one(const_format(FindBy::Username), &params![username], map)
        .await
}

/// The user of this address (already folded).
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<UserRow>, StoreError> {
    tx.one(const_format(FindBy::Email), &params![email], map).await
}

#[derive(Clone, Copy)]
enum FindBy {
    Id,
    Username,
    Email,
}

/// The statement for a look-up; made once, because the statement cache goes by its text.
fn const_format(by: FindBy) -> &'static str {
    use std::sync::LazyLock;
    static BY_ID: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLUMNS} FROM users WHERE id = $1"));
    static BY_USERNAME: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM users WHERE username = $1"));
    static BY_EMAIL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM users WHERE email = $1"));
    match by {
        FindBy::Id => &BY_ID,
        FindBy::Username => &BY_USERNAME,
        FindBy::Email => &BY_EMAIL,
    }
}

/// What a new user starts with.
#[derive(Debug)]
pub struct New<'a> {
    /// Who.
    pub id: UserId,
    /// Folded and checked.
    pub username: &'a str,
    /// Folded and checked.
    pub email: &'a str,
    /// Checked.
    pub full_name: &'a str,
    /// PHC string.
    pub password_hash: &'a str,
    /// Usually [`Role::User`].
    pub role: Role,
    /// Names the avatar files, which are there already.
    pub avatar_rev: &'a str,
    /// Names the cover files, which are there already.
    pub cover_rev: Option<&'a str>,
    /// The time of registration.
    pub now: Millis,
}

/// Adds a user. A taken name or address comes back as [`StoreError::Conflict`].
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO users (id, username, email, full_name, password_hash, role, avatar_rev, cover_rev, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        &params![
            new.id,
            new.username,
            new.email,
            new.full_name,
            new.password_hash,
            new.role.code(),
            new.avatar_rev,
            new.cover_rev,
            new.now
        ],
    )
    .await?;
    site::add(tx, site::Metric::Users, site::NOW, 1)?;
    site::add(tx, site::Metric::NewUsers, site::day_of(new.now), 1)?;
    search::channels::recount(tx, new.id).await
}

/// Writes the fields a user edits: name, address, description, and who sees whom they follow.
pub async fn save_profile(tx: &mut Tx, user: &UserRow) -> Result<(), StoreError> {
    search::channels::uncount(tx, user.id).await?;
    tx.exec(
        "UPDATE users SET full_name = $1, email = $2, bio = $3, subscriptions_hidden = $4, updated_at = $5 \
         WHERE id = $6",
        &params![
            &user.full_name,
            &user.email,
            &user.bio,
            user.subscriptions_hidden,
            user.updated_at,
            user.id
        ],
    )
    .await?;
    search::channels::recount(tx, user.id).await
}

/// Points the user at new avatar files.
pub async fn save_avatar(tx: &mut Tx, id: UserId, rev: &str, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET avatar_rev = $1, updated_at = $2 WHERE id = $3",
        &params![rev, now, id],
    )
    .await?;
    Ok(())
}

/// Points the user at new cover files.
pub async fn save_cover(tx: &mut Tx, id: UserId, rev: &str, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET cover_rev = $1, updated_at = $2 WHERE id = $3",
        &params![rev, now, id],
    )
    .await?;
    Ok(())
}

/// Replaces the password hash, if it still is `old` (a change made meanwhile wins). Tells whether it did.
pub async fn save_password(tx: &mut Tx, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
            &params![new, id, old],
        )
        .await?;
    Ok(changed == 1)
}

/// Changes what a user may do.
pub async fn save_role(tx: &mut Tx, id: UserId, role: Role) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET role = $1 WHERE id = $2",
        &params![role.code(), id],
    )
    .await?;
    Ok(())
}

/// Switches an account off (`Some`) or on again; either way it does not wait for anybody's word any more.
pub async fn save_disabled(tx: &mut Tx, id: UserId, at: Option<Millis>) -> Result<(), StoreError> {
    search::channels::uncount(tx, id).await?;
    tx.exec(
        "UPDATE users SET disabled_at = $1, awaiting_since = NULL WHERE id = $2",
        &params![at, id],
    )
    .await?;
    search::channels::recount(tx, id).await
}

/// Has an account that was just made wait for an admin's word.
pub async fn await_approval(tx: &mut Tx, id: UserId, now: Millis) -> Result<(), StoreError> {
    search::channels::uncount(tx, id).await?;
    tx.exec(
        "UPDATE users SET disabled_at = $1, awaiting_since = $1 WHERE id = $2",
        &params![now, id],
    )
    .await?;
    search::channels::recount(tx, id).await
}

/// Adds to a user's video counters; negative numbers take away.
pub async fn count_videos(
    tx: &mut Tx,
    id: UserId,
    listed: i64,
    all: i64,
    stored_bytes: i64,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET listed_videos_count = listed_videos_count + $1, videos_count = videos_count + $2, \
         stored_bytes = stored_bytes + $3 WHERE id = $4",
        &params![listed, all, stored_bytes, id],
    )
    .await?;
    Ok(())
}

/// Adds to how many follow a channel; a negative number takes away.
pub async fn count_subscribers(tx: &mut Tx, id: UserId, by: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET subscribers_count = subscribers_count + $1 WHERE id = $2",
        &params![by, id],
    )
    .await?;
    Ok(())
}

/// Adds to how many channels someone follows; a negative number takes away.
pub async fn count_subscriptions(tx: &mut Tx, id: UserId, by: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET subscriptions_count = subscriptions_count + $1 WHERE id = $2",
        &params![by, id],
    )
    .await?;
    Ok(())
}

/// Likes and comments that all videos of a channel have received.
pub async fn received(tx: &mut Tx, id: UserId) -> Result<(i64, i64), StoreError> {
    let found = tx
        .one(
            "SELECT received_likes_count, received_comments_count FROM users WHERE id = $1",
            &params![id],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Removes the user; their sessions go too. Their videos must have been removed before.
pub async fn remove(tx: &mut Tx, id: UserId) -> Result<bool, StoreError> {
    search::channels::uncount(tx, id).await?;
    imports::forget_files(tx, id.0).await?;
    let gone = tx.exec("DELETE FROM users WHERE id = $1", &params![id]).await? == 1;
    if gone {
        site::add(tx, site::Metric::Users, site::NOW, -1)?;
    }
    Ok(gone)
}

/// Whether anyone is an admin yet.
pub async fn any_admin(tx: &mut Tx) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM users WHERE role > 0 AND role = $1 LIMIT 1",
            &params![Role::Admin.code()],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Whether anyone but this user is an admin whose account is on.
pub async fn any_other_admin(tx: &mut Tx, id: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(ANY_OTHER_ADMIN, &params![Role::Admin.code(), id], |row| {
            row.int(0)
        })
        .await?;
    Ok(found.is_some())
}

/// What [`any_other_admin`] asks; public for the test of its plan.
pub const ANY_OTHER_ADMIN: &str = "SELECT 1 FROM users WHERE role > 0 AND role = $1 AND id <> $2 \
     AND disabled_at IS NULL LIMIT 1";

/// A user as whoever runs the site sees them.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub user: UserRow,
    /// Bytes of their videos, with all that was made of them.
    pub stored_bytes: i64,
    /// The most that may be; `Some(0)`: no bound, `None`: as the instance is set up.
    pub quota_bytes: Option<i64>,
}

const QUOTA_COLUMNS: &str = "stored_bytes, quota_bytes";

fn map_account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        user: map(row)?,
        stored_bytes: row.int(19)?,
        quota_bytes: row.opt_int(20)?,
    })
}

/// The account of this user.
pub async fn account(tx: &mut Tx, id: UserId) -> Result<Option<Account>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS}, {QUOTA_COLUMNS} FROM users WHERE id = $1"));
    tx.one(&SQL, &params![id], map_account).await
}

/// What [`accounts`] asks; public for the test of its plan.
pub fn accounts_statement() -> &'static str {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS}, {QUOTA_COLUMNS} FROM users WHERE username >= $1 AND username < $2 \
             ORDER BY username LIMIT $3"
        )
    });
    &SQL
}

/// Accounts whose names begin with `prefix` (folded; empty: all) and come after the name `after`, in the order of
/// names.
pub async fn accounts(
    tx: &mut Tx,
    prefix: &str,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    // Of the characters that a name may have, the dot is the first, and this one comes behind the last.
    let end = format!("{prefix}{{");
    let start = after.map_or_else(String::new, |after| format!("{after}."));
    let start = prefix.max(start.as_str());
    tx.all(accounts_statement(), &params![start, end, limit], map_account)
        .await
}

/// What [`awaiting`] asks; public for the test of its plan.
pub fn awaiting_statement() -> &'static str {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS}, {QUOTA_COLUMNS} FROM users WHERE awaiting_since IS NOT NULL \
             AND (awaiting_since, id) > ($1, $2) ORDER BY awaiting_since, id LIMIT $3"
        )
    });
    &SQL
}

/// Accounts that wait for an admin's word, those that wait longest first, behind a place.
pub async fn awaiting(tx: &mut Tx, after: Place, limit: i64) -> Result<Vec<Account>, StoreError> {
    let params = params![after.at, after.id, limit];
    tx.all(awaiting_statement(), &params, map_account).await
}

/// Users with an id after `after`, in order of id, at most `limit`: for commands that walk them all.
pub async fn walk(tx: &mut Tx, after: Option<UserId>, limit: i64) -> Result<Vec<UserRow>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM users WHERE id > $1 ORDER BY id LIMIT $2"));
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(&SQL, &params![&after, limit], map).await
}
