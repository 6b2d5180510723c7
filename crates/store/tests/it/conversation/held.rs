//! Replies that wait for approval, and what becomes of them with their thread.

use model::held::Reason;
use store::{comments, held};

use super::{NOW, Town};

#[tokio::test]
async fn replies_that_wait_go_with_their_thread_however_many_there_are() {
    const BITE: i64 = 5;
    let town = Town::fresh().await;
    let (owner, author) = (town.person("asha").await, town.person("bela").await);
    let video = town.video(owner).await;
    let mut tx = town.store.write().await.unwrap();
    let top = town.comment(&mut tx, owner, video, None, "at the top").await;
    for _ in 0..=BITE * 2 {
        let new = held::New {
            id: town.ids.next(NOW),
            video_id: video,
            channel_id: owner,
            owner_id: author,
            parent_id: Some(top),
            answers: Some(top),
            content: "waits",
            reason: Reason::All,
            is_edit: false,
            now: NOW,
        };
        held::save(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(
        town.number("SELECT comments_count FROM videos").await,
        1,
        "what waits is not counted"
    );

    let mut tx = town.store.write().await.unwrap();
    let mut left = comments::removal::remove(&mut tx, top, BITE, NOW).await.unwrap();
    while left {
        left = comments::removal::bite_of_thread(&mut tx, top, BITE, NOW)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(town.number("SELECT count(*) FROM held_comments").await, 0);
    assert_eq!(town.number("SELECT comments_count FROM videos").await, 0);
    town.counters_hold().await;
}
