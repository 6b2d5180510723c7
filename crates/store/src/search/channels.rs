//! The index of channels by handle, name and description. Triggers on `users` keep it; the words are counted here.

use std::collections::BTreeSet;

use model::UserId;
use model::search::terms;

use super::{SERIAL, newest_of_tiers, newest_rows, terms as vocabulary, words as of_rows};
use crate::users::{self, UserRow};
use crate::{StoreError, Tx, params};

async fn words_of(tx: &mut Tx, id: UserId) -> Result<BTreeSet<String>, StoreError> {
    let user = users::find(tx, id).await?;
    Ok(match user.filter(|user| user.disabled_at.is_none()) {
        Some(user) => terms([user.username.as_str(), user.full_name.as_str(), user.bio.as_str()]),
        None => BTreeSet::new(),
    })
}

async fn set_counted(tx: &mut Tx, id: UserId, counted: bool) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE channel_search_rows SET counted = $1 WHERE user_id = $2 AND counted <> $1",
            &params![counted, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes the words of a user out of the counts, before something about them changes.
pub(crate) async fn uncount(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    if set_counted(tx, id, false).await? {
        let words = words_of(tx, id).await?;
        vocabulary::recount(tx, &words, &BTreeSet::new()).await?;
    }
    Ok(())
}

/// Gives a user that was copied from another store their words; they are counted there or not.
pub(crate) async fn add_copied(tx: &mut Tx, id: UserId, counted: bool) -> Result<(), StoreError> {
    set_counted(tx, id, counted).await?;
    if tx.is_postgres() {
        of_rows::save_channel(tx, id).await?;
    }
    Ok(())
}

/// Counts the words of a user, as they are now.
pub async fn recount(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    if tx.is_postgres() {
        of_rows::save_channel(tx, id).await?;
    }
    if set_counted(tx, id, true).await? {
        let words = words_of(tx, id).await?;
        vocabulary::recount(tx, &BTreeSet::new(), &words).await?;
    }
    Ok(())
}

/// Channels whose words were never counted: they are older than counting.
pub async fn to_count(tx: &mut Tx, limit: i64) -> Result<Vec<UserId>, StoreError> {
    tx.all(
        "SELECT user_id FROM channel_search_rows WHERE counted = 0 AND tier > 0 ORDER BY doc LIMIT $1",
        &params![limit],
        |row| row.id(0),
    )
    .await
}

/// The channels to weigh: of each tier the newest that have the words.
pub async fn candidates(tx: &mut Tx, expression: &str) -> Result<Vec<UserRow>, StoreError> {
    if tx.is_postgres() {
        let question = of_rows::question(expression);
        return tx.all(&statement_of_rows(), &params![question], users::map).await;
    }
    tx.all(&statement(), &params![expression], users::map).await
}

fn columns() -> String {
    let columns: Vec<String> = users::COLUMNS
        .split(',')
        .map(|name| format!("u.{}", name.trim()))
        .collect();
    columns.join(", ")
}

/// [`statement`] for PostgreSQL.
fn statement_of_rows() -> String {
    format!(
        "SELECT {} FROM ({}) f JOIN users u ON u.id = f.user_id WHERE u.disabled_at IS NULL",
        columns(),
        newest_rows("channel_search_rows", "user_id", &[("words", 1)])
    )
}

/// The statement of [`candidates`].
pub fn statement() -> String {
    format!(
        "SELECT {} FROM ({}) f CROSS JOIN channel_search_rows d ON d.doc = f.doc & {SERIAL} \
         CROSS JOIN users u ON u.id = d.user_id WHERE u.disabled_at IS NULL",
        columns(),
        newest_of_tiers("channel_search", &[1])
    )
}
