//! `/api/v1/likes`: what a like changes, how often, for whom, and what is shown of it.

use model::videos::Visibility;
use reqwest::Method;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::conversation::ids;
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const LIKED: &str = "/api/v1/likes/videos";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

async fn videos(site: &Site, owner: &Person<'_>, many: usize) -> Vec<String> {
    let rows: Vec<VideoRow> = (0..many)
        .map(|n| row(site, owner, &format!("Clip {n}")))
        .collect();
    add(site, &rows).await;
    rows.iter().map(|row| row.id.to_string()).collect()
}

async fn toggles(person: &Person<'_>, what: &str) -> Value {
    let path = format!("/api/v1/likes/toggle/{what}");
    kit::answer(person.request(Method::POST, &path))
        .await
        .is(200)
        .at("/data")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_like_comes_and_goes_and_is_shown_wherever_the_thing_is() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = videos(&site, &asha, 1).await.remove(0);
    let comment = asha.comments(&video, "x").await;
    let tweet = asha.tweets("x").await;
    for (what, name, id, list, item) in [
        ("v", "video", &video, "/api/v1/videos".to_owned(), "/data/docs/0"),
        ("v", "video", &video, format!("/api/v1/videos/{video}"), "/data"),
        (
            "c",
            "comment",
            &comment,
            format!("/api/v1/comments/{video}"),
            "/data/docs/0",
        ),
        ("t", "tweet", &tweet, "/api/v1/tweets".to_owned(), "/data/docs/0"),
    ] {
        let what = format!("{what}/{id}");
        let shown = async |person: &Person<'_>| {
            let item = person.get(&list).await.is(200).at(item);
            (item["isLiked"].clone(), item["likesCount"].clone())
        };
        assert_eq!(shown(&bela).await, (json!(false), json!(0)), "{what}");
        let on = toggles(&bela, &what).await;
        let like = on["_id"].clone();
        assert!(like.is_string());
        assert_eq!(
            on,
            json!({"_id": like, name: id, "likedBy": bela.id, "liked": true, "isLiked": true, "likesCount": 1})
        );
        assert_eq!(shown(&bela).await, (json!(true), json!(1)), "{what}");
        assert_eq!(shown(&asha).await, (json!(false), json!(1)), "{what}");
        assert_eq!(shown(&site.anyone()).await, (json!(false), json!(1)), "{what}");

        let again = bela.likes(&what).await;
        assert_eq!(again, on, "already there");
        assert_eq!(asha.likes(&what).await["likesCount"], 2);
        let off = toggles(&bela, &what).await;
        assert_eq!(
            off,
            json!({"_id": like, name: id, "likedBy": bela.id, "liked": false, "isLiked": false, "likesCount": 1})
        );
        let path = format!("/api/v1/likes/{what}");
        let off = bela.delete(&path).await.is(200).at("/data");
        assert_eq!(
            (&off["_id"], &off["liked"], &off["likesCount"]),
            (&Value::Null, &json!(false), &json!(1))
        );
        let off = asha.delete(&path).await.is(200).at("/data");
        assert_eq!((off["_id"].is_string(), &off["likesCount"]), (true, &json!(0)));
        assert_eq!(shown(&asha).await, (json!(false), json!(0)), "{what}");
        site.anyone().put(&path).await.refuses(401, "unauthenticated");
    }
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_for_the_caller_cannot_be_liked() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let hidden = VideoRow {
        visibility: Visibility::Private,
        ..row(&site, &asha, "Hidden")
    };
    add(&site, std::slice::from_ref(&hidden)).await;
    let comment = asha.comments(&hidden.id.to_string(), "x").await;
    for (kind, hidden, code) in [
        ("v", hidden.id.to_string(), "video_not_found"),
        ("c", comment, "comment_not_found"),
        ("t", NO_SUCH_ID.to_owned(), "tweet_not_found"),
    ] {
        for (method, path) in [
            (Method::POST, "/api/v1/likes/toggle"),
            (Method::PUT, "/api/v1/likes"),
            (Method::DELETE, "/api/v1/likes"),
        ] {
            let ask = async |id: &str| {
                kit::answer(bela.request(method.clone(), &format!("{path}/{kind}/{id}"))).await
            };
            let refused = ask(&hidden).await;
            assert_eq!(refused.bytes, ask(NO_SUCH_ID).await.bytes);
            refused.refuses(404, code);
            ask("nonsense").await.refuses(400, "malformed_id");
        }
    }
    asha.likes(&format!("v/{}", hidden.id)).await;
    assert_eq!(site.count("SELECT count(*) FROM likes").await, 1);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn liked_videos_come_newest_like_first_and_what_is_hidden_is_left_out() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let all = videos(&site, &asha, 25).await;
    for id in all.iter().rev() {
        bela.likes(&format!("v/{id}")).await;
    }
    asha.likes(&format!("v/{}", all[0])).await;
    bela.likes(&format!("c/{}", asha.comments(&all[0], "x").await))
        .await;
    let mut expected = all.clone();
    for (n, body) in [
        (3, json!({"visibility": "private"})),
        (7, json!({"visibility": "private"})),
        (9, json!({"visibility": "unlisted"})),
    ] {
        asha.patch(&format!("/api/v1/videos/{}", all[n]), &body)
            .await
            .is(200);
    }
    asha.delete(&format!("/api/v1/videos/{}", all[12])).await.is(200);
    for n in [12, 7, 3] {
        expected.remove(n);
    }
    for limit in [1, 5, 22, 100] {
        let walked = bela.walks(LIKED, limit).await;
        let found: Vec<&str> = walked
            .iter()
            .map(|like| like["video"]["_id"].as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{limit}");
        assert_eq!(bela.turns_pages(LIKED, limit).await, walked);
    }
    let page = bela.get(LIKED).await.is(200).at("/data");
    assert_eq!(page["docs"].as_array().unwrap().len(), 10);
    assert_eq!((&page["docs"], &page["docs"]), (&page["Videos"], &page["videos"]));
    assert_eq!(
        (&page["totalDocs"], &page["totalVideos"]),
        (&json!(22), &json!(22))
    );
    let like = &page["docs"][0];
    let mut fields: Vec<&String> = like.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    assert_eq!(fields, ["_id", "createdAt", "likedBy", "video"]);
    assert_eq!(like["likedBy"], json!(bela.id));
    assert_eq!(
        (&like["video"]["isLiked"], &like["video"]["likesCount"]),
        (&json!(true), &json!(2))
    );
    site.anyone().get(LIKED).await.refuses(401, "unauthenticated");

    let listed = bela
        .get("/api/v1/videos?limit=100")
        .await
        .is(200)
        .at("/data/docs");
    assert_eq!(ids(&listed).len(), 21);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|video| video["isLiked"] == true)
    );
    // A page that does not show the end, again and again: what is counted is what is shown now.
    let total = async || {
        let page = bela.get(&format!("{LIKED}?limit=5")).await.is(200);
        page.at("/data/totalDocs")
    };
    for (visibility, shown) in [("public", 22), ("private", 21), ("public", 22)] {
        asha.patch(
            &format!("/api/v1/videos/{}", all[1]),
            &json!({"visibility": visibility}),
        )
        .await
        .is(200);
        for _ in 0..2 {
            assert_eq!(total().await, shown, "{visibility}");
        }
    }
    bela.delete(&format!("/api/v1/likes/v/{}", all[0])).await.is(200);
    assert_eq!(total().await, 21);
    assert_eq!(bela.walks(LIKED, 50).await.len(), 21);
    assert_eq!(asha.walks(LIKED, 50).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_hundred_clients_toggled_counts_are_edges() {
    const PEOPLE: usize = 8;
    const CLIENTS: usize = 25;
    const TURNS: usize = 6;
    let site = kit::site().await;
    let owner = site.person("owner").await;
    let all = videos(&site, &owner, 2).await;
    let comment = owner.comments(&all[0], "x").await;
    let tweet = owner.tweets("x").await;
    let things = [
        format!("v/{}", all[0]),
        format!("v/{}", all[1]),
        format!("c/{comment}"),
        format!("t/{tweet}"),
    ];
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(site.person(&format!("person{n}")).await);
    }
    // One of them toggles once more: whoever toggles an odd number of times likes it in the end.
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..PEOPLE * CLIENTS {
        let person = &people[client % PEOPLE];
        let extra = usize::from(client < PEOPLE && client % 2 == 0);
        let turns: Vec<_> = (0..TURNS + extra)
            .flat_map(|_| &things)
            .map(|thing| person.request(Method::POST, &format!("/api/v1/likes/toggle/{thing}")))
            .collect();
        clients.spawn(async move {
            for turn in turns {
                kit::answer(turn).await.is(200);
            }
        });
    }
    clients.join_all().await;
    for (path, pointer) in [
        (format!("/api/v1/videos/{}", all[0]), "/data"),
        (format!("/api/v1/videos/{}", all[1]), "/data"),
        (format!("/api/v1/comments/{}", all[0]), "/data/docs/0"),
        ("/api/v1/tweets".to_owned(), "/data/docs/0"),
    ] {
        for (n, person) in people.iter().enumerate() {
            let shown = person.get(&path).await.is(200).at(pointer);
            assert_eq!(shown["likesCount"], PEOPLE / 2, "{path}");
            assert_eq!(shown["isLiked"], n % 2 == 0, "{path} by {n}");
        }
    }
    assert_eq!(
        site.count("SELECT count(*) FROM likes").await,
        (4 * PEOPLE / 2) as i64
    );
    let received = "SELECT received_likes_count FROM users WHERE username = 'owner'";
    assert_eq!(site.count(received).await, PEOPLE as i64);
    site.counts_right().await;
}
