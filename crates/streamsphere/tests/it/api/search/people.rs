//! Finding channels and tweets.

use model::ObjectId;
use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use super::{add, described, finds, search};
use crate::kit::{self, PASSWORD, Person, Site};

async fn names(person: &Person<'_>, words: &str) -> Vec<String> {
    finds(person, "channels", words, "username").await
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_found_by_handle_name_and_description() {
    let site = kit::site().await;
    let asha = site.person("asha.films").await;
    let ben = site.person("ben").await;
    asha.patch(
        "/api/v1/users/update-account",
        &json!({"fullName": "Ásha Kumar", "bio": "Rivers and otters"}),
    )
    .await
    .is(200);
    ben.patch("/api/v1/users/update-account", &json!({"bio": "Fan of Asha"}))
        .await
        .is(200);
    let everyone = site.anyone();
    assert_eq!(names(&everyone, "asha").await, ["asha.films", "ben"]);
    assert_eq!(names(&everyone, "film").await, ["asha.films"]);
    assert_eq!(names(&everyone, "kumar rivers").await, ["asha.films"]);
    assert!(
        names(&everyone, "example com").await.is_empty(),
        "addresses are nobody's business"
    );
    let found = search(&everyone, "channels", "kum").await;
    assert_eq!(
        found.at("/data/items/0/highlights"),
        json!([{"field": "fullName", "text": "Ásha Kumar", "ranges": [[5, 10]]}])
    );
    let item = found.at("/data/items/0");
    assert!(item.get("email").is_none() && item.get("role").is_none());
    assert_eq!(
        (&item["subscribersCount"], &item["videosCount"]),
        (&json!(0), &json!(0))
    );
    let mistyped = search(&everyone, "channels", "kuamr").await;
    assert_eq!(mistyped.at("/data/correctedQuery"), "kumar");
    assert_eq!(mistyped.at("/data/items/0/username"), "asha.films");

    asha.patch("/api/v1/users/update-account", &json!({"fullName": "Asha Rao"}))
        .await
        .is(200);
    assert!(names(&everyone, "kumar").await.is_empty());
    assert_eq!(names(&everyone, "rao").await, ["asha.films"]);
    let request = asha
        .request(reqwest::Method::DELETE, "/api/v1/users/me")
        .json(&json!({ "password": PASSWORD }));
    kit::answer(request).await.is(200);
    assert_eq!(
        names(&everyone, "asha").await,
        ["ben"],
        "whoever left is not found"
    );
    let gone = search(&everyone, "channels", "rivres").await;
    assert_eq!(gone.at("/data/correctedQuery"), Value::Null);
}

async fn tweet(site: &Site, owner: &Person<'_>, content: &str, about: Option<&VideoRow>) -> ObjectId {
    let core = &site.server.app.core;
    let now = core.clock.now();
    let id: ObjectId = core.ids.next(now);
    let owner: model::UserId = owner.id.parse().unwrap();
    let mut tx = core.store.write().await.unwrap();
    let new = store::tweets::New {
        id: model::TweetId(id),
        owner_id: owner,
        content,
        video_id: about.map(|video| video.id),
        video_at_ms: about.map(|_| 2500_i64),
        now,
    };
    store::tweets::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn changes(site: &Site, sql: &str, id: ObjectId) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    tx.exec(sql, &store::params![id]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tweets_are_found_by_their_words_and_tell_of_no_hidden_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let shown = described(&site, &asha, "Shown", "", &[]);
    let hidden = VideoRow {
        visibility: Visibility::Unlisted,
        ..described(&site, &asha, "Hidden", "", &[])
    };
    add(&site, &[shown.clone(), hidden.clone()]).await;
    tweet(&site, &asha, "Nothing of that kind", None).await;
    let plain = tweet(&site, &asha, "An otter in the <river>", None).await;
    tweet(&site, &asha, "See this otter", Some(&shown)).await;
    tweet(&site, &asha, "And this secret otter", Some(&hidden)).await;
    let everyone = site.anyone();
    let found = search(&everyone, "tweets", "otter").await.at("/data/items");
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 3);
    let about = |content: &str| {
        let tweet = found.iter().find(|tweet| tweet["content"] == content).unwrap();
        (tweet["video"].clone(), tweet["videoAt"].clone())
    };
    assert_eq!(about("See this otter"), (json!(shown.id.to_string()), json!(2.5)));
    assert_eq!(about("And this secret otter"), (Value::Null, Value::Null));
    assert_eq!(found[0]["owner"]["username"], "asha");
    let river = search(&everyone, "tweets", "riv").await;
    assert_eq!(
        river.at("/data/items/0/highlights"),
        json!([{"field": "content", "text": "An otter in the <river>", "ranges": [[17, 22]]}])
    );

    let core = &site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    store::tweets::save_content(&mut tx, model::TweetId(plain), "A beaver", core.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(finds(&everyone, "tweets", "river", "content").await.is_empty());
    assert_eq!(
        finds(&everyone, "tweets", "beaver", "content").await,
        ["A beaver"]
    );
    changes(&site, "DELETE FROM tweets WHERE id = $1", plain).await;
    assert!(finds(&everyone, "tweets", "beaver", "content").await.is_empty());
}
