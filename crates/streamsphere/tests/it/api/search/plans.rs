//! What searches cost the database.

use store::Val;
use store::search::{captions, channels, terms, tweets, videos};

use crate::kit::{self, Site};

async fn plan(site: &Site, sql: &str, params: &[Val<'_>]) -> Vec<String> {
    let mut tx = site.server.app.core.store.read();
    tx.all(&format!("EXPLAIN QUERY PLAN {sql}"), params, |row| {
        Ok(row.text(3)?.to_owned())
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_full_text_index_is_walked_and_no_walk_is_sorted() {
    let site = kit::site().await;
    let statements = [
        (
            videos::statement(false),
            store::params![100, "\"a\"", "\"a\""].to_vec(),
        ),
        (videos::statement(true), store::params![100, "\"a\""].to_vec()),
        (channels::statement(), store::params!["\"a\""].to_vec()),
        (
            tweets::STATEMENT.to_owned(),
            store::params!["\"a\"", 100].to_vec(),
        ),
        (captions::statement(false), store::params!["\"a\""].to_vec()),
        (captions::statement(true), store::params!["\"a\""].to_vec()),
    ];
    for (sql, params) in statements {
        let steps = plan(&site, &sql, &params).await;
        let shown = || format!("{sql}\n{steps:#?}");
        for (n, step) in steps.iter().enumerate() {
            if step.starts_with("SCAN") {
                // What an index of words answers, what was taken from it, or the tags of one video.
                let bounded = ["VIRTUAL TABLE INDEX", "SCAN f", "SCAN (subquery"]
                    .iter()
                    .any(|known| step.contains(known));
                assert!(bounded, "{step} in {}", shown());
            }
            // Of the few dozen that came of each walk, for putting the walks together.
            let sorts = step.contains("FOR ORDER BY") && !steps[n - 1].starts_with("SCAN (subquery");
            assert!(!sorts, "{step} in {}", shown());
        }
        // `M`: by words. 192: the order of documents is that of the walk, from the newest on.
        let walks = steps
            .iter()
            .filter(|step| step.contains("_search VIRTUAL TABLE INDEX"));
        assert!(walks.clone().count() > 0, "{}", shown());
        for walk in walks {
            assert!(walk.contains("INDEX 192:M"), "{walk} in {}", shown());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_completed_and_mended_by_their_keys() {
    let site = kit::site().await;
    for (sql, params) in [
        (terms::COMPLETE, store::params!["a", "b", 10].to_vec()),
        (terms::NEARLY, store::params![1, 10].to_vec()),
    ] {
        let steps = plan(&site, sql, &params).await;
        assert!(
            steps
                .iter()
                .all(|step| step.starts_with("SEARCH") && step.contains("PRIMARY KEY")),
            "{sql}\n{steps:#?}"
        );
    }
}
