//! Somebody who listens to `GET /events`.

use std::time::Duration;

use bus::{Audience, Event};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::{Person, Site};

/// Something that everyone hears, to know that nothing else came before it.
pub fn rings(site: &Site) {
    site.server.app.core.bus.publish(Event {
        id: 0,
        kind: "test.bell",
        audience: Audience::Everyone,
        payload: "{}".into(),
    });
}

/// Somebody's stream of events, read piece by piece.
pub struct Listener {
    pub response: Response,
    text: String,
}

/// One event as it stands on the wire.
#[derive(Debug)]
pub struct Told {
    /// Where a listener that comes back goes on; what is said to one listener only has none.
    pub id: Option<String>,
    pub kind: String,
    pub data: Value,
}

impl Listener {
    /// Listens to what is for this person.
    pub async fn on(person: &Person<'_>) -> Self {
        Self::begin(person, "", None).await
    }

    /// Listens also to what happens with these videos.
    pub async fn watching(person: &Person<'_>, videos: &[&str]) -> Self {
        Self::begin(person, &format!("?videos={}", videos.join(",")), None).await
    }

    /// Comes back after having heard `last`.
    pub async fn back(person: &Person<'_>, query: &str, last: &str) -> Self {
        Self::begin(person, query, Some(last)).await
    }

    /// Reads another stream of events.
    pub async fn at(person: &Person<'_>, path: &str) -> Self {
        Self::of(person.request(Method::GET, path)).await
    }

    async fn begin(person: &Person<'_>, query: &str, last_id: Option<&str>) -> Self {
        let mut request = person.request(Method::GET, &format!("/api/v1/events{query}"));
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        Self::of(request).await
    }

    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut listener = Self {
            response,
            text: String::new(),
        };
        assert_eq!(listener.block().await.as_deref(), Some("retry: 3000"));
        listener
    }

    /// The next block of lines; `None` when the stream has ended.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let piece = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            match piece.await.expect("something comes, or the stream ends") {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event; comments are passed over.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let (Some(kind), Some(data)) = (field("event: "), field("data: ")) {
                return Some(Told {
                    id: field("id: ").map(ToOwned::to_owned),
                    kind: kind.to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    /// Passes over events until one of this kind.
    pub async fn waits_for(&mut self, kind: &str) -> Told {
        loop {
            let told = self.next().await.expect("the stream goes on");
            if told.kind == kind {
                return told;
            }
        }
    }

    /// The kinds of all that comes up to an event of this kind, without it.
    pub async fn hears_until(&mut self, kind: &str) -> Vec<Told> {
        let mut heard = Vec::new();
        loop {
            let told = self.next().await.expect("the stream goes on");
            if told.kind == kind {
                return heard;
            }
            heard.push(told);
        }
    }
}
