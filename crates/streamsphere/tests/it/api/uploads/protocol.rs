//! The protocol as a table: what an upload is, what is said, what is answered, and how many bytes there are
//! afterwards. Raw over sockets.

use super::{BYTES, Tus, UPLOADS, V, code, metadata, noise, titled};
use crate::kit::{self, clips, wire::Reply};

/// How the upload stands before the request.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Start {
    /// There is none: the request is to the collection.
    Nothing,
    /// Of 1,000 bytes, none are there.
    Fresh,
    /// Of 1,000 bytes, 500 are there.
    Half,
    /// 500 bytes are there, of how many is not known.
    Open,
    /// It has become a video.
    Done,
    /// It was given up.
    Removed,
    /// It is someone else's, half there.
    Others,
}

struct Case {
    name: &'static str,
    start: Start,
    method: &'static str,
    lines: &'static [&'static str],
    /// How many bytes the body has.
    body: usize,
    status: u16,
    code: &'static str,
    /// Bytes that are there afterwards.
    then: usize,
}

const fn case(
    name: &'static str,
    (start, then): (Start, usize),
    method: &'static str,
    lines: &'static [&'static str],
    body: usize,
    (status, code): (u16, &'static str),
) -> Case {
    Case {
        name,
        start,
        method,
        lines,
        body,
        status,
        code,
        then,
    }
}

use Start::{Done, Fresh, Half, Nothing, Open, Others, Removed};

const AT_0: &str = "Upload-Offset: 0";
const AT_500: &str = "Upload-Offset: 500";
const LENGTH: &str = "Upload-Length: 1000";
const DEFER: &str = "Upload-Defer-Length: 1";
const TITLE: &str = "Upload-Metadata: title QQ==";
/// SHA-1 of `noise(100)`, and of nothing.
const SHA1_OF_100: &str = "Upload-Checksum: sha1 gW9skaOQkVIRejoHgz3xgYDnwIk=";
const SHA1_OF_NOTHING: &str = "Upload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
/// SHA-256 of `noise(100)`.
const SHA256_OF_100: &str = "Upload-Checksum: sha256 6P0sTzpFP4AROXnHSW5h5b5WX8+uTk55rCblw/m1PQw=";

#[rustfmt::skip]
const CASES: &[Case] = &[
    // T1: the version.
    case("a creation without a version", (Nothing, 0), "POST", &[LENGTH, TITLE], 0, (412, "unknown_protocol_version")),
    case("a creation with another version", (Nothing, 0), "POST", &["Tus-Resumable: 0.2.2", LENGTH, TITLE], 0, (412, "unknown_protocol_version")),
    case("bytes without a version", (Half, 500), "PATCH", &[BYTES, AT_500], 100, (412, "unknown_protocol_version")),
    case("bytes with another version", (Half, 500), "PATCH", &["Tus-Resumable: 1.0.1", BYTES, AT_500], 100, (412, "unknown_protocol_version")),
    case("a removal without a version", (Half, 500), "DELETE", &[], 0, (412, "unknown_protocol_version")),
    case("two versions at once", (Half, 500), "PATCH", &[V, V, BYTES, AT_500], 100, (412, "unknown_protocol_version")),
    case("asked what there is, with another version", (Half, 500), "OPTIONS", &["Tus-Resumable: 9.9.9"], 0, (204, "")),
    // T2: creation.
    case("a creation", (Nothing, 0), "POST", &[V, LENGTH, TITLE], 0, (201, "")),
    case("a creation whose length comes later", (Nothing, 0), "POST", &[V, DEFER, TITLE], 0, (201, "")),
    case("neither length nor its deferral", (Nothing, 0), "POST", &[V, TITLE], 0, (400, "length_or_defer_length")),
    case("both length and its deferral", (Nothing, 0), "POST", &[V, LENGTH, DEFER, TITLE], 0, (400, "length_or_defer_length")),
    case("a deferral that is not 1", (Nothing, 0), "POST", &[V, "Upload-Defer-Length: 2", TITLE], 0, (400, "bad_header")),
    case("a negative length", (Nothing, 0), "POST", &[V, "Upload-Length: -1", TITLE], 0, (400, "bad_header")),
    case("a length beyond what numbers tell", (Nothing, 0), "POST", &[V, "Upload-Length: 9223372036854775808", TITLE], 0, (400, "bad_header")),
    case("a length with a sign", (Nothing, 0), "POST", &[V, "Upload-Length: +5", TITLE], 0, (400, "bad_header")),
    case("two lengths in one", (Nothing, 0), "POST", &[V, "Upload-Length: 5,5", TITLE], 0, (400, "bad_header")),
    case("two lengths", (Nothing, 0), "POST", &[V, "Upload-Length: 5", "Upload-Length: 5", TITLE], 0, (400, "bad_header")),
    case("a length that is no number", (Nothing, 0), "POST", &[V, "Upload-Length: many", TITLE], 0, (400, "bad_header")),
    case("a length beyond what is taken", (Nothing, 0), "POST", &[V, "Upload-Length: 30000000000", TITLE], 0, (413, "upload_too_large")),
    case("an empty file", (Nothing, 0), "POST", &[V, "Upload-Length: 0", TITLE], 0, (422, "empty_file")),
    case("a creation with its first bytes", (Nothing, 100), "POST", &[V, BYTES, LENGTH, TITLE], 100, (201, "")),
    case("a creation with first bytes of another type", (Nothing, 0), "POST", &[V, "Content-Type: video/mp4", LENGTH, TITLE], 100, (415, "not_offset_octet_stream")),
    case("a creation with more bytes than its length", (Nothing, 0), "POST", &[V, BYTES, "Upload-Length: 50", TITLE], 100, (413, "beyond_length")),
    case("a creation by a part of another upload", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Concat: partial", TITLE], 0, (400, "no_concatenation")),
    // T3: metadata.
    case("a key twice", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title QQ==,title QQ=="], 0, (400, "invalid_fields")),
    case("an empty key", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title QQ==,"], 0, (400, "invalid_fields")),
    case("a value that is not base64", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title A"], 0, (400, "invalid_fields")),
    case("a value that is not text", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title /w=="], 0, (400, "invalid_fields")),
    case("a control character in a title", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title AA=="], 0, (400, "invalid_fields")),
    case("a line end in a file name", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title QQ==,filename YQpi"], 0, (400, "invalid_fields")),
    case("no title and no file name", (Nothing, 0), "POST", &[V, LENGTH], 0, (400, "invalid_fields")),
    case("a visibility that there is not", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title QQ==,visibility QQ=="], 0, (400, "invalid_fields")),
    case("a key that means nothing here", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: title QQ==,color QQ==,flag"], 0, (201, "")),
    case("the file of a video that there is not", (Nothing, 0), "POST", &[V, LENGTH, "Upload-Metadata: replaces MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"], 0, (404, "video_not_found")),
    // T4: bytes.
    case("the first bytes", (Fresh, 100), "PATCH", &[V, BYTES, AT_0], 100, (204, "")),
    case("further bytes", (Half, 600), "PATCH", &[V, BYTES, AT_500], 100, (204, "")),
    case("bytes in chunks of their own", (Half, 600), "PATCH", &[V, BYTES, AT_500, "Transfer-Encoding: chunked"], 100, (204, "")),
    case("no bytes", (Half, 500), "PATCH", &[V, BYTES, AT_500], 0, (204, "")),
    case("bytes of another type", (Half, 500), "PATCH", &[V, "Content-Type: application/octet-stream", AT_500], 100, (415, "not_offset_octet_stream")),
    case("bytes of no type", (Half, 500), "PATCH", &[V, AT_500], 100, (415, "not_offset_octet_stream")),
    case("bytes that belong nowhere", (Half, 500), "PATCH", &[V, BYTES], 100, (400, "bad_header")),
    case("bytes at an offset that is no number", (Half, 500), "PATCH", &[V, BYTES, "Upload-Offset: here"], 100, (400, "bad_header")),
    case("bytes at a negative offset", (Half, 500), "PATCH", &[V, BYTES, "Upload-Offset: -1"], 100, (400, "bad_header")),
    case("bytes at two offsets", (Half, 500), "PATCH", &[V, BYTES, AT_500, AT_500], 100, (400, "bad_header")),
    case("bytes that are there already", (Half, 500), "PATCH", &[V, BYTES, AT_0], 100, (409, "wrong_offset")),
    case("bytes beyond a gap", (Half, 500), "PATCH", &[V, BYTES, "Upload-Offset: 501"], 100, (409, "wrong_offset")),
    case("more bytes than the length", (Half, 500), "PATCH", &[V, BYTES, AT_500], 501, (413, "beyond_length")),
    case("more bytes than the length, in chunks", (Half, 500), "PATCH", &[V, BYTES, AT_500, "Transfer-Encoding: chunked"], 501, (413, "beyond_length")),
    case("the last request again", (Done, usize::MAX), "PATCH", &[V, BYTES, "Upload-Offset: {length}"], 0, (204, "")),
    case("bytes behind the end", (Done, usize::MAX), "PATCH", &[V, BYTES, "Upload-Offset: {length}"], 10, (413, "beyond_length")),
    case("bytes of an upload that is finished", (Done, usize::MAX), "PATCH", &[V, BYTES, AT_0], 10, (409, "wrong_offset")),
    // T6: checksums.
    case("bytes with their SHA-1", (Half, 600), "PATCH", &[V, BYTES, AT_500, SHA1_OF_100], 100, (204, "")),
    case("bytes with their SHA-256", (Half, 600), "PATCH", &[V, BYTES, AT_500, SHA256_OF_100], 100, (204, "")),
    case("bytes with the SHA-1 of others", (Half, 500), "PATCH", &[V, BYTES, AT_500, SHA1_OF_NOTHING], 100, (460, "checksum_mismatch")),
    case("other bytes with a SHA-256", (Half, 500), "PATCH", &[V, BYTES, AT_500, SHA256_OF_100], 101, (460, "checksum_mismatch")),
    case("no bytes with the SHA-1 of nothing", (Half, 500), "PATCH", &[V, BYTES, AT_500, SHA1_OF_NOTHING], 0, (204, "")),
    case("no bytes with the SHA-1 of some", (Half, 500), "PATCH", &[V, BYTES, AT_500, SHA1_OF_100], 0, (460, "checksum_mismatch")),
    case("a checksum by an unknown algorithm", (Half, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Checksum: md5 AAAA"], 100, (400, "unknown_checksum")),
    case("a checksum that is not base64", (Half, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Checksum: sha1 !"], 100, (400, "bad_header")),
    case("a checksum of the wrong length", (Half, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Checksum: sha1 QQ=="], 100, (400, "bad_header")),
    case("a creation whose bytes are not those of its checksum", (Nothing, 0), "POST", &[V, BYTES, LENGTH, TITLE, SHA1_OF_NOTHING], 100, (460, "checksum_mismatch")),
    // T9: a length that comes later.
    case("the length, late", (Open, 600), "PATCH", &[V, BYTES, AT_500, LENGTH], 100, (204, "")),
    case("a length below what is there", (Open, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Length: 499"], 0, (400, "wrong_length")),
    case("a late length beyond what is taken", (Open, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Length: 30000000000"], 0, (413, "upload_too_large")),
    case("another length", (Half, 500), "PATCH", &[V, BYTES, AT_500, "Upload-Length: 2000"], 100, (400, "wrong_length")),
    case("the same length again", (Half, 600), "PATCH", &[V, BYTES, AT_500, LENGTH], 100, (204, "")),
    // T11: giving up.
    case("a removal", (Half, usize::MAX), "DELETE", &[V], 0, (204, "")),
    case("a second removal", (Removed, usize::MAX), "DELETE", &[V], 0, (404, "upload_not_found")),
    case("bytes of an upload that was given up", (Removed, usize::MAX), "PATCH", &[V, BYTES, AT_500], 10, (404, "upload_not_found")),
    // Others' uploads are not there.
    case("bytes of someone else's upload", (Others, usize::MAX), "PATCH", &[V, BYTES, AT_500], 10, (404, "upload_not_found")),
    case("a removal of someone else's upload", (Others, usize::MAX), "DELETE", &[V], 0, (404, "upload_not_found")),
    case("someone else's upload", (Others, usize::MAX), "HEAD", &[V], 0, (404, "")),
    // T12: methods that could not be sent.
    case("bytes by another method", (Half, 600), "POST", &[V, "X-HTTP-Method-Override: PATCH", BYTES, AT_500], 100, (204, "")),
    case("a removal by another method", (Half, usize::MAX), "POST", &[V, "X-HTTP-Method-Override: DELETE"], 0, (204, "")),
    case("a look by another method", (Half, 500), "POST", &[V, "X-HTTP-Method-Override: HEAD"], 0, (200, "")),
    case("another method that is none of these", (Half, 500), "POST", &[V, "X-HTTP-Method-Override: PUT"], 0, (400, "wrong_override")),
    case("another method on another method", (Half, 600), "PATCH", &[V, "X-HTTP-Method-Override: DELETE", BYTES, AT_500], 100, (204, "")),
    case("another method for all uploads", (Nothing, 0), "POST", &[V, "X-HTTP-Method-Override: DELETE"], 0, (400, "wrong_override")),
    case("a method that is not known", (Half, 500), "GET", &[V], 0, (405, "method_not_allowed")),
];

/// Puts an upload into the state; answers where it is and how long it is.
async fn stage(start: Start, tus: &Tus<'_>, other: &Tus<'_>) -> (String, usize) {
    let half = noise(500);
    match start {
        Nothing => (UPLOADS.to_owned(), 0),
        Fresh => (tus.creates(1000, &titled()).await, 1000),
        Half | Others | Removed => {
            let owner = if start == Others { other } else { tus };
            let upload = owner.creates(1000, &titled()).await;
            assert_eq!(owner.adds(&upload, 0, &half).await.status, 204);
            if start == Removed {
                assert_eq!(owner.says("DELETE", &upload, &[V], b"").await.status, 204);
            }
            (upload, 1000)
        }
        Open => {
            let reply = tus.says("POST", UPLOADS, &[V, BYTES, DEFER, TITLE], &half).await;
            assert_eq!(reply.status, 201);
            (reply.field("location").to_owned(), 500)
        }
        Done => {
            let clip = clips::small().bytes();
            let upload = tus.creates(clip.len(), &titled()).await;
            assert_eq!(tus.adds(&upload, 0, &clip).await.status, 204);
            (upload, clip.len())
        }
    }
}

fn in_chunks(body: &[u8]) -> Vec<u8> {
    let mut said = Vec::new();
    for piece in body.chunks(33) {
        said.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        said.extend_from_slice(piece);
        said.extend_from_slice(b"\r\n");
    }
    said.extend_from_slice(b"0\r\n\r\n");
    said
}

async fn run(case: &Case, tus: &Tus<'_>, other: &Tus<'_>) -> Result<(), String> {
    let (upload, length) = stage(case.start, tus, other).await;
    let lines: Vec<String> = case
        .lines
        .iter()
        .map(|line| line.replace("{length}", &length.to_string()))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut body = noise(case.body);
    if lines.contains(&"Transfer-Encoding: chunked") {
        body = in_chunks(&body);
    }
    let reply = tus.says(case.method, &upload, &lines, &body).await;
    let wrong = |what: String| Err(format!("{}: {what}", case.name));
    if reply.status != case.status || code(&reply) != case.code {
        return wrong(format!(
            "{} {:?} instead of {} {:?}: {}",
            reply.status,
            code(&reply),
            case.status,
            case.code,
            reply.text()
        ));
    }
    if reply.fields("tus-resumable") != "1.0.0" {
        return wrong("the answer does not say its version".to_owned());
    }
    if case.status == 412 && reply.field("tus-version") != "1.0.0" {
        return wrong("the answer does not say which version would do".to_owned());
    }
    let told = reply.field("upload-offset");
    let at = if case.start == Nothing {
        reply.field("location").to_owned()
    } else {
        upload
    };
    if case.start == Nothing && case.status != 201 {
        return if at.is_empty() { Ok(()) } else { wrong(at) };
    }
    let owner = if case.start == Others { other } else { tus };
    let after = owner.head(&at).await;
    let expected = match case.start {
        Done => length.to_string(),
        Others => "500".to_owned(),
        _ if case.then == usize::MAX => String::new(),
        _ => case.then.to_string(),
    };
    if after.field("upload-offset") != expected {
        return wrong(format!(
            "{:?} afterwards, not {expected:?}",
            after.field("upload-offset")
        ));
    }
    if matches!(case.method, "PATCH" | "POST")
        && reply.status < 300
        && !expected.is_empty()
        && told != expected
    {
        return wrong(format!("told {told:?}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_answered_as_the_table_says() {
    let site = kit::site().await;
    let (asha, ben) = (site.person("asha").await, site.person("ben").await);
    let (tus, other) = (Tus::by(&asha), Tus::by(&ben));
    let mut wrong = Vec::new();
    for case in CASES {
        if let Err(what) = run(case, &tus, &other).await {
            wrong.push(what);
        }
        // One has a hundred open uploads at the most.
        let mut tx = site.server.app.core.store.write().await.unwrap();
        tx.exec("DELETE FROM uploads", &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(CASES.len() >= 45);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_is_told_what_there_is_without_signing_in() {
    let site = kit::with("max_upload_bytes", "5000").start().await;
    let reply = kit::answer(site.request(reqwest::Method::OPTIONS, UPLOADS)).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("tus-version"), "1.0.0");
    assert_eq!(reply.header("tus-resumable"), "1.0.0");
    assert_eq!(reply.header("tus-max-size"), "5000");
    assert_eq!(reply.header("tus-checksum-algorithm"), "sha1,sha256");
    assert_eq!(
        reply.header("tus-extension"),
        "creation,creation-with-upload,checksum,termination,expiration,creation-defer-length"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_end_of_a_listed_origin_may_send_and_read_what_the_protocol_needs() {
    let site = kit::with("cors_origins", "https://front.example").start().await;
    let asked = site
        .request(reqwest::Method::OPTIONS, UPLOADS)
        .header("origin", "https://front.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "tus-resumable,upload-offset");
    let reply = kit::answer(asked).await;
    assert_eq!(reply.status, 204);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://front.example"
    );
    let allowed = reply.header("access-control-allow-headers").to_lowercase();
    for name in [
        "authorization",
        "content-type",
        "tus-resumable",
        "upload-length",
        "upload-offset",
        "upload-metadata",
        "upload-defer-length",
        "upload-checksum",
        "x-http-method-override",
    ] {
        assert!(allowed.contains(name), "{name}: {allowed}");
    }
    assert!(reply.header("access-control-allow-methods").contains("PATCH"));
    // The extensions are told all the same.
    assert_eq!(reply.header("tus-version"), "1.0.0");
    let asha = site.person("asha").await;
    let sent = asha
        .request(reqwest::Method::POST, UPLOADS)
        .header("origin", "https://front.example")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "10")
        .header("upload-metadata", titled());
    let reply = kit::answer(sent).await.is(201);
    let exposed = reply.header("access-control-expose-headers").to_lowercase();
    for name in [
        "location",
        "upload-offset",
        "upload-expires",
        "tus-resumable",
        "streamsphere-video-id",
        "streamsphere-duplicate-of",
    ] {
        assert!(exposed.contains(name), "{name}: {exposed}");
    }
}

fn says_no_store(reply: &Reply) {
    assert!(reply.field("cache-control").contains("no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_an_upload_tells_all_that_was_said_of_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let tus = Tus::by(&asha);
    let said = metadata(&[
        ("title", "Ünïcödé, and \"quotes\""),
        ("filename", "a,b c.mp4"),
        ("is-private", "yes"),
    ]);
    let upload = tus.creates(1234, &said).await;
    let reply = tus.head(&upload).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.field("upload-offset"), "0");
    assert_eq!(reply.field("upload-length"), "1234");
    assert_eq!(reply.field("upload-metadata"), said);
    assert!(reply.field("upload-expires").ends_with(" GMT"));
    says_no_store(&reply);

    let deferred = tus.says("POST", UPLOADS, &[V, DEFER, TITLE], b"").await;
    let reply = tus.head(deferred.field("location")).await;
    assert_eq!(reply.field("upload-defer-length"), "1");
    assert_eq!(reply.field("upload-length"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_more_than_4_kib_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let long = format!("Upload-Metadata: {}", metadata(&[("title", &"x".repeat(4000))]));
    let reply = Tus::by(&asha)
        .says("POST", UPLOADS, &[V, LENGTH, &long], b"")
        .await;
    assert_eq!((reply.status, code(&reply).as_str()), (400, "invalid_fields"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_uploads_without_signing_in() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let upload = Tus::by(&asha).creates(1000, &titled()).await;
    for (method, target) in [
        ("POST", UPLOADS),
        ("HEAD", &upload),
        ("PATCH", &upload),
        ("DELETE", &upload),
    ] {
        let request = site
            .request(method.parse().unwrap(), target)
            .header("tus-resumable", "1.0.0")
            .header("upload-length", "10");
        let answer = kit::answer(request).await;
        assert_eq!(answer.status, 401, "{method}");
        assert_eq!(answer.header("tus-resumable"), "1.0.0", "{method}");
    }
}
