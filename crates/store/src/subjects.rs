//! Things that acts of moderation are about, as a line in the log: what they say, whose they are, and where they stand.
//!
//! What is private or taken down is read as well; the log is for admins.

use model::moderation::{Kind, Target};
use model::{UserId, VideoId};

use crate::{StoreError, Tx, params};

/// One thing.
#[derive(Debug, Clone)]
pub struct SubjectRow {
    /// Its title, name or text; of a long text the beginning.
    pub words: String,
    /// Whose it is.
    pub owner_id: UserId,
    /// Their handle.
    pub owner: String,
    /// The video that it is, stands under, or is about.
    pub video_id: Option<VideoId>,
}

/// The statement for a kind; `None` for reports, which are no such things. Public for the test of its plan.
pub fn statement(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Video => {
            "SELECT v.title, u.id, u.username, v.id FROM videos v JOIN users u ON u.id = v.owner_id \
             WHERE v.id = $1"
        }
        Kind::Comment => {
            "SELECT substr(c.content, 1, 1000), u.id, u.username, c.video_id FROM comments c \
             JOIN users u ON u.id = c.owner_id WHERE c.id = $1"
        }
        Kind::Tweet => {
            "SELECT t.content, u.id, u.username, t.video_id FROM tweets t JOIN users u ON u.id = t.owner_id \
             WHERE t.id = $1"
        }
        Kind::User => "SELECT u.full_name, u.id, u.username, NULL FROM users u WHERE u.id = $1",
        Kind::Playlist => {
            "SELECT l.name, u.id, u.username, NULL FROM playlists l JOIN users u ON u.id = l.owner_id \
             WHERE l.id = $1"
        }
        Kind::Report => return None,
    })
}

/// The thing; `None` when it is gone.
pub async fn find(tx: &mut Tx, target: Target) -> Result<Option<SubjectRow>, StoreError> {
    let Some(statement) = statement(target.kind) else {
        return Ok(None);
    };
    tx.one(statement, &params![target.id], |row| {
        Ok(SubjectRow {
            words: row.text(0)?.to_owned(),
            owner_id: row.id(1)?,
            owner: row.text(2)?.to_owned(),
            video_id: row.opt_id(3)?,
        })
    })
    .await
}
