//! Section 8: what is told and found, and what other programs read. What the contract only names has the form that
//! docs/API.md gives it.

use serde_json::json;

use super::{assert_items, enveloped, gives, has_cursors, is_bounded};
use crate::kit::rows::{add, row};
use crate::kit::{self, clips};

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_a_cursor_list_with_what_is_unread() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "One");
    add(&site, std::slice::from_ref(&video)).await;
    bela.comments(&video.id.to_string(), "Hello").await;
    let list = "/api/v1/notifications";
    kit::until("the comment is told", async || {
        asha.get(list).await.is(200).at("/data/unreadCount") == json!(1)
    })
    .await;
    let unread = "unreadCount:int unreadIsEstimate:flag";
    gives(
        asha.get(list).await,
        200,
        &format!("items:list nextCursor:text? {unread}"),
    );
    let item = "_id:id kind:text isRead:flag actor:owner? video:any comment:any tweet:any likesCount:int? createdAt:time";
    has_cursors(&asha, list, unread, item).await;
    is_bounded(&asha, list, 100).await;
    let read = asha.post(&format!("{list}/read"), &json!({})).await;
    let read = gives(read, 200, unread);
    assert_eq!(read["unreadCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_and_trending_give_videos_in_the_form_of_the_contract() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    add(&site, &[row(&site, &asha, "Ships at sea")]).await;
    asha.tweets("A ship").await;
    let marks = "highlights:list";
    for (kind, words, item) in [
        ("videos", "ships", format!("video {marks}")),
        ("channels", "asha", format!("user subscribersCount:int videosCount:int {marks}")),
        ("tweets", "ship", "_id:id content:text owner:owner video:id? videoAt:num? likesCount:int createdAt:time updatedAt:time highlights:list".to_owned()),
    ] {
        let path = format!("/api/v1/search?q={words}&type={kind}");
        kit::until("it is found", async || {
            let found = site.anyone().get(&path).await.is(200).at("/data/items");
            !found.as_array().unwrap().is_empty()
        })
        .await;
        has_cursors(&site.anyone(), &path, "type:text correctedQuery:text?", &item).await;
        is_bounded(&site.anyone(), &path, 50).await;
    }
    gives(
        bela.get("/api/v1/search?q=ships").await,
        200,
        "videos:list channels:list tweets:list captions:list correctedQuery:text?",
    );
    for wrong in ["", "?q=", "?q=a&type=playlists", "?q=a&limit=0"] {
        bela.get(&format!("/api/v1/search{wrong}")).await.is(400);
    }
    let captions = bela.get("/api/v1/search?q=ships&type=captions").await;
    gives(
        captions,
        200,
        "type:text items:list nextCursor:text? correctedQuery:text?",
    );
    let trending = gives(
        bela.get("/api/v1/trending").await,
        200,
        "items:list nextCursor:text?",
    );
    for item in trending["items"].as_array().unwrap() {
        super::assert_shape(item, "seen_video", "trending");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_health_have_their_forms() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let health = gives(site.anyone().get("/api/v1/healthcheck").await, 200, "status:text");
    assert_eq!(health, json!({"status": "OK"}));
    asha.publishes(&clips::small(), &[]).await;
    let jobs = gives(asha.get("/api/v1/jobs").await, 200, "items:list nextCursor:text?");
    assert_items(
        &jobs["items"],
        "_id:id kind:text state:text video:id? user:id? priority:text attempts:int progress:num step:text? \
         etaSeconds:int? lastError:text? createdAt:time updatedAt:time startedAt:time? runAt:time queuePosition:int?",
        "jobs",
    );
    let others = site.person("bela").await.get("/api/v1/jobs").await;
    assert_eq!(enveloped(others, 200)["items"], json!([]), "one's own");
    site.anyone()
        .get("/api/v1/admin/jobs")
        .await
        .refuses(404, "route_not_found");
    asha.get("/api/v1/admin/jobs")
        .await
        .refuses(404, "route_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_read_the_document_feeds_and_embeddings() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let document = site.anyone().get("/api/v1/openapi.json").await.is(200);
    assert_eq!(document.json["openapi"], "3.1.0");
    for mount in ["", "/api/v1"] {
        let feed = site
            .anyone()
            .get(&format!("{mount}/feeds/channel/asha.xml"))
            .await
            .is(200);
        assert!(feed.header("content-type").starts_with("application/rss+xml"));
        let text = String::from_utf8(feed.bytes).unwrap();
        assert!(text.contains("<enclosure "), "{text}");
        let page = format!("{}/watch/{id}", site.url);
        let embedding = site
            .anyone()
            .asks(&format!("{mount}/oembed"), &[("url", &page)])
            .await
            .is(200);
        assert_eq!(
            (embedding.at("/type"), embedding.at("/version")),
            (json!("video"), json!("1.0"))
        );
    }
    site.anyone().get("/feeds/channel/nobody.xml").await.is(404);
}
