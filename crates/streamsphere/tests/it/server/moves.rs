//! From SQLite to PostgreSQL with `streamsphere move`.

use std::path::Path;

use serde_json::json;
use store::{Address, Store, params};

use crate::kit::program::{Ended, run_with};
use crate::kit::rows::{add, row};
use crate::kit::{self, Site};

fn moves(data: &Path, url: &str) -> Ended {
    let shown = data.display().to_string();
    run_with(
        &["move", "--to", url, "--data-dir", &shown],
        &[],
        Path::new("/"),
        "",
    )
}

/// A site with some of everything, on SQLite whatever else tests run on.
async fn lively() -> Site {
    let site = kit::with("database_url", "").start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "Otters of the river");
    add(&site, std::slice::from_ref(&video)).await;
    let top = bela
        .comments(&video.id.to_string(), "Lovely otters \u{1f9a6}")
        .await;
    asha.replies(&video.id.to_string(), &top, "Thank you").await;
    bela.likes(&format!("v/{}", video.id)).await;
    bela.post(&format!("/api/v1/subscriptions/c/{}", asha.id), &json!({}))
        .await
        .is(200);
    asha.tweets("Otters again").await;
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_moves_to_postgres_with_all_that_it_has() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let site = lively().await;
    let data = site.data();

    let complaint = moves(&data, &url).complains();
    assert!(complaint.contains("in use"), "{complaint}");
    let folder = site.stop().await;
    let done = moves(&data, &url).succeeds();
    assert!(done.contains("all are the same"), "{done}");
    // There is something there now, which nothing is copied over.
    let complaint = moves(&data, &url).complains();
    assert!(complaint.contains("has rows in"), "{complaint}");

    let site = kit::with("database_url", &url).start_in(folder).await;
    let bela = site.sign_in("bela").await;
    for (path, field, text) in [
        (
            "/api/v1/search?q=otters",
            "/data/videos/0/title",
            "Otters of the river",
        ),
        (
            "/api/v1/videos?query=river",
            "/data/docs/0/title",
            "Otters of the river",
        ),
        (
            "/api/v1/tweets?query=again",
            "/data/docs/0/content",
            "Otters again",
        ),
    ] {
        let found = bela.get(path).await.is(200);
        assert_eq!(found.at(field), text, "{path}");
    }
    site.counts_right().await;
    // What comes now stands beside what came before.
    bela.tweets("Here now").await;
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_off_goes_on_and_finds_what_differs() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let site = lively().await;
    let data = site.data();
    let _folder = site.stop().await;

    // Cut off behind the users: as if the program had been killed there.
    let from = Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let to = Store::open(&store::Settings::postgres(Address::parse(&url).unwrap()))
        .await
        .unwrap();
    let tables = store::copy::tables(&mut from.read()).await.unwrap();
    let (arrived, cut) = tokio::sync::oneshot::channel();
    let mut arrived = Some(arrived);
    let mut source = from.read();
    let copying = store::copy::copy(&mut source, &to, &tables, |table, _| {
        if table == "videos" {
            let _ = arrived.take().map(|arrived| arrived.send(()));
        }
    });
    tokio::select! {
        biased;
        _ = cut => {}
        done = copying => panic!("it was not cut off: {done:?}"),
    }
    assert!(
        to.read()
            .one("SELECT 1 FROM users LIMIT 1", &params![], |row| row.int(0))
            .await
            .unwrap()
            .is_some()
    );
    from.close().await.unwrap();

    moves(&data, &url).succeeds();

    // Somebody changes a row there: the comparison says which.
    let mut tx = to.write().await.unwrap();
    tx.exec(
        "UPDATE comments SET content = 'Something else' WHERE parent_id IS NULL",
        &params![],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let from = Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let (_, found) = store::copy::compare(&mut from.read(), &mut to.read(), &tables, 10, |_, _| ())
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].table, "comments");
}
