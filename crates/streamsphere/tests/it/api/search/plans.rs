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
async fn only_the_full_text_index_is_walked_and_nothing_is_sorted() {
    let site = kit::site().await;
    let statements = [
        (
            videos::statement(),
            store::params!["\"a\"", "\"a\"", 100].to_vec(),
        ),
        (channels::statement(), store::params!["\"a\""].to_vec()),
        (
            tweets::STATEMENT.to_owned(),
            store::params!["\"a\"", 100].to_vec(),
        ),
        (captions::statement(), store::params!["\"a\""].to_vec()),
    ];
    for (sql, params) in statements {
        let steps = plan(&site, &sql, &params).await;
        let shown = || format!("{sql}\n{steps:#?}");
        for step in &steps {
            if step.starts_with("SCAN") {
                // What an index of words answers, what was taken from it, or the tags of one video.
                let bounded = ["VIRTUAL TABLE INDEX", "SCAN f", "SCAN (subquery"]
                    .iter()
                    .any(|known| step.contains(known));
                assert!(bounded, "{step} in {}", shown());
            }
            assert!(!step.contains("FOR ORDER BY"), "{step} in {}", shown());
        }
        // A range of documents in their order, from the newest on: `M` words, `<` and `>` bounds.
        let walks = steps
            .iter()
            .filter(|step| step.contains("_search VIRTUAL TABLE INDEX"));
        assert!(walks.clone().count() > 0, "{}", shown());
        for walk in walks {
            assert!(walk.contains('M'), "{walk} in {}", shown());
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
