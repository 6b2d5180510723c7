//! `/api/v1/uploads`: the tus protocol, by the byte, over crashes and cut connections, and by its clients;
//! and what hangs on uploads: duplicates, quotas, replaced files.

mod clients;
mod duplicates;
mod originals;
mod protocol;
mod quotas;
mod replaced;
mod resume;
mod turns;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::kit::wire::{Reply, Wire};
use crate::kit::{Person, Site};

const UPLOADS: &str = "/api/v1/uploads";
/// The version of the protocol, as a line.
const V: &str = "Tus-Resumable: 1.0.0";
/// The media type of bytes, as a line.
const BYTES: &str = "Content-Type: application/offset+octet-stream";

/// Someone who speaks tus by the byte, a connection for each request.
struct Tus<'a> {
    site: &'a Site,
    token: String,
}

impl<'a> Tus<'a> {
    fn by(person: &Person<'a>) -> Self {
        Self {
            site: person.site,
            token: person.token.clone().unwrap(),
        }
    }

    /// Sends a request with these header lines; the body's length is said unless a line says how else it ends.
    async fn says(&self, method: &str, target: &str, lines: &[&str], body: &[u8]) -> Reply {
        let mut wire = Wire::to(self.site).await;
        self.begins(&mut wire, method, target, lines, body.len()).await;
        // A server that has refused may have closed before all was sent.
        wire.tries_to_say(body).await;
        wire.answer(method).await
    }

    /// Sends the head of a request whose body has `length` bytes.
    async fn begins(&self, wire: &mut Wire, method: &str, target: &str, lines: &[&str], length: usize) {
        let mut fields = format!("Authorization: Bearer {}\r\n", self.token);
        for line in lines {
            fields.push_str(line);
            fields.push_str("\r\n");
        }
        let ends_otherwise = lines.iter().any(|line| {
            let line = line.to_ascii_lowercase();
            line.starts_with("transfer-encoding:") || line.starts_with("content-length:")
        });
        if !ends_otherwise && (length > 0 || matches!(method, "POST" | "PATCH")) {
            write!(fields, "Content-Length: {length}\r\n").expect("a string takes it");
        }
        wire.asks(method, target, &fields).await;
    }

    /// Begins an upload of `length` bytes; answers where it is.
    async fn creates(&self, length: usize, metadata: &str) -> String {
        let length = format!("Upload-Length: {length}");
        let metadata = format!("Upload-Metadata: {metadata}");
        let reply = self.says("POST", UPLOADS, &[V, &length, &metadata], b"").await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.field("location").to_owned()
    }

    /// Adds bytes at an offset.
    async fn adds(&self, upload: &str, offset: usize, body: &[u8]) -> Reply {
        let offset = format!("Upload-Offset: {offset}");
        self.says("PATCH", upload, &[V, BYTES, &offset], body).await
    }

    async fn head(&self, upload: &str) -> Reply {
        self.says("HEAD", upload, &[V], b"").await
    }

    /// Bytes that the server says it has.
    async fn offset(&self, upload: &str) -> usize {
        let reply = self.head(upload).await;
        assert_eq!(reply.status, 200);
        reply.field("upload-offset").parse().unwrap()
    }
}

/// Pairs as `Upload-Metadata` has them.
fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

/// What a video needs to be told.
fn titled() -> String {
    metadata(&[("title", "A clip"), ("filename", "small.mp4")])
}

/// The code of a refusal.
fn code(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

/// Bytes that are no video.
fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 % 251) as u8).collect()
}

/// The sum of the file that a video was made of, as the server kept it.
async fn source_of(site: &Site, video: &str) -> Vec<u8> {
    let mut tx = site.server.app.core.store.read();
    let row = store::videos::find(&mut tx, video.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    std::fs::read(site.objects().join(row.source_key.unwrap())).unwrap()
}
