//! What the lists cost the database.

use model::{UserId, VideoId};
use store::videos::list::{Query, Scope, Sort, SortKey, Start, is_quick, statement};

use super::fifty_seven;
use crate::kit::{self, Site};

#[tokio::test(flavor = "multi_thread")]
async fn every_quick_list_is_one_walk_along_an_index() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    fifty_seven(&site, &asha).await;
    let owner: UserId = asha.id.parse().unwrap();
    let id: VideoId = "0123456789abcdef01234567".parse().unwrap();
    let mut asked = 0;
    for scope in [Scope::Listed, Scope::ListedOf(owner), Scope::AllOf(owner)] {
        for sort in [
            Sort::Created,
            Sort::Views,
            Sort::Duration,
            Sort::Title,
            Sort::Likes,
        ] {
            for tag in [None, Some("odd")] {
                for descending in [false, true] {
                    let key = match sort {
                        Sort::Title => SortKey::Text("m".to_owned()),
                        _ => SortKey::Int(5),
                    };
                    for start in [Start::Offset(0), Start::Offset(40), Start::After(key.clone(), id)] {
                        let query = Query {
                            scope,
                            tag,
                            words: None,
                            sort,
                            descending,
                            start,
                            limit: 10,
                        };
                        if is_quick(&query) {
                            explain(&site, &query).await;
                            asked += 1;
                        }
                    }
                }
            }
        }
    }
    // Five orders of all, the newest with a tag, and the newest of a channel for others and its owner.
    assert_eq!(asked, 8 * 2 * 3);
}

async fn explain(site: &Site, query: &Query<'_>) {
    let (text, params) = statement(query);
    let mut tx = site.server.app.core.store.read();
    let plan: Vec<(i64, i64, String)> = tx
        .all(&format!("EXPLAIN QUERY PLAN {text}"), &params, |row| {
            Ok((row.int(0)?, row.int(1)?, row.text(3)?.to_owned()))
        })
        .await
        .unwrap();
    let shown = || {
        let steps: Vec<&str> = plan.iter().map(|(_, _, step)| step.as_str()).collect();
        format!("{query:?}\n{text}\n{steps:#?}")
    };
    let inner = plan
        .iter()
        .find(|(_, _, step)| step == "CO-ROUTINE p" || step == "MATERIALIZE p")
        .unwrap_or_else(|| panic!("the ids are not found first: {}", shown()))
        .0;
    let (within, around): (Vec<_>, Vec<_>) = plan.iter().partition(|(_, parent, _)| *parent == inner);
    assert!(!within.is_empty(), "{}", shown());
    for (_, _, step) in &within {
        assert!(
            step.contains("USING COVERING INDEX"),
            "only an index is read: {}",
            shown()
        );
        assert!(!step.contains("TEMP B-TREE"), "nothing is sorted: {}", shown());
    }
    for (_, _, step) in &around {
        let scans = step.starts_with("SCAN") && step != "SCAN p";
        assert!(!scans, "no table is read through: {}", shown());
    }
    let sorts = around.iter().filter(|(_, _, step)| step.contains("TEMP B-TREE"));
    assert!(sorts.count() <= 1, "at most the page is sorted: {}", shown());
}
