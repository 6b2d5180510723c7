//! People who comment, tweet and like, and what they look at to see whether the numbers are right.

use serde_json::{Value, json};

use super::{Person, Site};

/// The ids of a list's items, in its order.
pub fn ids(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap();
    let ids = items.iter().map(|item| item["_id"].as_str().unwrap().to_owned());
    ids.collect()
}

impl Person<'_> {
    /// Writes a comment; answers its id.
    pub async fn comments(&self, video: &str, content: &str) -> String {
        let path = format!("/api/v1/comments/{video}");
        let answer = self.post(&path, &json!({"content": content})).await;
        answer.is(201).text_at("/data/_id")
    }

    /// Answers a comment; answers the reply's id.
    pub async fn replies(&self, video: &str, parent: &str, content: &str) -> String {
        let path = format!("/api/v1/comments/{video}");
        let body = json!({"content": content, "parent": parent});
        self.post(&path, &body).await.is(201).text_at("/data/_id")
    }

    /// Writes a tweet; answers its id.
    pub async fn tweets(&self, content: &str) -> String {
        let answer = self.post("/api/v1/tweets", &json!({"content": content})).await;
        answer.is(201).text_at("/data/_id")
    }

    /// Likes a video (`v/…`), comment (`c/…`) or tweet (`t/…`).
    pub async fn likes(&self, what: &str) -> Value {
        self.put(&format!("/api/v1/likes/{what}"))
            .await
            .is(200)
            .at("/data")
    }

    /// All items of a list, from cursor to cursor.
    pub async fn walks(&self, path: &str, limit: usize) -> Vec<Value> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = format!("{path}{sign}limit={limit}&cursor={cursor}");
            let found = self.get(&page).await.is(200).at("/data");
            assert_eq!(found.as_object().unwrap().len(), 2, "items and nextCursor");
            let items = found["items"].as_array().unwrap();
            all.extend(items.iter().cloned());
            match found["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return all,
            }
            assert_eq!(items.len(), limit, "only the last page is short");
        }
    }

    /// All items of a list, page by page; the total must be how many there are.
    pub async fn turns_pages(&self, path: &str, limit: usize) -> Vec<Value> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for page in 1.. {
            let page = format!("{path}{sign}limit={limit}&page={page}");
            let found = self.get(&page).await.is(200).at("/data");
            let docs = found["docs"].as_array().unwrap();
            all.extend(docs.iter().cloned());
            if found["hasNextPage"] == false {
                assert_eq!(found["totalDocs"], all.len(), "{page}");
                break;
            }
            assert_eq!(docs.len(), limit, "only the last page is short");
        }
        all
    }
}

/// What is true of jobs that are still to be done, but for those whose time has not come since they were made.
pub const UNFINISHED: &str = "state < 2 AND (state = 1 OR attempts > 0 OR run_at <= created_at)";

impl Site {
    /// Asserts that every kept number is what can be counted.
    pub async fn counts_right(&self) {
        let found = app::doctor::examine(&self.server.app, false).await.unwrap();
        // Rows without files are how these tests make videos.
        let found: Vec<_> = found
            .into_iter()
            .filter(|finding| !finding.text.contains("is missing"))
            .collect();
        assert!(found.is_empty(), "{found:#?}");
    }

    /// Waits until no job is left but those that were put off on purpose, for what is written late.
    pub async fn does_all_jobs(&self) {
        let sql = format!("SELECT count(*) FROM jobs WHERE {UNFINISHED}");
        super::until("all jobs are done", async || self.count(&sql).await == 0).await;
    }

    /// The answer of a statement that counts.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut tx = self.server.app.core.store.read();
        let count = tx.one(sql, &store::params![], |row| row.int(0)).await;
        count.unwrap().unwrap()
    }
}
