//! Request heads of HTTP/1: found, bounded and checked, once for both paths.
//!
//! Strict where leniency lets two parsers disagree on where a request ends: bare line feeds, folded fields,
//! repeated lengths, a length beside a transfer coding. Owns no socket and builds no answer.

use crate::grant::Peer;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version, request};
use std::{mem::MaybeUninit, ops::Range};

/// Largest head, from the request line to the empty line.
pub(crate) const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Longest request target.
pub(crate) const MAX_TARGET_BYTES: usize = 8 * 1024;
/// Most header fields.
pub(crate) const MAX_FIELDS: usize = 100;
/// What an HTTP/2 client with prior knowledge sends first.
pub(crate) const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The method under which the guard lets hyper serve a refusal; see `guard`. No client may use it.
pub(crate) const REFUSED_METHOD: &str = "X-REFUSED";

/// Room for the longest method and the version beside the target.
const REQUEST_LINE_SLACK: usize = 64;

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not HTTP, or ambiguous.
    Malformed,
    /// Target over the bound.
    TargetTooLong,
    /// Head over the bound, in bytes or fields.
    HeadTooLarge,
    /// Head not complete in time.
    TooSlow,
    /// A method this server has no use for.
    Method,
    /// More connections than the server takes.
    Crowded,
}

impl Fault {
    /// Status, code and sentence for the client.
    pub(crate) const fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "bad_request",
                "The request is not valid HTTP.",
            ),
            Self::TargetTooLong => (
                StatusCode::URI_TOO_LONG,
                "uri_too_long",
                "The address is too long.",
            ),
            Self::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers_too_large",
                "The request headers are too large.",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                "The request did not arrive in time.",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This method is not supported.",
            ),
            Self::Crowded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_connections",
                "The server has too many connections; try again shortly.",
            ),
        }
    }

    /// The fault with this status, the inverse of the status in [`words`](Self::words).
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            414 => Self::TargetTooLong,
            431 => Self::HeadTooLarge,
            408 => Self::TooSlow,
            405 => Self::Method,
            503 => Self::Crowded,
            _ => Self::Malformed,
        }
    }
}

/// How the end of the request body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// This many bytes follow the head.
    Length(u64),
    /// Chunks follow the head.
    Chunked,
}

/// Where a field's name and value stand in the head.
#[derive(Debug, Clone, Copy)]
struct Span {
    name: (usize, usize),
    value: (usize, usize),
}

/// A complete and acceptable head.
#[derive(Debug)]
pub(crate) struct Head {
    /// Bytes up to and including the empty line.
    pub(crate) len: usize,
    /// How the body ends.
    pub(crate) framing: Framing,
    /// Whether the client wants to go on afterwards.
    pub(crate) keep_alive: bool,
    /// Whether the request is HTTP/1.0.
    pub(crate) old: bool,
    /// Method; only GET and HEAD matter here.
    pub(crate) method: Method,
    target: Range<usize>,
    fields: Vec<Span>,
}

/// Remembers how far a growing buffer was searched, so that a head which drips in is searched once.
#[derive(Debug, Default)]
pub(crate) struct Search {
    at: usize,
    line: usize,
}

impl Search {
    /// Looks for the end of the head in `buf`, which holds what it held before and perhaps more.
    /// `Ok(None)` when more bytes are needed.
    pub(crate) fn examine(&mut self, buf: &[u8]) -> Result<Option<Head>, Fault> {
        while let Some(offset) = buf
            .get(self.at..)
            .and_then(|rest| rest.iter().position(|b| *b == b'\n'))
        {
            let end = self.at + offset;
            if end == 0 || buf[end - 1] != b'\r' {
                return Err(Fault::Malformed);
            }
            if end >= MAX_HEAD_BYTES {
                break;
            }
            let empty = end - 1 == self.line;
            // One empty line before the request line is allowed (RFC 9112, section 2.2), no more.
            let leading = self.line == 0;
            self.at = end + 1;
            self.line = end + 1;
            if empty && !leading {
                *self = Self::default();
                return parse(&buf[..=end]).map(Some);
            }
        }
        let first_line_open = self.line == 0 || (self.line == 2 && buf.starts_with(b"\r\n"));
        self.at = buf.len();
        if first_line_open && buf.len() > MAX_TARGET_BYTES + REQUEST_LINE_SLACK {
            return Err(Fault::TargetTooLong);
        }
        if buf.len() >= MAX_HEAD_BYTES {
            return Err(Fault::HeadTooLarge);
        }
        Ok(None)
    }
}

/// Reads a complete head.
fn parse(head: &[u8]) -> Result<Head, Fault> {
    let mut slots = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(head, &mut slots) {
        Ok(httparse::Status::Complete(len)) if len == head.len() => {}
        Ok(_) => return Err(Fault::Malformed),
        Err(httparse::Error::TooManyHeaders) => return Err(Fault::HeadTooLarge),
        Err(_) => return Err(target_too_long(head).unwrap_or(Fault::Malformed)),
    }
    let (Some(method), Some(target), Some(minor)) = (request.method, request.path, request.version) else {
        return Err(Fault::Malformed);
    };
    if target.len() > MAX_TARGET_BYTES {
        return Err(Fault::TargetTooLong);
    }
    if method == REFUSED_METHOD {
        return Err(Fault::Malformed);
    }
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| Fault::Malformed)?;
    if method == Method::CONNECT {
        return Err(Fault::Method);
    }

    let mut fields = Vec::with_capacity(request.headers.len());
    let (mut hosts, mut length, mut chunked) = (0_u32, None, false);
    let (mut close, mut keep) = (false, false);
    for field in request.headers.iter() {
        fields.push(Span {
            name: place(head, field.name.as_bytes()),
            value: place(head, field.value),
        });
        if field.name.eq_ignore_ascii_case("host") {
            hosts += 1;
        } else if field.name.eq_ignore_ascii_case("content-length") {
            if length.is_some() {
                return Err(Fault::Malformed);
            }
            length = Some(decimal(field.value).ok_or(Fault::Malformed)?);
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || minor == 0 || !field.value.eq_ignore_ascii_case(b"chunked") {
                return Err(Fault::Malformed);
            }
            chunked = true;
        } else if field.name.eq_ignore_ascii_case("connection") {
            for word in field.value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                close |= word.eq_ignore_ascii_case(b"close");
                keep |= word.eq_ignore_ascii_case(b"keep-alive");
            }
        }
    }
    if hosts > 1 || (hosts == 0 && minor == 1) || (chunked && length.is_some()) {
        return Err(Fault::Malformed);
    }
    let (start, len) = place(head, target.as_bytes());
    Ok(Head {
        len: head.len(),
        framing: if chunked {
            Framing::Chunked
        } else {
            Framing::Length(length.unwrap_or(0))
        },
        keep_alive: !close && (minor == 1 || keep),
        old: minor == 0,
        method,
        target: start..start + len,
        fields,
    })
}

/// Where `part`, a piece of `whole`, begins, and how long it is.
fn place(whole: &[u8], part: &[u8]) -> (usize, usize) {
    // An empty piece may point anywhere.
    if part.is_empty() {
        return (0, 0);
    }
    (
        part.as_ptr().addr().saturating_sub(whole.as_ptr().addr()),
        part.len(),
    )
}

/// A target over the bound is told apart from other faults also when it is not valid otherwise.
fn target_too_long(head: &[u8]) -> Option<Fault> {
    let line = head.iter().position(|b| *b == b'\n')?;
    (line > MAX_TARGET_BYTES + REQUEST_LINE_SLACK).then_some(Fault::TargetTooLong)
}

/// Digits only; `u64::from_str` would take a sign.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

impl Head {
    /// The request target as an address; `None` when it cannot be read as one.
    pub(crate) fn target(&self, head: &Bytes) -> Option<Uri> {
        Uri::from_maybe_shared(head.slice(self.target.clone())).ok()
    }

    /// The request target, of a head that is still in its buffer.
    pub(crate) fn raw_target<'b>(&self, buf: &'b [u8]) -> &'b [u8] {
        buf.get(self.target.clone()).unwrap_or_default()
    }

    /// The request in the words of the `http` crate. Values share the memory of `head`.
    pub(crate) fn request(&self, head: &Bytes, uri: Uri, peer: Peer) -> Result<request::Parts, Fault> {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method.clone();
        parts.uri = uri;
        parts.version = if self.old {
            Version::HTTP_10
        } else {
            Version::HTTP_11
        };
        parts.headers.reserve(self.fields.len());
        for Span { name, value } in &self.fields {
            let name = head
                .get(name.0..name.0 + name.1)
                .and_then(|name| HeaderName::from_bytes(name).ok());
            let value = HeaderValue::from_maybe_shared(head.slice(value.0..value.0 + value.1)).ok();
            let (Some(name), Some(value)) = (name, value) else {
                return Err(Fault::Malformed);
            };
            parts.headers.append(name, value);
        }
        parts.extensions.insert(peer);
        Ok(parts)
    }
}

/// The path of a request target in origin or absolute form, without the query.
pub(crate) fn path_of(target: &str) -> Option<&str> {
    let path = if target.starts_with('/') {
        target
    } else {
        let after_scheme = target.split_once("://")?.1;
        after_scheme.find('/').map_or("/", |at| &after_scheme[at..])
    };
    path.split(['?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examine(text: &str) -> Result<Option<Head>, Fault> {
        Search::default().examine(text.as_bytes())
    }

    #[test]
    fn a_head_is_found_however_it_is_cut() {
        let text = b"\r\nGET /a?b HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\nrest";
        let mut search = Search::default();
        for cut in 0..text.len() - 4 {
            assert!(matches!(search.examine(&text[..cut]), Ok(None)), "cut at {cut}");
        }
        let head = search.examine(text).unwrap().unwrap();
        assert_eq!(head.len, text.len() - 4);
        assert_eq!(head.raw_target(text), b"/a?b");
        assert!(head.keep_alive);
    }

    #[test]
    fn ambiguous_heads_are_refused() {
        for (text, why) in [
            ("GET / HTTP/1.1\nHost: x\n\n", "bare line feeds"),
            ("GET / HTTP/1.1\r\nHost: x\n\r\n", "one bare line feed"),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", "folded field"),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "two lengths",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                "same length twice",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n",
                "list of lengths",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
                "signed length",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n",
                "empty length",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "huge length",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "length and chunks",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "other coding",
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "chunked twice",
            ),
            (
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                "chunks in HTTP/1.0",
            ),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "space before the colon"),
            ("GET / HTTP/1.1\r\n\r\n", "no host"),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "two hosts"),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n", "a zero byte"),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "two spaces"),
            ("GET /\r\nHost: a\r\n\r\n", "no version"),
            ("X-REFUSED /408 HTTP/1.1\r\nHost: a\r\n\r\n", "our own word"),
            (
                "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "two empty lines before",
            ),
        ] {
            assert_eq!(
                examine(text).map(|head| head.map(|h| h.len)),
                Err(Fault::Malformed),
                "{why}"
            );
        }
    }

    #[test]
    fn bounds_are_told_apart() {
        let long = format!(
            "GET /{} HTTP/1.1\r\nHost: x\r\n\r\n",
            "a".repeat(MAX_TARGET_BYTES)
        );
        assert_eq!(examine(&long).map(|_| ()), Err(Fault::TargetTooLong));
        let open = format!("GET /{}", "a".repeat(MAX_TARGET_BYTES + 100));
        assert_eq!(examine(&open).map(|_| ()), Err(Fault::TargetTooLong));
        let fits = format!(
            "GET /{} HTTP/1.1\r\nHost: x\r\n\r\n",
            "a".repeat(MAX_TARGET_BYTES - 1)
        );
        assert!(matches!(examine(&fits), Ok(Some(_))));
        let many = format!(
            "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
            "A: b\r\n".repeat(MAX_FIELDS)
        );
        assert_eq!(examine(&many).map(|_| ()), Err(Fault::HeadTooLarge));
        let exactly = format!(
            "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
            "A: b\r\n".repeat(MAX_FIELDS - 1)
        );
        assert!(matches!(examine(&exactly), Ok(Some(_))));
        let big = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
            "b".repeat(MAX_HEAD_BYTES)
        );
        assert_eq!(examine(&big).map(|_| ()), Err(Fault::HeadTooLarge));
    }

    #[test]
    fn persistence_follows_version_and_connection() {
        for (text, keep) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", true),
            (
                "GET / HTTP/1.1\r\nHost: x\r\nConnection: te, Close\r\n\r\n",
                false,
            ),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ] {
            assert_eq!(examine(text).unwrap().unwrap().keep_alive, keep, "{text}");
        }
    }

    #[test]
    fn the_path_of_both_target_forms_is_known() {
        assert_eq!(path_of("/a/b?c"), Some("/a/b"));
        assert_eq!(path_of("http://host:1/a%2eb?c"), Some("/a%2eb"));
        assert_eq!(path_of("http://host"), Some("/"));
        assert_eq!(path_of("*"), None);
    }
}
