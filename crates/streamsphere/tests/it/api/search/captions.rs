//! Finding what is said in videos.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use super::{finds, search};
use crate::kit::{self, Answer, Person, Site, clips};

const SAID: &str = "WEBVTT\n\n00:00.000 --> 00:00.400\nGood morning\n\n\
    00:00.500 --> 00:01.200\n<v Asha>The <b>quick</b> &amp; brown otter</v>\n\n\
    00:01.300 --> 00:01.900\nswims down the river\n";

pub(super) async fn captions(person: &Person<'_>, id: &str, language: &str, file: &str) {
    let path = format!("/api/v1/videos/{id}/captions/{language}");
    let request = person
        .request(Method::PUT, &path)
        .header("content-type", "text/vtt");
    let answer = kit::answer(request.body(file.to_owned())).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.json);
}

/// Waits until the background task has nothing left to do.
pub(super) async fn read(site: &Site) {
    kit::until("all captions are read", async || {
        let mut tx = site.server.app.core.store.read();
        store::search::captions::pending(&mut tx, None, 1)
            .await
            .unwrap()
            .is_empty()
    })
    .await;
}

fn items(found: &Answer) -> usize {
    found.at("/data/items").as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_is_found_with_its_second() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[("title", "A clip")]).await;
    captions(&asha, &id, "en", SAID).await;
    read(&site).await;
    let everyone = site.anyone();
    let found = search(&everyone, "captions", "brown ott").await;
    let hit = found.at("/data/items/0");
    assert_eq!((&hit["_id"], &hit["title"]), (&json!(id), &json!("A clip")));
    assert_eq!((&hit["at"], &hit["until"]), (&json!(0.5), &json!(1.2)));
    assert_eq!(hit["text"], "The quick & brown otter");
    assert_eq!(hit["language"], "en");
    assert_eq!(
        hit["highlights"],
        json!([{"field": "text", "text": "The quick & brown otter", "ranges": [[12, 17], [18, 23]]}])
    );
    for short in ["the", "th", "an", "ott riv"] {
        assert_eq!(
            items(&search(&everyone, "captions", short).await),
            usize::from(short != "an"),
            "{short}"
        );
    }
    let across = search(&everyone, "captions", "morning river").await;
    assert_eq!(
        items(&across),
        1,
        "words may stand in cues that follow each other"
    );
    assert_eq!(items(&search(&everyone, "captions", "evening").await), 0);
    let mixed = everyone.asks(super::SEARCH, &[("q", "otter")]).await.is(200);
    assert_eq!(mixed.at("/data/captions/0/at"), 0.5);
    assert_eq!(mixed.at("/data/videos"), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_follows_the_tracks_and_the_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let path = format!("/api/v1/videos/{id}");
    captions(&asha, &id, "en", SAID).await;
    captions(&asha, &id, "de", &SAID.replace("otter", "Fischotter")).await;
    read(&site).await;
    let everyone = site.anyone();
    assert_eq!(
        finds(&everyone, "captions", "fischotter", "language").await,
        ["de"]
    );
    assert_eq!(
        items(&search(&everyone, "captions", "river").await),
        1,
        "a video stands once, whatever its languages"
    );

    captions(&asha, &id, "en", &SAID.replace("otter", "beaver")).await;
    read(&site).await;
    assert_eq!(items(&search(&everyone, "captions", "otter").await), 0);
    assert_eq!(items(&search(&everyone, "captions", "beaver").await), 1);
    asha.delete(&format!("{path}/captions/de")).await.is(200);
    // At once, before the task has come by.
    assert_eq!(items(&search(&everyone, "captions", "fischotter").await), 0);
    read(&site).await;
    assert_eq!(items(&search(&everyone, "captions", "fischotter").await), 0);

    for visibility in ["private", "unlisted"] {
        asha.patch(&path, &json!({ "visibility": visibility }))
            .await
            .is(200);
        // At once, before the task has come by.
        assert_eq!(
            items(&search(&everyone, "captions", "beaver").await),
            0,
            "{visibility}"
        );
        assert_eq!(
            items(&search(&asha, "captions", "beaver").await),
            0,
            "{visibility}"
        );
        read(&site).await;
        assert_eq!(
            items(&search(&everyone, "captions", "beaver").await),
            0,
            "{visibility}"
        );
        assert_eq!(passages(&site).await, 0, "{visibility}");
    }
    asha.patch(&path, &json!({"visibility": "public"})).await.is(200);
    read(&site).await;
    assert_eq!(items(&search(&everyone, "captions", "beaver").await), 1);
    asha.delete(&path).await.is(200);
    assert_eq!(items(&search(&everyone, "captions", "beaver").await), 0);
    read(&site).await;
    assert_eq!(passages(&site).await, 0, "nothing stays behind");
}

async fn passages(site: &Site) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM caption_passages) + (SELECT count(*) FROM caption_tracks)";
    let mut tx = site.server.app.core.store.read();
    tx.one(sql, &store::params![], |row| row.int(0))
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_track_is_read_whole_and_a_restart_takes_it_up() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let mut file = "WEBVTT\n".to_owned();
    for n in 0..3_000 {
        let at = |ms: u64| format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000);
        let (from, to) = (at(n * 1000), at(n * 1000 + 900));
        write!(file, "\n{from} --> {to}\nline{n} said\n").unwrap();
    }
    captions(&asha, &id, "en", &file).await;
    // Stopped in the middle, or before it began.
    let site = kit::Setup::default().start_in(site.stop().await).await;
    read(&site).await;
    let everyone = site.anyone();
    for n in [0, 1_499, 2_999] {
        let found = search(&everyone, "captions", &format!("line{n} said")).await;
        let hit = found.at("/data/items/0");
        assert_eq!(hit["at"], json!(f64::from(n)), "{n}");
        assert_ne!(hit["_id"], Value::Null);
    }
    assert_eq!(passages(&site).await, 3_000 / 20 + 1);
}
