//! Somebody who follows many channels: what they are told is what one would pick by hand, wherever it is read from.

use model::{Millis, ObjectId, UserId};
use serde_json::json;
use store::channel_posts::{self, Kind};
use store::params;
use store::subscriptions;

use super::{LIST, READ};
use crate::kit::dice::Dice;
use crate::kit::{self, Person, Site};

/// Channels on the site, and how many of them are followed: more than are looked at one by one.
const CHANNELS: usize = 2_000;
const FOLLOWED: usize = 300;
/// Posts on the site: more than are walked.
const POSTS: usize = 5_000;

fn channel(n: usize) -> UserId {
    let mut id = [0xbb; 12];
    id[8..].copy_from_slice(&u32::try_from(n).unwrap().to_be_bytes());
    UserId(ObjectId(id))
}

/// Tweets of all channels, at times that often tie, and subscriptions that began meanwhile. Answers what the fan is to
/// be told, newest first.
async fn crowd(site: &Site, fan: &Person<'_>) -> Vec<(Millis, ObjectId)> {
    let mut dice = Dice::new(11);
    let fan: UserId = fan.id.parse().unwrap();
    let core = &site.server.app.core;
    let begin = core.clock.now().plus_ms(-600_000);
    let mut tx = core.store.write().await.unwrap();
    let mut since = Vec::new();
    for n in 0..FOLLOWED {
        let at = begin.plus_ms(i64::try_from(dice.below(1_000)).unwrap());
        subscriptions::add(&mut tx, core.ids.next(at), fan, channel(n), at)
            .await
            .unwrap();
        since.push(at);
    }
    let mut told = Vec::new();
    for _ in 0..POSTS {
        let of = dice.below(CHANNELS);
        let at = begin.plus_ms(i64::try_from(dice.below(1_000)).unwrap());
        let id: ObjectId = core.ids.next(at);
        tx.exec(
            "INSERT INTO tweets (id, owner_id, content, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
            &params![id, channel(of), "Hello", at],
        )
        .await
        .unwrap();
        channel_posts::add(&mut tx, &id.0, channel(of), Kind::Tweet, at)
            .await
            .unwrap();
        if of < FOLLOWED && at >= since[of] {
            told.push((at, id));
        }
    }
    tx.commit().await.unwrap();
    told.sort_unstable_by(|one, other| other.cmp(one));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_many_is_told_all_of_it_in_order_and_what_is_unread_is_counted() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let expected = crowd(&site, &asha).await;
    assert!(expected.len() > 200, "there is something to compare");
    let seen = asha.reads_through(&format!("{LIST}?limit=30")).await;
    let ids: Vec<String> = expected.iter().map(|(_, id)| id.to_string()).collect();
    assert_eq!(seen, ids);

    // From far back, where more came out on the site than is walked, to the newest, where less did.
    for n in [ids.len() - 1, ids.len() - 60, 150, 60, 20, 1, 0] {
        let answer = asha.post(READ, &json!({"upTo": ids[n]})).await.is(200);
        let newer = expected.iter().filter(|(at, _)| *at > expected[n].0).count();
        let unread = (
            answer.at("/data/unreadCount"),
            answer.at("/data/unreadIsEstimate"),
        );
        assert_eq!(unread, (json!(newer.min(99)), json!(newer > 99)), "{n}");
    }
    let one = json!({"ids": [ids[0]]});
    asha.post(READ, &one).await.is(200);
    assert_eq!(asha.get(LIST).await.is(200).at("/data/unreadCount"), 0);
}
