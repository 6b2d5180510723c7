//! Walking lists by cursor.

use std::collections::HashSet;

use serde_json::Value;

use super::{ORDERS, VIDEOS, add, fifty_seven, ids, row};
use crate::kit::{self, Person};

/// All ids of a list, page by page.
async fn by_pages(person: &Person<'_>, query: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    for page in 1.. {
        let path = format!("{VIDEOS}?limit={limit}&page={page}&{query}");
        let found = person.get(&path).await.is(200).at("/data");
        let ids = ids(&found["docs"]);
        assert_eq!(found["pagingCounter"], (page - 1) * limit + 1);
        assert_eq!(found["hasPrevPage"], page > 1);
        all.extend(ids);
        if found["hasNextPage"] == false {
            assert_eq!(found["nextPage"], Value::Null);
            assert_eq!(found["totalDocs"], all.len(), "{query}");
            break;
        }
        assert_eq!(found["nextPage"], page + 1);
        assert_eq!(
            found["docs"].as_array().unwrap().len(),
            limit,
            "only the last page is short"
        );
    }
    all
}

/// All ids of a list, from cursor to cursor.
async fn by_cursors(person: &Person<'_>, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{VIDEOS}?limit={limit}&cursor={cursor}&{query}");
        let found = person.get(&path).await.is(200).at("/data");
        assert_eq!(
            found.as_object().unwrap().len(),
            2,
            "items and nextCursor: {found}"
        );
        all.extend(ids(&found["items"]));
        match found["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return all,
        }
        assert_eq!(found["items"].as_array().unwrap().len(), limit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_walk_every_order_to_its_end_just_as_pages_do() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = fifty_seven(&site, &asha).await;
    let position = |order: &str, id: &str| {
        let row = rows.iter().find(|row| row.id.to_string() == id).unwrap();
        match order {
            "createdAt" => (row.created_at.0, String::new()),
            "views" => (row.views, String::new()),
            "duration" => (row.duration_ms, String::new()),
            "likesCount" => (row.likes_count, String::new()),
            _ => (0, row.title.clone()),
        }
    };
    let everyone = site.anyone();
    for order in ORDERS {
        for direction in ["asc", "desc"] {
            let sort = format!("sortBy={order}&sortType={direction}");
            let walked = by_cursors(&everyone, &sort, 10).await;
            assert_eq!(
                walked.iter().collect::<HashSet<_>>().len(),
                57,
                "{sort}: each once"
            );
            let mut ordered: Vec<_> = walked
                .iter()
                .map(|id| (position(order, id), id.clone()))
                .collect();
            if direction == "desc" {
                ordered.reverse();
            }
            assert!(ordered.is_sorted(), "{sort}");
            assert_eq!(by_pages(&everyone, &sort, 10).await, walked, "{sort}");
            let mine = format!("{sort}&userId={}", asha.id);
            assert_eq!(by_cursors(&asha, &mine, 25).await, walked, "{mine}");
            assert_eq!(by_pages(&everyone, &mine, 25).await, walked, "{mine}");
            for filter in ["tag=odd", "query=walk"] {
                let filtered = format!("{sort}&{filter}");
                let some = by_cursors(&everyone, &filtered, 10).await;
                assert_eq!(
                    some.len(),
                    if filter == "tag=odd" { 28 } else { 57 },
                    "{filtered}"
                );
                assert_eq!(by_pages(&everyone, &filtered, 10).await, some, "{filtered}");
                let among: Vec<String> = walked.iter().filter(|id| some.contains(id)).cloned().collect();
                assert_eq!(some, among, "{filtered}");
            }
        }
    }
    assert_eq!(
        by_cursors(&everyone, "", 10).await,
        by_cursors(&everyone, "sortBy=createdAt&sortType=desc", 57).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_by_cursor_is_not_disturbed_by_what_comes_and_goes() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = fifty_seven(&site, &asha).await;
    let before = by_cursors(&site.anyone(), "", 57).await;
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    let mut removed = Vec::new();
    loop {
        let path = format!("{VIDEOS}?limit=10&cursor={cursor}");
        let found = site.anyone().get(&path).await.is(200).at("/data");
        let page = ids(&found["items"]);
        // Newer ones come in front, and the one that the cursor stands on goes.
        add(
            &site,
            &[row(&site, &asha, "newer"), row(&site, &asha, "newer still")],
        )
        .await;
        let last = page.last().unwrap().clone();
        asha.delete(&format!("{VIDEOS}/{last}")).await.is(200);
        removed.push(last);
        walked.extend(page);
        match found["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(walked, before, "each once, none left out");
    let after = by_cursors(&site.anyone(), "", 100).await;
    assert_eq!(after.len(), rows.len() + removed.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_the_list_that_gave_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    fifty_seven(&site, &asha).await;
    let everyone = site.anyone();
    let mut cursors = Vec::new();
    for order in ORDERS {
        for direction in ["asc", "desc"] {
            let sort = format!("sortBy={order}&sortType={direction}");
            let first = everyone.get(&format!("{VIDEOS}?cursor=&{sort}")).await.is(200);
            cursors.push((sort, first.text_at("/data/nextCursor")));
        }
    }
    for (sort, _) in &cursors {
        for (other, cursor) in &cursors {
            let answer = everyone.get(&format!("{VIDEOS}?cursor={cursor}&{sort}")).await;
            if sort == other {
                answer.is(200);
            } else {
                assert_eq!(answer.status, 400, "a cursor of {other} in {sort}");
                answer.refuses(400, "bad_cursor");
            }
        }
    }
    let good = &cursors[1].1;
    let half = &good[..good.len() / 2];
    for bad in [
        "x",
        "AAAA",
        "null",
        "1",
        "%00",
        "bnVsbA",
        "W10",
        "WzEsMl0",
        half,
        &format!("{good}AA"),
        &"A".repeat(4000),
    ] {
        everyone
            .get(&format!("{VIDEOS}?cursor={bad}"))
            .await
            .refuses(400, "bad_cursor");
    }
}
