//! A store that is older than search finds what it has.

use model::{Ids, Millis, UserId, VideoId};
use store::search::{channels, videos};
use store::{Settings, Store, migrate, params, trending};

#[tokio::test]
async fn what_was_there_before_is_found_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::sqlite(folder.path().join("store.db"));
    let before = migrate::ALL.iter().position(|m| m.name == "search").unwrap();
    let old = Store::open_with_migrations(&settings, &migrate::ALL[..before])
        .await
        .unwrap();
    let ids = Ids::seeded(7);
    let now = Millis(1_700_000_000_000);
    let (user, listed, private): (UserId, VideoId, VideoId) = (ids.next(now), ids.next(now), ids.next(now));
    let mut tx = old.write().await.unwrap();
    tx.exec(
        "INSERT INTO users (id, username, email, full_name, password_hash, avatar_rev, created_at, updated_at) \
         VALUES ($1, 'asha', 'asha@example.com', 'Asha Kumar', '', '', 0, 0)",
        &params![user],
    )
    .await
    .unwrap();
    for (id, listed) in [(listed, true), (private, false)] {
        tx.exec(
            "INSERT INTO videos (id, owner_id, title, visibility, status, listed, views, created_at, updated_at) \
             VALUES ($1, $2, 'The otter', 0, 1, $3, 1234, $4, $4)",
            &params![id, user, listed, now],
        )
        .await
        .unwrap();
        tx.exec(
            "INSERT INTO video_search_rows (video_id) VALUES ($1)",
            &params![id],
        )
        .await
        .unwrap();
        tx.exec(
            "INSERT INTO video_search (rowid, title, description, tags) \
             SELECT doc, 'The otter', '', '' FROM video_search_rows WHERE video_id = $1",
            &params![id],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    old.close().await.unwrap();
    drop(old);

    let store = Store::open(&settings).await.unwrap();
    let mut tx = store.read();
    for few in [true, false] {
        let found = videos::candidates(&mut tx, "\"otter\"", few).await.unwrap();
        assert_eq!(found.iter().map(|video| video.id).collect::<Vec<_>>(), [listed]);
    }
    let found = channels::candidates(&mut tx, "\"kumar\"").await.unwrap();
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [user]);
    assert_eq!(videos::to_count(&mut tx, 10).await.unwrap(), [listed]);
    assert_eq!(channels::to_count(&mut tx, 10).await.unwrap(), [user]);
    let in_all = tx
        .one(
            "SELECT count(*) FROM video_search WHERE video_search MATCH 'otter'",
            &params![],
            |row| row.int(0),
        )
        .await
        .unwrap();
    assert_eq!(in_all, Some(2), "each once, also what only its owner finds");

    // Views from before are taken for views of the time of publication.
    assert_eq!(trending::pending(&mut tx, 10).await.unwrap(), [listed]);
    let mut tx = store.write().await.unwrap();
    trending::refresh(&mut tx, listed, Millis(now.0 * 2))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let hot = trending::list(&mut store.read(), None, 10).await.unwrap();
    assert_eq!(hot.len(), 1);
    let days = hot[0].0.since(now) as f64 / 86_400_000.0;
    assert!(
        (10.0..10.5).contains(&days),
        "1,234 views are a bit more than ten doublings: {days}"
    );
}
