//! `/api/v1/subscriptions`: following channels, counting, and who is shown whom somebody follows.

use model::{ObjectId, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::kit::rows::{add, never_scans, row};
use crate::kit::{self, Answer, Person, Site};

fn channel(person: &Person<'_>) -> String {
    format!("/api/v1/subscriptions/c/{}", person.id)
}

fn followed_by(person: &Person<'_>) -> String {
    format!("/api/v1/subscriptions/u/{}", person.id)
}

async fn toggles(person: &Person<'_>, of: &Person<'_>) -> Answer {
    person.post(&channel(of), &json!({})).await
}

/// Subscribers as the channel's page shows them, and how many of its own subscriptions.
async fn counters(site: &Site, name: &str) -> (i64, i64) {
    let page = site
        .anyone()
        .get(&format!("/api/v1/users/c/{name}"))
        .await
        .is(200);
    let number = |field: &str| page.at(&format!("/data/{field}")).as_i64().unwrap();
    assert_eq!(
        number("channelsSubscribedToCount"),
        number("channelSubscribedToCount")
    );
    (number("subscribersCount"), number("channelsSubscribedToCount"))
}

fn names(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item[field]["username"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_toggle_follows_and_a_second_one_does_not_any_more() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let on = toggles(&asha, &bela).await.is(200).at("/data");
    assert_eq!(
        on,
        json!({"subscribed": true, "isSubscribed": true, "subscribersCount": 1})
    );
    assert_eq!(counters(&site, "bela").await, (1, 0));
    assert_eq!(counters(&site, "asha").await, (0, 1));
    let off = toggles(&asha, &bela).await.is(200).at("/data");
    assert_eq!(
        off,
        json!({"subscribed": false, "isSubscribed": false, "subscribersCount": 0})
    );
    assert_eq!(counters(&site, "bela").await, (0, 0));
    assert_eq!(counters(&site, "asha").await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn put_and_delete_may_be_said_twice() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    for _ in 0..2 {
        let said = asha.put(&channel(&bela)).await.is(200);
        assert_eq!(said.at("/data/subscribersCount"), 1);
        assert_eq!(said.at("/data/isSubscribed"), true);
    }
    for _ in 0..2 {
        let said = asha.delete(&channel(&bela)).await.is(200);
        assert_eq!(said.at("/data/subscribersCount"), 0);
        assert_eq!(said.at("/data/isSubscribed"), false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_themselves_or_someone_who_is_not_there() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let ask = async |path: &str| kit::answer(asha.request(method.clone(), path)).await;
        ask(&channel(&asha)).await.refuses(400, "own_channel");
        ask("/api/v1/subscriptions/c/0123456789abcdef01234567")
            .await
            .refuses(404, "user_not_found");
        ask("/api/v1/subscriptions/c/me")
            .await
            .refuses(400, "malformed_id");
        let anyone = site.request(method.clone(), &channel(&bela));
        kit::answer(anyone).await.refuses(401, "unauthenticated");
    }
    for path in ["c", "u"] {
        let path = format!("/api/v1/subscriptions/{path}/0123456789abcdef01234567");
        asha.get(&path).await.refuses(404, "user_not_found");
    }
    assert_eq!(counters(&site, "asha").await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_those_of_the_edges_whoever_toggles_at_once() {
    let site = kit::site().await;
    let channels = [site.person("asha").await, site.person("bela").await];
    let mut tokens = Vec::new();
    for n in 0..10 {
        tokens.push(site.person(&format!("fan{n}")).await.token.unwrap());
    }
    // Two hundred clients: each of ten people toggles both channels ten times, all at the same moment.
    let mut clients = JoinSet::new();
    for n in 0..200 {
        let request = site
            .request(Method::POST, &channel(&channels[n % 2]))
            .bearer_auth(&tokens[n / 2 % 10]);
        clients.spawn(async move { kit::answer(request).await.status });
    }
    assert!(clients.join_all().await.into_iter().all(|status| status == 200));
    // Once more by the first person, so that not all counts come out as they went in.
    for of in &channels {
        let request = site.request(Method::POST, &channel(of)).bearer_auth(&tokens[0]);
        kit::answer(request).await.is(200);
    }
    let mut tx = site.server.app.core.store.read();
    let wrong = tx
        .all(
            "SELECT username FROM users u WHERE \
             subscribers_count <> (SELECT count(*) FROM subscriptions s WHERE s.channel_id = u.id) OR \
             subscriptions_count <> (SELECT count(*) FROM subscriptions s WHERE s.subscriber_id = u.id)",
            &[],
            |row| Ok(row.text(0)?.to_owned()),
        )
        .await
        .unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
    for of in ["asha", "bela"] {
        assert_eq!(
            counters(&site, of).await,
            (1, 0),
            "ten toggles change nothing, one more does"
        );
    }
    assert_eq!(counters(&site, "fan0").await, (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_and_a_video_say_how_one_stands_to_them_now() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &bela, "A clip");
    add(&site, std::slice::from_ref(&video)).await;
    let page = "/api/v1/users/c/bela".to_owned();
    let video = format!("/api/v1/videos/{}", video.id);
    for (expected, count) in [(false, 0), (true, 1), (false, 0)] {
        for person in [&asha, &bela, &site.anyone()] {
            let follows = expected && person.name == "asha";
            let shown = person.get(&page).await.is(200);
            assert_eq!(shown.at("/data/isSubscribed"), follows);
            assert_eq!(shown.at("/data/subscribersCount"), count);
            let shown = person.get(&video).await.is(200);
            assert_eq!(shown.at("/data/owner/isSubscribed"), follows);
            assert_eq!(shown.at("/data/owner/subscribersCount"), count);
        }
        toggles(&asha, &bela).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_both_sides_newest_first_by_page_and_by_cursor() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut fans = Vec::new();
    for n in 0..5 {
        let fan = site.person(&format!("fan{n}")).await;
        fan.put(&channel(&asha)).await.is(200);
        asha.put(&channel(&fan)).await.is(200);
        fans.push(fan);
    }
    let videos = [row(&site, &fans[4], "Older"), row(&site, &fans[4], "Newer")];
    add(&site, &videos).await;
    let anyone = site.anyone();
    let newest_first = ["fan4", "fan3", "fan2", "fan1", "fan0"];

    let subscribers = anyone.get(&channel(&asha)).await.is(200).at("/data");
    assert_eq!(names(&subscribers, "subscriber"), newest_first);
    let fields: Vec<&String> = subscribers[0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["_id", "createdAt", "subscriber"]);
    let subscriptions = anyone.get(&followed_by(&asha)).await.is(200).at("/data");
    assert_eq!(names(&subscriptions, "channel"), newest_first);
    let fields: Vec<&String> = subscriptions[0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["_id", "channel", "createdAt", "latestVideo"]);
    assert_eq!(subscriptions[0]["latestVideo"]["title"], "Newer");
    assert_eq!(subscriptions[1]["latestVideo"], Value::Null);

    for (path, field) in [(channel(&asha), "subscriber"), (followed_by(&asha), "channel")] {
        let page = anyone
            .get(&format!("{path}?page=2&limit=2"))
            .await
            .is(200)
            .at("/data");
        assert_eq!(names(&page, field), newest_first[2..4]);
        let mut seen = Vec::new();
        let mut cursor = Some(String::new());
        while let Some(from) = cursor {
            let page = anyone
                .get(&format!("{path}?limit=2&cursor={from}"))
                .await
                .is(200)
                .at("/data");
            seen.extend(names(&page["items"], field));
            cursor = page["nextCursor"].as_str().map(ToOwned::to_owned);
        }
        assert_eq!(seen, newest_first);
        for (query, blamed) in [("limit=101", "limit"), ("page=0", "page"), ("limit=x", "limit")] {
            anyone
                .get(&format!("{path}?{query}"))
                .await
                .refuses(400, "invalid_fields")
                .blames(blamed, "out_of_range");
        }
        anyone
            .get(&format!("{path}?page=1001"))
            .await
            .refuses(400, "page_too_deep");
        anyone
            .get(&format!("{path}?cursor=AAAA"))
            .await
            .refuses(400, "bad_cursor");
    }
    let first = anyone
        .get(&format!("{}?limit=2&cursor=", channel(&asha)))
        .await
        .is(200)
        .text_at("/data/nextCursor");
    anyone
        .get(&format!("{}?cursor={first}", followed_by(&asha)))
        .await
        .refuses(400, "bad_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hides_whom_they_follow_is_seen_following_by_nobody_else() {
    let site = kit::site().await;
    let (asha, bela, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    asha.put(&channel(&bela)).await.is(200);
    let account = "/api/v1/users/update-account";
    let own = asha.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(own.at("/data/subscriptionsHidden"), false);
    let hidden = asha
        .patch(account, &json!({"subscriptionsHidden": true}))
        .await
        .is(200);
    assert_eq!(hidden.at("/data/subscriptionsHidden"), true);
    asha.patch(account, &json!({"subscriptionsHidden": "yes"}))
        .await
        .is(400);
    asha.patch(account, &json!({"bio": "Quiet."})).await.is(200);

    for stranger in [&bela, &site.anyone()] {
        stranger
            .get(&followed_by(&asha))
            .await
            .refuses(403, "subscriptions_hidden");
        let subscribers = stranger.get(&channel(&bela)).await.is(200).at("/data");
        assert_eq!(subscribers, json!([]));
        let page = stranger.get("/api/v1/users/c/asha").await.is(200);
        assert!(page.json["data"].get("subscriptionsHidden").is_none());
    }
    for person in [&asha, &admin] {
        let list = person.get(&followed_by(&asha)).await.is(200).at("/data");
        assert_eq!(names(&list, "channel"), ["bela"]);
        let list = person.get(&channel(&bela)).await.is(200).at("/data");
        assert_eq!(names(&list, "subscriber"), ["asha"]);
    }
    assert_eq!(counters(&site, "bela").await, (1, 0), "hidden, but counted");

    asha.patch(account, &json!({"subscriptionsHidden": false}))
        .await
        .is(200);
    let list = bela.get(&followed_by(&asha)).await.is(200).at("/data");
    assert_eq!(names(&list, "channel"), ["bela"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_hidden_leaves_no_gap_among_the_followers_and_no_number_of_whom_they_follow() {
    let site = kit::site().await;
    let (asha, admin) = (site.person("asha").await, site.admin().await);
    let mut fans = Vec::new();
    let hide = json!({"subscriptionsHidden": true});
    for n in 0..6 {
        let fan = site.person(&format!("fan{n}")).await;
        if n == 1 {
            // Before they follow anybody.
            fan.patch("/api/v1/users/update-account", &hide).await.is(200);
        }
        fan.put(&channel(&asha)).await.is(200);
        fans.push(fan);
    }
    for n in [3, 4] {
        fans[n].patch("/api/v1/users/update-account", &hide).await.is(200);
    }
    let everyone = ["fan5", "fan2", "fan0"];
    let all = ["fan5", "fan4", "fan3", "fan2", "fan1", "fan0"];
    for (reader, expected) in [
        (&site.anyone(), &everyone[..]),
        (&asha, &everyone),
        (&fans[3], &["fan5", "fan3", "fan2", "fan0"]),
        (&admin, &all),
    ] {
        for page in 1..=3 {
            let path = format!("{}?limit=2&page={page}", channel(&asha));
            let list = reader.get(&path).await.is(200).at("/data");
            let shown: Vec<&str> = expected.iter().copied().skip((page - 1) * 2).take(2).collect();
            assert_eq!(
                names(&list, "subscriber"),
                shown,
                "page {page} for {}",
                reader.name
            );
        }
        let walked = reader.walks(&channel(&asha), 2).await;
        assert_eq!(
            names(&Value::Array(walked), "subscriber"),
            expected,
            "{}",
            reader.name
        );
    }
    assert_eq!(counters(&site, "asha").await.0, 6, "how many, but not who");
    assert_eq!(
        counters(&site, "fan3").await.1,
        0,
        "whom they follow is not even counted"
    );
    for reader in [&fans[3], &admin] {
        let page = reader.get("/api/v1/users/c/fan3").await.is(200);
        assert_eq!(page.at("/data/channelsSubscribedToCount"), 1, "{}", reader.name);
        assert_eq!(page.at("/data/channelSubscribedToCount"), 1);
    }
    let show = json!({"subscriptionsHidden": false});
    for n in [1, 3, 4] {
        fans[n].patch("/api/v1/users/update-account", &show).await.is(200);
    }
    let list = site.anyone().get(&channel(&asha)).await.is(200).at("/data");
    assert_eq!(names(&list, "subscriber"), all);
    assert_eq!(counters(&site, "fan3").await.1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_many_channels_is_hidden_at_once_and_soon_in_each_of_them() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    bela.put(&channel(&asha)).await.is(200);
    let user: UserId = bela.id.parse().unwrap();
    let core = &site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    // Of channels with ids before hers, so that hers comes last.
    for n in 1..=450_u16 {
        let [high, low] = n.to_be_bytes();
        let id = ObjectId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low]);
        let sql =
            "INSERT INTO subscriptions (subscriber_id, channel_id, id, created_at) VALUES ($1, $2, $3, $4)";
        tx.exec(sql, &store::params![user, UserId(id), id, core.clock.now()])
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let hidden = async || {
        let sql = "SELECT coalesce(sum(hidden), 0) FROM subscriptions WHERE subscriber_id = $1";
        let mut tx = core.store.read();
        let sum = tx.one(sql, &store::params![user], |row| row.int(0)).await;
        sum.unwrap().unwrap()
    };

    for (hide, rows) in [(true, 451), (false, 0)] {
        let change = json!({"subscriptionsHidden": hide});
        bela.patch("/api/v1/users/update-account", &change).await.is(200);
        if hide {
            let list = site.anyone().get(&channel(&asha)).await.is(200).at("/data");
            assert_eq!(names(&list, "subscriber"), [""; 0], "at once");
        }
        kit::until("all of them say so", async || hidden().await == rows).await;
        let list = site.anyone().get(&channel(&asha)).await.is(200).at("/data");
        let shown: &[&str] = if hide { &[] } else { &["bela"] };
        assert_eq!(names(&list, "subscriber"), shown);
        let own = bela.get(&channel(&asha)).await.is(200).at("/data");
        assert_eq!(names(&own, "subscriber"), ["bela"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_subscriptions_are_walks_along_an_index() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    never_scans(&site, store::subscriptions::SUBSCRIBERS).await;
    never_scans(&site, &store::subscriptions::shown_subscribers()).await;
    never_scans(&site, store::subscriptions::CHANNELS).await;
    let (text, _) = store::subscriptions::latest_statement(&[asha.id.parse().unwrap()]);
    never_scans(&site, &text).await;
}
