//! `/api/v1/users/blocks`: whom somebody does not want to hear from, and what that keeps people from.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::rows::{self, add, row};
use crate::kit::{self, Person};

const BLOCKS: &str = "/api/v1/users/blocks";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

fn of(person: &Person<'_>) -> String {
    format!("{BLOCKS}/{}", person.id)
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|item| item["user"]["username"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_is_not_heard_there_and_is_everywhere_else() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let videos = [row(&site, &asha, "Of asha"), row(&site, &chen, "Of chen")];
    add(&site, &videos).await;
    let [on_asha, on_chen] = videos.map(|video| video.id.to_string());
    let earlier = bela.comments(&on_asha, "Before").await;
    let ashas = asha.comments(&on_chen, "Under another's").await;
    let chens = chen.replies(&on_chen, &ashas, "An answer").await;
    let other = chen.comments(&on_chen, "Mine").await;
    let under = asha.replies(&on_chen, &other, "Below that").await;
    let says = async |video: &str, parent: Option<&str>| {
        let body = json!({"content": "Me again", "parent": parent});
        bela.post(&format!("/api/v1/comments/{video}"), &body).await
    };
    let tweets_about = async |video: &str| {
        let body = json!({"content": "See", "video": video});
        bela.post("/api/v1/tweets", &body).await
    };

    let about = tweets_about(&on_asha).await.is(201).text_at("/data/_id");

    assert_eq!(asha.put(&of(&bela)).await.is(200).at("/data/blocked"), true);
    says(&on_asha, None).await.refuses(403, "blocked");
    says(&on_asha, Some(&earlier)).await.refuses(403, "blocked");
    says(&on_chen, Some(&ashas)).await.refuses(403, "blocked");
    says(&on_chen, Some(&under)).await.refuses(403, "blocked");
    says(&on_chen, Some(&chens)).await.refuses(403, "blocked");
    tweets_about(&on_asha).await.refuses(403, "blocked");
    let worse = json!({"content": "Worse"});
    for said in [format!("comments/c/{earlier}"), format!("tweets/{about}")] {
        bela.patch(&format!("/api/v1/{said}"), &worse)
            .await
            .refuses(403, "blocked");
    }
    says(&on_chen, None).await.is(201);
    says(&on_chen, Some(&other)).await.is(201);
    tweets_about(&on_chen).await.is(201);
    bela.tweets("About nothing").await;
    let kept = site
        .anyone()
        .get(&format!("/api/v1/comments/{on_asha}"))
        .await
        .is(200);
    assert_eq!(kept.at("/data/docs/0/_id"), json!(earlier), "what was said stays");
    asha.comments(&on_asha, "It goes one way").await;

    assert_eq!(asha.delete(&of(&bela)).await.is(200).at("/data/blocked"), false);
    says(&on_asha, None).await.is(201);
    says(&on_chen, Some(&ashas)).await.is(201);
    tweets_about(&on_asha).await.is(201);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_listed_for_whoever_made_them_and_go_with_either_side() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let mut others = Vec::new();
    for name in ["bela", "chen", "dara"] {
        let person = site.person(name).await;
        asha.put(&of(&person)).await.is(200);
        asha.put(&of(&person)).await.is(200);
        others.push(person);
    }
    let listed = asha.walks(BLOCKS, 2).await;
    let mut found = names(&listed);
    found.sort_unstable();
    assert_eq!(found, ["bela", "chen", "dara"], "each once");
    assert!(
        listed
            .windows(2)
            .all(|pair| pair[0]["createdAt"].as_str() >= pair[1]["createdAt"].as_str()),
        "the last first"
    );
    let array = asha.get("/users/blocks?limit=2&page=2").await.is(200);
    assert_eq!(array.at("/data").as_array().unwrap(), &listed[2..]);
    assert_eq!(others[0].get(BLOCKS).await.is(200).at("/data"), json!([]));
    others[0].put(&of(&asha)).await.is(200);

    asha.put(&of(&asha)).await.refuses(400, "own_account");
    asha.put(&format!("{BLOCKS}/{NO_SUCH_ID}"))
        .await
        .refuses(404, "user_not_found");
    asha.delete(&format!("{BLOCKS}/{NO_SUCH_ID}")).await.is(200);
    asha.put(&format!("{BLOCKS}/x"))
        .await
        .refuses(400, "malformed_id");
    site.anyone().get(BLOCKS).await.is(401);
    rows::never_scans(&site, store::blocks::LIST).await;

    let leaves = others[0].request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leaves.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("their blocks are gone, and those of them", async || {
        site.count("SELECT count(*) FROM blocks").await == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_blocks_nobody_any_more() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    // As a request that was on its way while everything of theirs was removed.
    let actor = app::Actor {
        user_id: asha.id.parse().unwrap(),
        session_id: asha.id.parse().unwrap(),
        role: model::users::Role::User,
    };
    let leaves = asha.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leaves.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("everything of hers is gone", async || {
        site.count("SELECT count(*) FROM users").await == 1
    })
    .await;
    let blocks = &site.server.app.blocks;
    let refused = blocks.add(bela.id.parse().unwrap(), &actor).await;
    assert!(refused.is_err());
    assert_eq!(site.count("SELECT count(*) FROM blocks").await, 0);
}
