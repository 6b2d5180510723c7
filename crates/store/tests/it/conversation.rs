//! Comments, tweets and likes over the real schema: what lists cost, and that counters hold after every bite of a
//! removal, wherever it stops.

mod held;

use model::likes::{Kind, Target};
use model::users::Role;
use model::{CommentId, Ids, LikeId, Millis, ObjectId, TweetId, UserId, VideoId};
use store::comments::list::{Query as CommentQuery, Scope};
use store::keyset::{self, Sort, Start, Walk};
use store::likes::VideosQuery;
use store::tweets::list::Query as TweetQuery;
use store::{Store, Tx, Val, comments, conversation, likes, params, tweets, users};
use tempfile::TempDir;

use crate::kit::settings_in;

const NOW: Millis = Millis(1_700_000_000_000);

/// A store of this release with people and videos, made as fast as rows can be.
struct Town {
    store: Store,
    ids: Ids,
    _folder: TempDir,
}

impl Town {
    async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings_in(folder.path(), "town.db").await;
        Self {
            store: Store::open(&settings).await.unwrap(),
            ids: Ids::seeded(7),
            _folder: folder,
        }
    }

    async fn person(&self, name: &str) -> UserId {
        let id = self.ids.next(NOW);
        let mut tx = self.store.write().await.unwrap();
        let new = users::New {
            id,
            username: name,
            email: &format!("{name}@example.com"),
            full_name: name,
            password_hash: "",
            role: Role::User,
            avatar_rev: "",
            cover_rev: None,
            now: NOW,
        };
        users::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn video(&self, owner: UserId) -> VideoId {
        let id: VideoId = self.ids.next(NOW);
        let mut tx = self.store.write().await.unwrap();
        tx.exec(
            "INSERT INTO videos (id, owner_id, title, visibility, status, watchable, listed, created_at, updated_at) \
             VALUES ($1, $2, 'A clip', 0, 1, 1, 1, $3, $3)",
            &params![id, owner, NOW],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn comment(
        &self,
        tx: &mut Tx,
        owner: UserId,
        video: VideoId,
        parent: Option<CommentId>,
        words: &str,
    ) -> CommentId {
        let id = self.ids.next(NOW);
        let new = comments::New {
            id,
            video_id: video,
            owner_id: owner,
            parent_id: parent,
            content: words,
            now: NOW,
            shown_at: NOW,
        };
        comments::add(tx, &new).await.unwrap();
        id
    }

    async fn tweet(&self, tx: &mut Tx, owner: UserId, video: Option<VideoId>) -> TweetId {
        let id = self.ids.next(NOW);
        let new = tweets::New {
            id,
            owner_id: owner,
            content: "said",
            video_id: video,
            video_at_ms: None,
            now: NOW,
        };
        tweets::add(tx, &new).await.unwrap();
        id
    }

    async fn like(&self, tx: &mut Tx, user: UserId, target: Target) {
        let id: LikeId = self.ids.next(NOW);
        assert!(likes::add(tx, user, target, id, NOW).await.unwrap());
        likes::count(tx, target, 1).await.unwrap().unwrap();
    }

    async fn number(&self, sql: &str) -> i64 {
        let mut tx = self.store.read();
        tx.one(sql, &params![], |row| row.int(0)).await.unwrap().unwrap()
    }

    async fn counters_hold(&self) {
        let wrong = conversation::wrong_counters(&mut self.store.slow_read(60_000))
            .await
            .unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

/// Five people who like everything, two videos with threads, and a tweet of each person about the first video.
struct Talk {
    people: Vec<UserId>,
    videos: [VideoId; 2],
    tops: Vec<CommentId>,
}

async fn talk(town: &Town) -> Talk {
    let mut people = Vec::new();
    for name in ["asha", "bela", "chen", "dora", "emil"] {
        people.push(town.person(name).await);
    }
    let videos = [town.video(people[0]).await, town.video(people[1]).await];
    let mut tx = town.store.write().await.unwrap();
    let (mut tops, mut all) = (Vec::new(), Vec::new());
    for video in videos {
        for person in &people {
            let top = town.comment(&mut tx, *person, video, None, "at the top").await;
            tops.push(top);
            all.push(Target::Comment(top));
            for other in &people {
                let reply = town.comment(&mut tx, *other, video, Some(top), "below").await;
                all.push(Target::Comment(reply));
            }
        }
        all.push(Target::Video(video));
    }
    for person in &people {
        all.push(Target::Tweet(town.tweet(&mut tx, *person, Some(videos[0])).await));
    }
    for target in all {
        for person in &people {
            town.like(&mut tx, *person, target).await;
        }
    }
    tx.commit().await.unwrap();
    town.counters_hold().await;
    Talk { people, videos, tops }
}

#[tokio::test]
async fn what_is_added_is_counted_where_it_is_shown() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    let mut tx = town.store.read();
    let counted = tx
        .one(
            "SELECT v.likes_count, v.comments_count, v.threads_count, u.received_likes_count, \
             u.received_comments_count, u.tweets_count FROM videos v JOIN users u ON u.id = v.owner_id WHERE v.id = $1",
            &params![talk.videos[0]],
            |row| Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?, row.int(5)?]),
        )
        .await
        .unwrap();
    assert_eq!(counted, Some([5, 30, 5, 5, 30, 1]));
    let top = comments::find(&mut tx, talk.tops[0], Some(talk.people[4]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((top.likes_count, top.replies_count, top.is_liked), (5, 5, true));
    assert_eq!(
        town.number("SELECT value FROM counters WHERE name = 'tweets'")
            .await,
        5
    );
    assert_eq!(
        town.number("SELECT count(*) FROM channel_posts WHERE kind = 1")
            .await,
        5
    );
}

#[tokio::test]
async fn everything_of_somebody_goes_in_bites_of_any_size_and_counters_hold_after_each() {
    for most in [1, 2, 3, 7, 50, 10_000] {
        let town = Town::fresh().await;
        let talk = talk(&town).await;
        let mut bites = 0;
        loop {
            let mut tx = town.store.write().await.unwrap();
            let left = conversation::bite_of_user(&mut tx, talk.people[2], most, NOW)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            town.counters_hold().await;
            bites += 1;
            assert!(bites < 2_000, "bites of {most} come to an end");
            if !left {
                break;
            }
        }
        assert!(most > 50 || bites > 1, "{bites} bites of {most}");
        // Their two threads, with all below, and their replies in the eight others; one like of each thing left.
        assert_eq!(town.number("SELECT count(*) FROM comments").await, 8 * 5);
        assert_eq!(town.number("SELECT count(*) FROM comment_words_rows").await, 8);
        assert_eq!(town.number("SELECT count(*) FROM tweets").await, 4);
        assert_eq!(town.number("SELECT count(*) FROM tweet_words_rows").await, 4);
        assert_eq!(
            town.number("SELECT count(*) FROM channel_posts WHERE kind = 1")
                .await,
            4
        );
        assert_eq!(
            town.number("SELECT count(*) FROM likes").await,
            (8 * 5 + 2 + 4) * 4
        );
        assert_eq!(town.number("SELECT min(likes_count) FROM comments").await, 4);
        // Once more is once too often, and does nothing.
        let mut tx = town.store.write().await.unwrap();
        assert!(
            !conversation::bite_of_user(&mut tx, talk.people[2], 100, NOW)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        town.counters_hold().await;
    }
}

#[tokio::test]
async fn what_hangs_on_a_video_that_is_gone_goes_in_bites_and_tweets_about_it_stay() {
    for most in [1, 5, 10_000] {
        let town = Town::fresh().await;
        let talk = talk(&town).await;
        let mut tx = town.store.write().await.unwrap();
        let video = store::videos::find(&mut tx, talk.videos[0])
            .await
            .unwrap()
            .unwrap();
        assert!(conversation::any_of_video(&mut tx, &video).await.unwrap());
        store::videos::remove(&mut tx, &video).await.unwrap();
        tx.commit().await.unwrap();
        loop {
            town.counters_hold().await;
            let mut tx = town.store.write().await.unwrap();
            let left = conversation::bite_of_video(&mut tx, talk.videos[0], most, NOW)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            if !left {
                break;
            }
        }
        town.counters_hold().await;
        assert_eq!(town.number("SELECT count(*) FROM comments").await, 30);
        assert_eq!(town.number("SELECT count(*) FROM likes").await, (30 + 1 + 5) * 5);
        assert_eq!(
            town.number("SELECT count(*) FROM tweets WHERE video_id IS NULL")
                .await,
            5
        );
        assert_eq!(
            town.number(
                "SELECT received_likes_count + received_comments_count FROM users WHERE username = 'asha'"
            )
            .await,
            0
        );
    }
}

#[tokio::test]
async fn a_removed_comment_is_gone_at_once_and_what_hangs_on_it_follows() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    let mut tx = town.store.write().await.unwrap();
    let mut left = comments::removal::remove(&mut tx, talk.tops[0], 3, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(left, "three rows are not all");
    assert!(
        comments::place(&mut town.store.read(), talk.tops[0])
            .await
            .unwrap()
            .is_none()
    );
    while left {
        town.counters_hold().await;
        let mut tx = town.store.write().await.unwrap();
        left = comments::removal::bite_of_thread(&mut tx, talk.tops[0], 3, NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    town.counters_hold().await;
    assert_eq!(town.number("SELECT count(*) FROM comments").await, 60 - 6);
    assert_eq!(
        town.number("SELECT count(*) FROM likes WHERE kind = 1").await,
        (60 - 6) * 5
    );
}

#[tokio::test]
async fn counters_that_are_wrong_are_found_and_repaired() {
    let town = Town::fresh().await;
    talk(&town).await;
    let mut tx = town.store.write().await.unwrap();
    for sql in [
        "UPDATE videos SET likes_count = 9, threads_count = 1",
        "UPDATE comments SET replies_count = 2 WHERE parent_id IS NULL",
        "UPDATE tweets SET likes_count = 0",
        "UPDATE users SET received_comments_count = -1, tweets_count = 4",
        "UPDATE counters SET value = 77 WHERE name = 'tweets'",
    ] {
        tx.exec(sql, &params![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let wrong = conversation::wrong_counters(&mut town.store.slow_read(60_000))
        .await
        .unwrap();
    assert_eq!(wrong.len(), 2 + 10 + 5 + 5 + 1, "{wrong:#?}");
    let mut tx = town.store.write().await.unwrap();
    conversation::recount(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    town.counters_hold().await;
    assert_eq!(town.number("SELECT min(likes_count) FROM videos").await, 5);
}

#[tokio::test]
async fn which_of_a_page_are_liked_is_one_question_of_any_length() {
    let town = Town::fresh().await;
    let asha = town.person("asha").await;
    let mut all: Vec<ObjectId> = Vec::new();
    let mut tx = town.store.write().await.unwrap();
    for n in 0..100 {
        let id = town.tweet(&mut tx, asha, None).await;
        all.push(id.0);
        if n % 3 == 0 {
            town.like(&mut tx, asha, Target::Tweet(id)).await;
        }
    }
    tx.commit().await.unwrap();
    for length in [0, 1, 2, 11, 12, 13, 99, 100] {
        let page = &all[..length];
        let liked = likes::liked(&mut town.store.read(), asha, Kind::Tweet, page)
            .await
            .unwrap();
        for (n, id) in page.iter().enumerate() {
            assert_eq!(liked.contains(id), n % 3 == 0, "{n} of {length}");
        }
        assert_eq!(liked.len(), length.div_ceil(3));
        let none = likes::liked(&mut town.store.read(), asha, Kind::Comment, page)
            .await
            .unwrap();
        assert!(none.is_empty(), "a tweet is no comment");
    }
}

/// The steps of a plan: id, parent, what is done.
async fn plan(town: &Town, text: &str, params: &[Val<'_>]) -> Vec<(i64, i64, String)> {
    let mut tx = town.store.read();
    tx.all(&format!("EXPLAIN QUERY PLAN {text}"), params, |row| {
        Ok((row.int(0)?, row.int(1)?, row.text(3)?.to_owned()))
    })
    .await
    .unwrap()
}

fn every_walk() -> Vec<Walk> {
    let mut all = Vec::new();
    for sort in [Sort::Created, Sort::Likes] {
        for descending in [false, true] {
            for start in [
                Start::Offset(0),
                Start::Offset(40),
                Start::After(5, ObjectId([1; 12])),
            ] {
                all.push(Walk {
                    sort,
                    descending,
                    start,
                    limit: 10,
                });
            }
        }
    }
    all
}

/// The ids come from one covering index, in order, and everything else is found by its key.
async fn is_one_walk(town: &Town, text: &str, params: &[Val<'_>], index: &str) {
    let plan = plan(town, text, params).await;
    let shown = || {
        let steps: Vec<&str> = plan.iter().map(|(_, _, step)| step.as_str()).collect();
        format!("{text}\n{steps:#?}")
    };
    let inner = plan
        .iter()
        .find(|(_, _, step)| step == "CO-ROUTINE p" || step == "MATERIALIZE p");
    assert!(inner.is_some(), "the ids are not found first: {}", shown());
    let inner = inner.unwrap().0;
    let (within, around): (Vec<_>, Vec<_>) = plan.iter().partition(|(_, parent, _)| *parent == inner);
    assert!(
        within[0].2.contains(&format!("USING COVERING INDEX {index}")),
        "{}",
        shown()
    );
    for (_, _, step) in &within {
        assert!(!step.contains("TEMP B-TREE"), "nothing is sorted: {}", shown());
    }
    for (_, _, step) in within.iter().skip(1).chain(&around) {
        let scans = step.starts_with("SCAN") && step != "SCAN p";
        assert!(!scans, "no table is read through: {}", shown());
    }
}

#[tokio::test]
async fn the_pinned_comment_is_found_among_the_pinned_alone() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    for text in [comments::PINNED, comments::UNPIN] {
        let plan = plan(&town, text, &params![talk.videos[0]]).await;
        let all_pinned = plan
            .iter()
            .all(|(_, _, step)| step.contains("comments_pinned_idx (video_id=? AND pinned=?"));
        assert!(!plan.is_empty() && all_pinned, "{text}\n{plan:#?}");
    }
}

#[tokio::test]
async fn every_quick_list_is_one_walk_along_an_index() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    let (asha, video, top) = (talk.people[0], talk.videos[0], talk.tops[0]);
    for walk in every_walk() {
        let by_likes = walk.sort == Sort::Likes;
        for reader in [None, Some(asha)] {
            for but in [None, Some(top)] {
                let query = CommentQuery {
                    scope: Scope::Top(video, but),
                    words: None,
                    reader,
                    walk,
                };
                assert!(comments::list::is_quick(&query));
                let (text, params) = comments::list::statement(&query);
                let index = if by_likes {
                    "comments_top_likes_idx"
                } else {
                    "comments_top_idx"
                };
                is_one_walk(&town, &text, &params, index).await;
            }
            if !by_likes {
                let query = CommentQuery {
                    scope: Scope::Replies(top),
                    words: None,
                    reader,
                    walk,
                };
                let (text, params) = comments::list::statement(&query);
                is_one_walk(&town, &text, &params, "comments_replies_idx").await;
            }
            for (owner, about, by_time, by_like) in [
                (None, None, "tweets_created_idx", "tweets_likes_idx"),
                (Some(asha), None, "tweets_owner_idx", "tweets_owner_likes_idx"),
                (None, Some(video), "tweets_video_idx", "tweets_video_likes_idx"),
            ] {
                let query = TweetQuery {
                    owner,
                    video: about,
                    words: None,
                    reader,
                    walk,
                };
                assert!(tweets::list::is_quick(&query));
                let (text, params) = tweets::list::statement(&query);
                let index = if by_likes { by_like } else { by_time };
                is_one_walk(&town, &text, &params, index).await;
            }
        }
    }
}

#[tokio::test]
async fn liked_videos_are_found_along_the_likes_of_one_person() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    for start in [Start::Offset(0), Start::After(NOW.0, ObjectId([255; 12]))] {
        let query = VideosQuery {
            user: talk.people[3],
            sees_all: false,
            start,
            limit: 10,
        };
        let (text, params) = likes::videos_statement(&query);
        is_one_walk(&town, &text, &params, "likes_user_idx").await;
        let found = likes::videos(&mut town.store.read(), &query).await.unwrap();
        let found: Vec<VideoId> = found.iter().map(|like| like.video.id).collect();
        assert_eq!(found, [talk.videos[1], talk.videos[0]]);
    }
}

#[tokio::test]
async fn a_search_reads_the_word_index_and_no_table_through() {
    let town = Town::fresh().await;
    let talk = talk(&town).await;
    let words = keyset::words("top").unwrap();
    for walk in every_walk() {
        let comment = CommentQuery {
            scope: Scope::Top(talk.videos[1], None),
            words: Some(&words),
            reader: None,
            walk,
        };
        let tweet = TweetQuery {
            owner: Some(talk.people[0]),
            video: Some(talk.videos[0]),
            words: None,
            reader: None,
            walk,
        };
        assert!(!comments::list::is_quick(&comment) && !tweets::list::is_quick(&tweet));
        for (text, params) in [
            comments::list::statement(&comment),
            tweets::list::statement(&tweet),
        ] {
            for (_, _, step) in plan(&town, &text, &params).await {
                let reads_words =
                    step.contains("VIRTUAL TABLE INDEX") || step == "SCAN s" || step == "SCAN p";
                assert!(!step.starts_with("SCAN") || reads_words, "{step} in {text}");
            }
        }
    }
    let query = CommentQuery {
        scope: Scope::Top(talk.videos[1], None),
        words: Some(&words),
        reader: None,
        walk: Walk {
            sort: Sort::Created,
            descending: true,
            start: Start::Offset(0),
            limit: 100,
        },
    };
    let found = comments::list::list(&mut town.store.slow_read(60_000), &query)
        .await
        .unwrap();
    assert_eq!(found.len(), 5, "of the one video only");
    assert!(found.iter().all(|row| row.video_id == talk.videos[1]));
    assert_eq!(
        comments::list::count(&mut town.store.slow_read(60_000), &query)
            .await
            .unwrap(),
        5
    );
}

#[tokio::test]
async fn likes_of_a_thing_and_likes_of_a_person_are_found_in_the_two_trees_that_a_like_writes() {
    let town = Town::fresh().await;
    let trees = town
        .number("SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'likes'")
        .await;
    assert_eq!(trees, 2, "the table and one index");
    for (text, found) in [
        (
            "SELECT user_id FROM likes WHERE kind = $1 AND target_id = $2",
            "SEARCH likes USING PRIMARY KEY (kind=? AND target_id=?)",
        ),
        (
            "SELECT id FROM likes WHERE user_id = $1 AND kind = $2 AND target_id = $3",
            "SEARCH likes USING PRIMARY KEY (kind=? AND target_id=? AND user_id=?)",
        ),
        (
            "SELECT kind, target_id FROM likes WHERE user_id = $1",
            "SEARCH likes USING COVERING INDEX likes_user_idx (user_id=?)",
        ),
    ] {
        let params = vec![Val::Int(0); text.matches('$').count()];
        let steps = plan(&town, text, &params).await;
        assert_eq!(steps.len(), 1, "{text}: {steps:?}");
        assert_eq!(steps[0].2, found, "{text}");
    }
}
