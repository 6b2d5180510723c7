//! A list is never older than the newest change, whoever made it: lists are kept between changes.

use model::videos::Visibility;
use reqwest::Method;
use serde_json::Value;
use store::params;
use store::videos::VideoRow;
use tokio::task::JoinSet;

use super::{VIDEOS, add, ids, row};
use crate::kit::program::run;
use crate::kit::{self, Answer, Site};

/// What is asked for: by number, from a cursor on, of one channel.
fn lists(owner: &str) -> [String; 3] {
    [
        VIDEOS.to_owned(),
        format!("{VIDEOS}?cursor="),
        format!("{VIDEOS}?userId={owner}&sortBy=views"),
    ]
}

/// The first video, as sixteen people see it who ask for the same at once, signed in as nobody: more
/// than the store has connections.
async fn seen_by_many(site: &Site, path: &str) -> Vec<Value> {
    let mut asking = JoinSet::new();
    for _ in 0..16 {
        asking.spawn(kit::answer(site.request(Method::GET, path)));
    }
    let first = |answer: Answer| {
        let answer = answer.is(200);
        let list = if path.contains("cursor") { "items" } else { "docs" };
        answer.at("/data")[list][0].clone()
    };
    asking.join_all().await.into_iter().map(first).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_list_shows_a_change_made_here_or_by_another_process() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = row(&site, &asha, "Before");
    add(&site, std::slice::from_ref(&video)).await;
    let mut store = site.server.app.core.store.write().await.unwrap();
    // Commands look after accounts, whose names stand beside the videos; this one's change is made visible.
    store
        .exec(
            "CREATE TRIGGER shown AFTER UPDATE OF role ON users WHEN new.role <> old.role \
             BEGIN UPDATE users SET full_name = 'From elsewhere' WHERE id = new.id; END",
            &params![],
        )
        .await
        .unwrap();
    store.commit().await.unwrap();

    let lists = lists(&asha.id);
    for list in &lists {
        // Twice, so that the second time it is there already.
        for _ in 0..2 {
            for seen in seen_by_many(&site, list).await {
                assert_eq!(seen["title"], "Before", "{list}");
            }
        }
    }
    for n in 0..10 {
        let title = format!("Title {n}");
        asha.patch(
            &format!("{VIDEOS}/{}", video.id),
            &serde_json::json!({"title": title}),
        )
        .await
        .is(200);
        for list in &lists {
            for seen in seen_by_many(&site, list).await {
                assert_eq!(seen["title"], title, "{list}");
            }
        }
    }
    let data = site.data().display().to_string();
    let done =
        tokio::task::spawn_blocking(move || run(&["admin", "make-admin", "asha", "--data-dir", &data]));
    done.await.unwrap().succeeds();
    for list in &lists {
        for seen in seen_by_many(&site, list).await {
            assert_eq!(seen["owner"]["fullName"], "From elsewhere", "{list}");
        }
    }
    asha.delete(&format!("{VIDEOS}/{}", video.id)).await.is(200);
    for list in &lists {
        for seen in seen_by_many(&site, list).await {
            assert!(seen.is_null(), "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_is_shown_is_kept_for_nobody_else() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let public = row(&site, &asha, "Public");
    let private = VideoRow {
        visibility: Visibility::Private,
        ..row(&site, &asha, "Private")
    };
    add(&site, &[public.clone(), private.clone()]).await;
    let path = format!("{VIDEOS}?userId={}", asha.id);
    for _ in 0..3 {
        let own = ids(&asha.get(&path).await.is(200).at("/data/docs"));
        assert_eq!(own.len(), 2);
        let others = ids(&site.anyone().get(&path).await.is(200).at("/data/docs"));
        assert_eq!(others, [public.id.to_string()]);
    }
}
