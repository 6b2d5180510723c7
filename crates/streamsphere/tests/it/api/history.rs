//! `POST /api/v1/videos/{id}/views`, `/api/v1/users/history`, and where videos say to go on.

use model::videos::Visibility;
use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, never_scans, row};
use crate::kit::{self, Answer, Person, Site};

const HISTORY: &str = "/api/v1/users/history";

async fn tells(person: &Person<'_>, video: &VideoRow, what: &Value) -> Answer {
    person
        .post(&format!("/api/v1/videos/{}/views", video.id), what)
        .await
}

/// Videos of a hundred seconds.
async fn videos(site: &Site, owner: &Person<'_>, titles: &[&str]) -> Vec<VideoRow> {
    let mut rows: Vec<VideoRow> = titles.iter().map(|title| row(site, owner, title)).collect();
    for row in &mut rows {
        row.duration_ms = 100_000;
    }
    add(site, &rows).await;
    rows
}

fn titles(list: &Value) -> Vec<String> {
    let videos = list.as_array().unwrap().iter();
    videos
        .map(|video| video["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn history(person: &Person<'_>) -> Value {
    person.get(HISTORY).await.is(200).at("/data")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_watches_is_in_the_history_once_newest_first_and_goes_on_where_it_stopped() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &bela, &["One", "Two"]).await;
    assert_eq!(history(&asha).await, json!([]));
    for (n, to) in [(0, 12.5), (1, 30.0), (0, 61.25)] {
        clock.advance(1_000);
        let what =
            json!({"sessionId": "a", "from": 0, "to": to, "position": to, "event": "progress", "more": []});
        tells(&asha, &rows[n], &what).await.is(202);
    }
    let list = history(&asha).await;
    assert_eq!(titles(&list), ["One", "Two"]);
    assert_eq!(list[0]["watchedAt"], clock.now().to_string());
    assert_eq!(list[0]["resumeAt"], 61.25);
    assert_eq!(list[1]["resumeAt"], 30.0);
    assert_eq!(list[0]["owner"]["username"], "bela");
    for path in [
        "/api/v1/users/watch-history",
        "/users/history",
        "/users/watch-history",
    ] {
        assert_eq!(asha.get(path).await.is(200).at("/data"), list, "{path}");
    }
    assert_eq!(history(&bela).await, json!([]), "one's own");
    let own = asha.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(own.at("/data/watchHistory"), json!([]));

    // Everywhere that the video is shown to the same person, and to nobody else.
    let single = format!("/api/v1/videos/{}", rows[0].id);
    assert_eq!(asha.get(&single).await.is(200).at("/data/resumeAt"), 61.25);
    assert_eq!(bela.get(&single).await.is(200).at("/data/resumeAt"), 0.0);
    let anyone = site.anyone().get(&single).await.is(200);
    assert!(anyone.json["data"].get("resumeAt").is_none());
    let found = asha.get("/api/v1/videos?query=One").await.is(200);
    assert_eq!(found.at("/data/docs/0/resumeAt"), 61.25);
    assert_eq!(
        anyone.at("/data/views"),
        0,
        "nobody here names a browser, so nobody is a viewer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_watched_to_its_end_begins_again() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["One"]).await;
    for (what, expected) in [
        (json!({"position": 94.9}), 94.9),
        (json!({"position": 95}), 0.0),
        (json!({"position": 10}), 10.0),
        (json!({"to": 20.5}), 20.5),
        (json!({"event": "end"}), 0.0),
        (json!({"position": 3, "event": "pause"}), 3.0),
        (json!({"position": 50, "event": "ended"}), 0.0),
        (json!({"position": 0}), 0.0),
        (json!({"position": 104.5}), 0.0),
    ] {
        tells(&asha, &rows[0], &what).await.is(202);
        let list = history(&asha).await;
        assert_eq!(list[0]["resumeAt"], expected, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_cannot_be_is_refused_and_changes_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["One"]).await;
    tells(&asha, &rows[0], &json!({"position": 42})).await.is(202);
    for (what, field) in [
        (json!({"position": -1}), "position"),
        (json!({"position": 105.5}), "position"),
        (json!({"position": 1e300}), "position"),
        (json!({"from": -0.5, "to": 3, "position": 3}), "from"),
        (json!({"from": 10, "to": 9.5, "position": 3}), "to"),
        (json!({"from": 10, "to": 200, "position": 3}), "to"),
    ] {
        for person in [&asha, &site.anyone()] {
            tells(person, &rows[0], &what)
                .await
                .refuses(422, "impossible_claim")
                .blames(field, "impossible");
        }
    }
    for what in [json!({}), json!({"event": "progress"}), json!({"from": 3})] {
        tells(&asha, &rows[0], &what)
            .await
            .refuses(400, "invalid_fields")
            .blames("position", "missing");
    }
    for what in [
        json!({"position": "12"}),
        json!({"position": [1]}),
        json!({"position": 1, "sessionId": {"$ne": 1}}),
        json!({"position": 1, "event": 5}),
        json!([1, 2]),
    ] {
        tells(&asha, &rows[0], &what).await.refuses(400, "wrong_type");
    }
    for text in [
        "{\"position\": NaN}",
        "{\"position\": 1e999}",
        "{\"position\": Infinity}",
    ] {
        let path = format!("/api/v1/videos/{}/views", rows[0].id);
        let request = asha.request(Method::POST, &path);
        let request = request.header("content-type", "application/json").body(text);
        kit::answer(request).await.is(400);
    }
    assert_eq!(history(&asha).await[0]["resumeAt"], 42.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_video_that_one_may_not_see_nothing_is_told_and_nothing_shown() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut hidden = row(&site, &bela, "Hidden");
    hidden.visibility = Visibility::Private;
    add(&site, std::slice::from_ref(&hidden)).await;
    let rows = videos(&site, &bela, &["Shown", "Gone"]).await;
    for stranger in [&asha, &site.anyone()] {
        for what in [json!({"position": 1}), json!({"position": -1}), json!({})] {
            tells(stranger, &hidden, &what)
                .await
                .refuses(404, "video_not_found");
        }
    }
    tells(&site.anyone(), &rows[0], &json!({"position": 1}))
        .await
        .is(202);
    for row in &rows {
        tells(&asha, row, &json!({"position": 1})).await.is(202);
    }
    assert_eq!(titles(&history(&asha).await).len(), 2);
    bela.patch(
        &format!("/api/v1/videos/{}", rows[0].id),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    bela.delete(&format!("/api/v1/videos/{}", rows[1].id))
        .await
        .is(200);
    assert_eq!(history(&asha).await, json!([]));
    kit::until("the row of the video that is gone is gone", async || {
        let mut tx = site.server.app.core.store.read();
        let left = tx
            .one("SELECT count(*) FROM history", &[], |row| row.int(0))
            .await;
        left.unwrap() == Some(1)
    })
    .await;
    let leave = asha.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leave.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("the history of someone who left is gone", async || {
        let mut tx = site.server.app.core.store.read();
        let left = tx
            .one("SELECT count(*) FROM history", &[], |row| row.int(0))
            .await;
        left.unwrap() == Some(0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_forgotten_one_by_one_or_as_a_whole() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = videos(&site, &asha, &["One", "Two", "Three"]).await;
    for row in &rows {
        for person in [&asha, &bela] {
            tells(person, row, &json!({"position": 50})).await.is(202);
        }
    }
    for (n, path) in ["/api/v1/users/history", "/users/watch-history"]
        .into_iter()
        .enumerate()
    {
        asha.delete(&format!("{path}/{}", rows[n].id)).await.is(200);
        asha.delete(&format!("{path}/{}", rows[n].id)).await.is(200);
        asha.delete(&format!("{path}/x"))
            .await
            .refuses(400, "malformed_id");
    }
    assert_eq!(titles(&history(&asha).await), ["Three"]);
    let single = format!("/api/v1/videos/{}", rows[0].id);
    assert_eq!(asha.get(&single).await.at("/data/resumeAt"), 0.0);
    asha.delete(HISTORY).await.is(200);
    assert_eq!(history(&asha).await, json!([]));
    assert_eq!(titles(&history(&bela).await).len(), 3, "one's own only");
    site.anyone().get(HISTORY).await.refuses(401, "unauthenticated");
    site.anyone()
        .delete(HISTORY)
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_goes_by_page_and_by_cursor() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let asha = site.person("asha").await;
    let names: Vec<String> = (0..7).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = videos(&site, &asha, &names).await;
    for (n, row) in rows.iter().enumerate() {
        // Two by two at the same moment.
        clock.advance(if n % 2 == 0 { 1_000 } else { 0 });
        tells(&asha, row, &json!({"position": 5})).await.is(202);
    }
    let whole = titles(&history(&asha).await);
    assert_eq!(whole.len(), 7);
    assert_eq!(whole[0], "6");
    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(from) = cursor {
        let page = asha
            .get(&format!("{HISTORY}?limit=3&cursor={from}"))
            .await
            .is(200);
        seen.extend(titles(&page.at("/data/items")));
        cursor = page.at("/data/nextCursor").as_str().map(ToOwned::to_owned);
    }
    assert_eq!(seen, whole);
    let page = asha.get(&format!("{HISTORY}?page=2&limit=3")).await.is(200);
    assert_eq!(titles(&page.at("/data")), whole[3..6]);
    asha.get(&format!("{HISTORY}?cursor=AAAA"))
        .await
        .refuses(400, "bad_cursor");
    never_scans(&site, store::history::LIST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_player_that_says_the_same_again_writes_nothing() {
    let clock = Clock::manual(Millis(1_700_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["One"]).await;
    let begun = clock.now();
    let watched_at = async || history(&asha).await[0]["watchedAt"].clone();
    tells(&asha, &rows[0], &json!({"position": 5})).await.is(202);
    clock.advance(10_000);
    tells(&asha, &rows[0], &json!({"position": 5})).await.is(202);
    assert_eq!(watched_at().await, begun.to_string());
    tells(&asha, &rows[0], &json!({"position": 5.2})).await.is(202);
    assert_eq!(watched_at().await, clock.now().to_string(), "it moved");
    clock.advance(60_000);
    tells(&asha, &rows[0], &json!({"position": 5.2})).await.is(202);
    assert_eq!(watched_at().await, clock.now().to_string(), "a minute later");
}
