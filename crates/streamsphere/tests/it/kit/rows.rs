//! Rows that a test puts into the store itself: where many are needed, and no file behind them, and to ask the
//! engine how it would find them.

use model::videos::Status;
use store::videos::{self, VideoRow};

use super::{Person, Site};

/// A row as of a video that is ready, made without a file.
pub fn row(site: &Site, owner: &Person<'_>, title: &str) -> VideoRow {
    let now = site.clock.now();
    VideoRow {
        title: title.to_owned(),
        status: Status::Ready,
        progress: 1.0,
        watchable: true,
        duration_ms: 1000,
        width: 320,
        height: 180,
        ..VideoRow::new(site.server.app.core.ids.next(now), owner.id.parse().unwrap(), now)
    }
}

/// Adds rows, with the counts they carry.
pub async fn add(site: &Site, rows: &[VideoRow]) {
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for row in rows {
        videos::add(&mut tx, row).await.unwrap();
        tx.exec(
            "UPDATE videos SET views = $1, likes_count = $2 WHERE id = $3",
            &store::params![row.views, row.likes_count, row.id],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

/// How the engine would answer a statement: one line for each step.
pub async fn plan(site: &Site, text: &str, params: &[store::Val<'_>]) -> Vec<String> {
    site.server
        .app
        .core
        .store
        .read()
        .all(&format!("EXPLAIN QUERY PLAN {text}"), params, |row| {
            Ok(row.text(3)?.to_owned())
        })
        .await
        .unwrap()
}

/// Asserts that a statement reads no table and no index through; what it made itself it may.
pub async fn never_scans(site: &Site, text: &str) {
    let params = (1..50).take_while(|n| text.contains(&format!("${n}"))).count();
    let params = vec![store::Val::Int(0); params];
    let plan = plan(site, text, &params).await;
    assert!(!plan.is_empty());
    // What is sorted is one page that was found already.
    let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
    let pages = plan.iter().filter(|step| *step == "SCAN p").count();
    assert!(sorts <= pages, "{text}\n{plan:#?}");
    for step in &plan {
        let own = ["p", "found"].iter().any(|name| *step == format!("SCAN {name}"));
        assert!(!step.starts_with("SCAN") || own, "{text}\n{plan:#?}");
    }
}
