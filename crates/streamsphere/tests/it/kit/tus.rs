//! Uploads in pieces, by tus.

use reqwest::Method;

use super::{Answer, Person, answer};

impl Person<'_> {
    /// Begins an upload of so many bytes; answers where it is.
    pub async fn begins_upload(&self, length: usize) -> String {
        let created = answer(
            self.request(Method::POST, "/api/v1/uploads")
                .header("tus-resumable", "1.0.0")
                .header("upload-length", length)
                .header("upload-metadata", "title QSBjbGlw,filename Y2xpcC5tcDQ="),
        )
        .await
        .is(201);
        created.header("location").to_owned()
    }

    /// Adds a piece at an offset.
    pub async fn adds_piece(&self, upload: &str, at: usize, piece: &[u8]) -> Answer {
        answer(
            self.request(Method::PATCH, upload)
                .header("tus-resumable", "1.0.0")
                .header("upload-offset", at)
                .header("content-type", "application/offset+octet-stream")
                .body(piece.to_vec()),
        )
        .await
        .is(204)
    }

    /// How many bytes the server has.
    pub async fn upload_offset(&self, upload: &str) -> usize {
        let asked = self
            .request(Method::HEAD, upload)
            .header("tus-resumable", "1.0.0");
        answer(asked)
            .await
            .is(200)
            .header("upload-offset")
            .parse()
            .unwrap()
    }
}
