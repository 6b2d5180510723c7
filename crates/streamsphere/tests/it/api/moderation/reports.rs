//! `/api/v1/reports`: what can be reported, and who deals with it.

use model::moderation::Kind;
use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use super::NO_SUCH_ID;
use crate::kit::rows::{add, never_scans, row};
use crate::kit::{self, clips};

const REPORTS: &str = "/api/v1/reports";
const ALL: &str = "/api/v1/admin/reports";

fn targets(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| item["target"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_somebody_sees_they_report_once() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let public = row(&site, &asha, "A clip");
    let private = VideoRow {
        visibility: Visibility::Private,
        ..row(&site, &asha, "Mine")
    };
    add(&site, &[public.clone(), private.clone()]).await;
    let (public, private) = (public.id.to_string(), private.id.to_string());
    let comment = asha.comments(&public, "Look").await;
    let hidden = asha.comments(&private, "A note").await;
    let tweet = asha.tweets("Look").await;
    let makes = async |visibility: &str| {
        let words = json!({"name": "A list", "visibility": visibility});
        let made = asha.post("/api/v1/playlist", &words).await.is(201);
        made.text_at("/data/_id")
    };
    let (list, own_list) = (makes("public").await, makes("private").await);

    for (kind, id) in [
        ("video", &public),
        ("comment", &comment),
        ("tweet", &tweet),
        ("user", &asha.id),
        ("playlist", &list),
    ] {
        let body = json!({"kind": kind, "id": id, "reason": "hate", "text": " Look \n at this "});
        let first = bela.post(REPORTS, &body).await.is(201).at("/data");
        assert_eq!((&first["kind"], &first["target"]), (&json!(kind), &json!(id)));
        assert_eq!(
            (&first["reason"], &first["state"]),
            (&json!("hate"), &json!("open"))
        );
        assert_eq!(first["text"], "Look \n at this");
        let again = bela.complains_of(kind, id).await.is(200).at("/data");
        assert_eq!(again, first, "what was said first stays");
    }
    for (kind, id, code) in [
        ("video", private.as_str(), "video_not_found"),
        ("comment", &hidden, "comment_not_found"),
        ("playlist", &own_list, "playlist_not_found"),
        ("playlist", &bela.id, "playlist_not_found"),
        ("video", NO_SUCH_ID, "video_not_found"),
        ("comment", NO_SUCH_ID, "comment_not_found"),
        ("tweet", NO_SUCH_ID, "tweet_not_found"),
        ("user", NO_SUCH_ID, "user_not_found"),
        ("video", &tweet, "video_not_found"),
    ] {
        bela.complains_of(kind, id).await.refuses(404, code);
    }
    for (body, field) in [
        (json!({"id": tweet, "reason": "spam"}), "kind"),
        (json!({"kind": "report", "id": tweet, "reason": "spam"}), "kind"),
        (json!({"kind": "tweet", "id": "x", "reason": "spam"}), "id"),
        (
            json!({"kind": "tweet", "id": tweet, "reason": "boring"}),
            "reason",
        ),
        (
            json!({"kind": "tweet", "id": tweet, "reason": "spam", "text": "x".repeat(2001)}),
            "text",
        ),
    ] {
        let refused = bela.post(REPORTS, &body).await.refuses(400, "invalid_fields");
        assert_eq!(refused.at("/errors/0/field"), field);
    }
    assert_eq!(site.count("SELECT count(*) FROM reports").await, 5);
    site.anyone().complains_of("tweet", &tweet).await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_read_reports_newest_first_and_close_them() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let mut tweets = Vec::new();
    for n in 0..5 {
        let tweet = asha.tweets(&format!("Number {n}")).await;
        bela.complains_of("tweet", &tweet).await.is(201);
        tweets.insert(0, tweet);
    }
    bela.complains_of("user", &asha.id).await.is(201);
    let open = mo.walks(ALL, 2).await;
    assert_eq!(targets(&open)[0], asha.id);
    assert_eq!(targets(&open)[1..], tweets);
    let only = mo.walks(&format!("{ALL}?kind=tweet"), 2).await;
    assert_eq!(targets(&only), tweets);
    assert_eq!(only[0]["reporter"], json!({"_id": bela.id, "username": "bela"}));
    assert_eq!(
        (&only[0]["note"], &only[0]["handledBy"]),
        (&json!(""), &Value::Null)
    );
    assert_eq!(only[0]["takenDown"], false);
    assert_eq!(
        only[0]["about"],
        json!({"text": "Number 4", "owner": "asha", "video": null})
    );

    let id = only[0]["_id"].as_str().unwrap();
    let one = format!("{ALL}/{id}");
    mo.takes_down("tweet", &tweets[0], "Spam").await.is(200);
    let body = json!({"state": "closed", "note": "Taken down"});
    let closed = mo.patch(&one, &body).await.is(200).at("/data");
    assert_eq!(
        (&closed["state"], &closed["note"]),
        (&json!("closed"), &json!("Taken down"))
    );
    assert_eq!(closed["handledBy"], json!(mo.id));
    let open = mo.walks(&format!("{ALL}?kind=tweet&state=open"), 10).await;
    assert_eq!(targets(&open), tweets[1..]);
    let found = mo.walks(&format!("{ALL}?state=closed"), 10).await;
    assert_eq!(targets(&found), tweets[..1]);
    assert_eq!(found[0]["takenDown"], true);
    assert_eq!(found[0]["note"], "Taken down");
    let again = bela.complains_of("tweet", &tweets[1]).await.is(200);
    assert_eq!(again.at("/data/state"), "open");
    mo.patch(&one, &json!({"state": "open"})).await.is(200);
    assert_eq!(mo.walks(&format!("{ALL}?kind=tweet"), 10).await.len(), 5);

    mo.patch(&one, &json!({})).await.refuses(400, "nothing_to_change");
    mo.patch(&one, &json!({"state": "gone"}))
        .await
        .refuses(400, "invalid_fields");
    let closed = json!({"state": "closed"});
    mo.patch(&format!("{ALL}/{NO_SUCH_ID}"), &closed)
        .await
        .refuses(404, "report_not_found");
    bela.patch(&one, &closed).await.refuses(404, "route_not_found");
    mo.get(&format!("{ALL}?state=gone"))
        .await
        .is(400)
        .blames("state", "unknown");
    mo.get(&format!("{ALL}?kind=report"))
        .await
        .is(400)
        .blames("kind", "unknown");
    let page = mo.get(&format!("{ALL}?limit=1")).await.is(200);
    let cursor = page.text_at("/data/nextCursor");
    mo.get(&format!("{ALL}?state=closed&cursor={cursor}"))
        .await
        .refuses(400, "bad_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reports_without_end() {
    let site = kit::with("rate_limits", "on").start().await;
    let asha = site.person("asha").await;
    let mut refused = None;
    for n in 0..60 {
        let answer = asha.complains_of("tweet", NO_SUCH_ID).await;
        if answer.status == 429 {
            refused = Some((n, answer));
            break;
        }
        answer.is(404);
    }
    let (n, answer) = refused.unwrap();
    assert!(n >= 20, "that many are let through at once");
    assert!(
        answer
            .header("retry-after")
            .parse::<u32>()
            .is_ok_and(|wait| wait > 0)
    );
    answer.refuses(429, "too_many_requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_see_what_is_reported_unless_it_is_private_by_now() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha
        .publishes(&clips::small(), &[("title", "A film"), ("visibility", "public")])
        .await;
    let comment = asha.comments(&video, "Buy this").await;
    bela.complains_of("video", &video).await.is(201);
    bela.complains_of("comment", &comment).await.is(201);
    bela.complains_of("user", &asha.id).await.is(201);
    let about = async |who: &kit::Person<'_>| -> Vec<Value> {
        let all = who.walks(ALL, 10).await;
        all.iter().map(|one| one["about"].clone()).collect()
    };
    let film = json!({"text": "A film", "owner": "asha", "video": video});
    let said = json!({"text": "Buy this", "owner": "asha", "video": video});
    let found = about(&mo).await;
    assert_eq!(
        (&found[0]["owner"], &found[0]["video"]),
        (&json!("asha"), &Value::Null)
    );
    assert_eq!(found[1..], [said.clone(), film.clone()]);

    let private = json!({"visibility": "private"});
    asha.patch(&format!("/api/v1/videos/{video}"), &private)
        .await
        .is(200);
    assert_eq!(about(&mo).await[1..], [Value::Null, Value::Null]);
    assert_eq!(about(&admin).await[1..], [said, film]);

    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);
    kit::until("its comments are gone", async || {
        site.count("SELECT count(*) FROM comments").await == 0
    })
    .await;
    assert_eq!(about(&admin).await[1..], [Value::Null, Value::Null]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_what_was_said_also_when_that_is_down() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let clip = row(&site, &asha, "A clip");
    add(&site, std::slice::from_ref(&clip)).await;
    let video = clip.id.to_string();
    let comment = asha.comments(&video, "Buy my boats").await;
    let report = bela.complains_of("comment", &comment).await.is(201);
    mo.takes_down("comment", &comment, "Spam").await.is(200);
    let one = format!("{ALL}/{}", report.text_at("/data/_id"));
    mo.patch(&one, &json!({"state": "closed"})).await.is(200);

    // What became of a report is about what the report is about.
    let acts = admin.walks("/api/v1/admin/audit", 10).await;
    let said = json!({
        "kind": "comment",
        "_id": comment,
        "text": "Buy my boats",
        "owner": "asha",
        "video": video,
    });
    assert_eq!((&acts[0]["kind"], &acts[0]["about"]), (&json!("report"), &said));
    assert_eq!((&acts[1]["kind"], &acts[1]["about"]), (&json!("comment"), &said));
    assert_eq!(acts[2]["about"]["text"], "moe", "who became a moderator");

    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);
    kit::until("its comments are gone", async || {
        site.count("SELECT count(*) FROM comments").await == 0
    })
    .await;
    let acts = admin.walks("/api/v1/admin/audit", 10).await;
    assert_eq!(acts[0]["about"], Value::Null);
    let kinds = [
        Kind::Video,
        Kind::Comment,
        Kind::Tweet,
        Kind::User,
        Kind::Playlist,
    ];
    for statement in kinds.into_iter().filter_map(store::subjects::statement) {
        never_scans(&site, statement).await;
    }
}
