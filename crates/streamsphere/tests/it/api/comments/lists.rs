//! In which order comments come, and how they are found.

use model::Clock;
use serde_json::{Value, json};

use super::{contents, one, path, video};
use crate::kit;
use crate::kit::conversation::ids;

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_cursors_walk_every_order_to_its_end() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let mut written = Vec::new();
    for n in 0..23 {
        let id = bela.comments(&video, &format!("{n}")).await;
        for person in [&asha, &bela].into_iter().take(n * 7 % 3) {
            person.likes(&format!("c/{id}")).await;
        }
        written.push((id, n * 7 % 3));
    }
    for pinned in [None, Some(written[11].0.clone())] {
        if let Some(id) = &pinned {
            asha.post(&format!("{}/pin", one(id)), &json!({})).await.is(200);
        }
        for (sort, by_likes) in [("createdAt", false), ("likesCount", true)] {
            for direction in ["asc", "desc"] {
                let mut expected = written.clone();
                // Ids grow with time.
                expected.sort_by_key(|(id, likes)| (if by_likes { *likes } else { 0 }, id.clone()));
                if direction == "desc" {
                    expected.reverse();
                }
                let mut expected: Vec<String> = expected.into_iter().map(|(id, _)| id).collect();
                if let Some(id) = &pinned {
                    expected.retain(|other| other != id);
                    expected.insert(0, id.clone());
                }
                let list = format!("{}?sortBy={sort}&sortType={direction}", path(&video));
                for limit in [1, 5, 22, 23, 100] {
                    let walked = asha.walks(&list, limit).await;
                    assert_eq!(ids(&json!(walked)), expected, "{list} by {limit}");
                    if limit > 1 {
                        assert_eq!(asha.turns_pages(&list, limit).await, walked);
                    }
                    let liked = |item: &Value| item["isLiked"] == (item["likesCount"] != 0);
                    assert!(walked.iter().all(liked), "the first to like is who asks");
                }
            }
        }
    }
    let default = asha.get(&path(&video)).await.is(200).at("/data/docs/1/content");
    assert_eq!(default, "22", "newest first");
    let unseen = site.anyone().get(&path(&video)).await.is(200).at("/data/docs");
    assert!(
        unseen
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["isLiked"] == false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_comment_is_pinned_and_only_at_the_top() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let first = bela.comments(&video, "first").await;
    let second = bela.comments(&video, "second").await;
    let reply = asha.replies(&video, &first, "reply").await;
    bela.comments(&video, "third").await;
    let pin = |id: &str| format!("{}/pin", one(id));
    bela.post(&pin(&first), &json!({}))
        .await
        .refuses(403, "not_the_owner");
    asha.post(&pin(&reply), &json!({}))
        .await
        .refuses(400, "not_at_the_top");
    let pinned = asha.post(&pin(&first), &json!({})).await.is(200).at("/data");
    assert_eq!(
        (&pinned["isPinned"], &pinned["content"]),
        (&json!(true), &json!("first"))
    );
    asha.post(&pin(&first), &json!({})).await.is(200);
    let order = async || {
        let found = bela.walks(&path(&video), 10).await;
        contents(&found).join(" ")
    };
    assert_eq!(order().await, "first third second");
    asha.post(&pin(&second), &json!({})).await.is(200);
    assert_eq!(order().await, "second third first", "in place of the other");
    asha.delete(&pin(&first)).await.is(200);
    assert_eq!(
        order().await,
        "second third first",
        "that one is not pinned any more"
    );
    asha.delete(&pin(&second)).await.is(200);
    assert_eq!(order().await, "third second first");
    asha.post(&pin(&second), &json!({})).await.is(200);
    bela.delete(&one(&second)).await.is(200);
    assert_eq!(order().await, "third first");
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_meanwhile_disturbs_no_walk() {
    let clock = Clock::system();
    let site = kit::with_clock(clock.clone()).start().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    for n in 0..6 {
        asha.comments(&video, &format!("{n}")).await;
    }
    let first = asha
        .get(&format!("{}?limit=3&cursor=", path(&video)))
        .await
        .is(200);
    assert_eq!(
        contents(first.at("/data/items").as_array().unwrap()),
        ["5", "4", "3"]
    );
    for n in 6..9 {
        asha.comments(&video, &format!("{n}")).await;
    }
    let cursor = first.text_at("/data/nextCursor");
    let second = asha
        .get(&format!("{}?limit=3&cursor={cursor}", path(&video)))
        .await
        .is(200);
    assert_eq!(
        contents(second.at("/data/items").as_array().unwrap()),
        ["2", "1", "0"]
    );
    assert_eq!(second.at("/data/nextCursor"), Value::Null);
    for nonsense in ["x", "AAAA", "~", &cursor[1..]] {
        asha.get(&format!("{}?cursor={nonsense}", path(&video)))
            .await
            .refuses(400, "bad_cursor");
    }
    for order in ["sortType=asc", "sortBy=likesCount"] {
        asha.get(&format!("{}?cursor={cursor}&{order}", path(&video)))
            .await
            .refuses(400, "bad_cursor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_the_comments_of_one_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let (here, there) = (video(&site, &asha).await, video(&site, &asha).await);
    let otter = asha.comments(&here, "Otters in the Thaya, at last").await;
    let second = asha.comments(&here, "An otter and a river").await;
    asha.comments(&here, "नमस्ते दुनिया").await;
    asha.comments(&there, "Otters elsewhere").await;
    asha.replies(&here, &otter, "otter in a reply").await;
    let finds = async |query: &str| {
        let list = format!("{}?query={query}", path(&here));
        let found = asha.walks(&list, 1).await;
        let page = asha.get(&list).await.is(200).at("/data");
        assert_eq!(page["docs"], json!(found), "{query}");
        assert_eq!(page["totalComments"], found.len(), "{query}");
        found.len()
    };
    assert_eq!(finds("otter").await, 2, "top level, and of this video");
    assert_eq!(finds("OTTERS").await, 1);
    assert_eq!(finds("otter%20river").await, 1);
    assert_eq!(finds("a").await, 1, "a single letter is a word");
    assert_eq!(finds("%E0%A4%A8%E0%A4%AE%E0%A4%B8").await, 1);
    for nothing in ["zebra", "%22%2A", "elsewhere", "video", "reply"] {
        assert_eq!(finds(nothing).await, 0, "{nothing}");
    }
    let token = format!("i{here}");
    assert_eq!(finds(&token).await, 0, "an id is no word of a comment");
    asha.patch(&one(&second), &json!({"content": "A badger"}))
        .await
        .is(200);
    assert_eq!(finds("otter").await, 1);
    assert_eq!(finds("badger").await, 1);
    asha.delete(&one(&otter)).await.is(200);
    assert_eq!(finds("otter").await, 0);
    let long = "x".repeat(201);
    asha.get(&format!("{}?query={long}", path(&here)))
        .await
        .refuses(400, "invalid_fields")
        .blames("query", "too_long");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_must_make_sense() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    for (query, field) in [
        ("page=0", "page"),
        ("page=x", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("sortBy=content", "sortBy"),
        ("sortBy=id;drop", "sortBy"),
        ("sortType=up", "sortType"),
    ] {
        let answer = asha.get(&format!("{}?{query}", path(&video))).await;
        let blamed = answer.refuses(400, "invalid_fields").at("/errors/0/field");
        assert_eq!(blamed, field);
    }
    asha.get(&format!("{}?page=1001", path(&video)))
        .await
        .refuses(400, "page_too_deep");
    let far = asha
        .get(&format!("{}?page=900&limit=100", path(&video)))
        .await
        .is(200);
    assert_eq!(far.at("/data/docs"), json!([]));
}
