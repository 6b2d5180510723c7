//! What comments, tweets and likes have in common: removing all of somebody or of a video in bites, and comparing
//! their counters with what can be counted.

use model::likes::Target;
use model::{Millis, ObjectId, UserId, VideoId};

use crate::videos::VideoRow;
use crate::{StoreError, Tx, comments, counters, held, likes, params, site, tweets};

/// Takes what a video received off its channel: the video goes, in the same transaction.
pub(crate) async fn forget_received(tx: &mut Tx, video: &VideoRow) -> Result<(), StoreError> {
    if video.likes_count != 0 || video.comments_count != 0 {
        likes::receive(tx, video.owner_id, -video.likes_count, -video.comments_count).await?;
        site::add(tx, site::Metric::Comments, site::NOW, -video.comments_count)?;
    }
    Ok(())
}

/// Whether anything of a conversation hangs on this video; `video` is the row as read in this transaction.
pub async fn any_of_video(tx: &mut Tx, video: &VideoRow) -> Result<bool, StoreError> {
    // What was taken down is not counted, and is there.
    Ok(video.likes_count != 0
        || comments::any_under(tx, video.id).await?
        || held::any_under(tx, video.id).await?
        || tweets::any_about(tx, video.id).await?)
}

/// Removes up to `most` rows of what hangs on a video that is gone: its likes, its comments and theirs. Tweets
/// about it stay, and are about nothing. Tells whether something may be left.
pub async fn bite_of_video(tx: &mut Tx, video: VideoId, most: i64, now: Millis) -> Result<bool, StoreError> {
    let gone = likes::remove_of_target(tx, Target::Video(video), most).await?;
    Ok(gone >= most
        || held::remove_of_video(tx, video, most).await? >= most
        || comments::removal::bite_of_video(tx, video, most, now).await?
        || tweets::bite_of_video(tx, video, most).await?)
}

/// Removes up to `most` rows of what somebody said and liked, and counts it off what stays. Tells whether
/// something may be left.
pub async fn bite_of_user(tx: &mut Tx, user: UserId, most: i64, now: Millis) -> Result<bool, StoreError> {
    Ok(likes::remove_of_user(tx, user, most, now).await? >= most
        || held::remove_of_user(tx, user, most).await? >= most
        || comments::removal::bite_of_owner(tx, user, most, now).await?
        || tweets::bite_of_owner(tx, user, most).await?)
}

/// A table with counters in its rows.
struct Counted {
    /// What one of its rows is called.
    name: &'static str,
    table: &'static str,
    /// Columns, and what they are to be.
    counters: &'static [(&'static str, &'static str)],
}

/// All counters of conversations that are kept in rows.
const COUNTED: [Counted; 4] = [
    Counted {
        name: "video",
        table: "videos",
        counters: &[
            (
                "likes_count",
                "(SELECT count(*) FROM likes l WHERE l.kind = 0 AND l.target_id = videos.id)",
            ),
            (
                "comments_count",
                "(SELECT count(*) FROM comments c WHERE c.video_id = videos.id AND c.taken_down_at IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM comments p WHERE p.id = c.parent_id AND p.taken_down_at IS NOT NULL))",
            ),
            (
                "threads_count",
                "(SELECT count(*) FROM comments c WHERE c.video_id = videos.id AND c.parent_id IS NULL \
                 AND c.taken_down_at IS NULL)",
            ),
        ],
    },
    Counted {
        name: "comment",
        table: "comments",
        counters: &[
            (
                "likes_count",
                "(SELECT count(*) FROM likes l WHERE l.kind = 1 AND l.target_id = comments.id)",
            ),
            (
                "replies_count",
                "(SELECT count(*) FROM comments r WHERE r.parent_id = comments.id AND r.taken_down_at IS NULL)",
            ),
        ],
    },
    Counted {
        name: "tweet",
        table: "tweets",
        counters: &[(
            "likes_count",
            "(SELECT count(*) FROM likes l WHERE l.kind = 2 AND l.target_id = tweets.id)",
        )],
    },
    // After videos, from whose counters two of these are made.
    Counted {
        name: "user",
        table: "users",
        counters: &[
            (
                "received_likes_count",
                "(SELECT coalesce(sum(v.likes_count), 0) FROM videos v WHERE v.owner_id = users.id)",
            ),
            (
                "received_comments_count",
                "(SELECT coalesce(sum(v.comments_count), 0) FROM videos v WHERE v.owner_id = users.id)",
            ),
            (
                "tweets_count",
                "(SELECT count(*) FROM tweets t WHERE t.owner_id = users.id AND t.taken_down_at IS NULL)",
            ),
        ],
    },
];

const TWEETS: &str = "SELECT count(*) FROM tweets WHERE taken_down_at IS NULL";
/// Most wrong rows of one table that are named.
const NAMED: i64 = 1_000;

fn differs(counters: &[(&str, &str)]) -> String {
    let all: Vec<String> = counters
        .iter()
        .map(|(column, counted)| format!("{column} <> {counted}"))
        .collect();
    all.join(" OR ")
}

/// A line for each row whose counters are not what their facts count to. Scans.
pub async fn wrong_counters(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    for Counted {
        name,
        table,
        counters,
    } in COUNTED
    {
        let sql = format!(
            "SELECT id FROM {table} WHERE {} ORDER BY id LIMIT $1",
            differs(counters)
        );
        let ids: Vec<ObjectId> = tx.all(&sql, &params![NAMED], |row| row.id(0)).await?;
        wrong.extend(
            ids.into_iter()
                .map(|id| format!("counters of {name} {id} do not match its likes, comments or tweets")),
        );
    }
    let kept = counters::find(tx, counters::TWEETS).await?;
    let counted = tx.one(TWEETS, &params![], |row| row.int(0)).await?.unwrap_or(0);
    if kept != counted {
        wrong.push(format!("{kept} tweets are kept, {counted} counted"));
    }
    Ok(wrong)
}

/// Sets every one of these counters that is wrong to what its facts count to.
pub async fn recount(tx: &mut Tx) -> Result<(), StoreError> {
    // What others have yet to add would be added to what is counted here.
    tx.settle().await?;
    for Counted { table, counters, .. } in COUNTED {
        let set: Vec<String> = counters
            .iter()
            .map(|(column, counted)| format!("{column} = {counted}"))
            .collect();
        let sql = format!(
            "UPDATE {table} SET {} WHERE {}",
            set.join(", "),
            differs(counters)
        );
        tx.exec(&sql, &params![]).await?;
    }
    let sql = format!("UPDATE counters SET value = ({TWEETS}) WHERE name = $1");
    tx.exec(&sql, &params![counters::TWEETS]).await?;
    Ok(())
}
