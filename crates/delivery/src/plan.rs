//! What is answered to a request for a file: status, fields, and which bytes.
//!
//! Pure: from method, request fields and grant to a [`Plan`], by RFC 9110 sections 13 (conditionals) and 14
//! (ranges). Both senders follow the same plan, so they cannot differ.

use crate::{
    envelope,
    fields::{Fields, List, Value},
    grant::FileGrant,
    range::{self, Asked},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::{ops::Range, time::UNIX_EPOCH};

/// Isolates what a browser opens directly: no script, no plugin, no request to anywhere.
const SANDBOX: &str = "sandbox; default-src 'none'";
/// `Cross-Origin-Resource-Policy`, which the `http` crate has no constant for.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The bytes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// None, and none are announced (304).
    None,
    /// None, but this length is announced (HEAD).
    Announced(u64),
    /// These bytes of the file.
    File(Range<u64>),
    /// This text: an error in the envelope of the API.
    Text(Bytes),
}

impl Payload {
    /// The value of `Content-Length`, where there is to be one.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Announced(length) => Some(*length),
            Self::File(range) => Some(range.end - range.start),
            Self::Text(text) => Some(text.len() as u64),
        }
    }
}

/// A decided answer, complete but for `Date` and the fields of the connection.
#[derive(Debug, Clone)]
pub struct Plan {
    /// 200, 206, 304, 405, 412 or 416.
    pub status: StatusCode,
    /// Fields in order, `Content-Length` included.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// What follows them.
    pub payload: Payload,
}

/// The fields of a request that bear on the answer.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    if_match: Vec<HeaderValue>,
    if_unmodified_since: Vec<HeaderValue>,
    if_none_match: Vec<HeaderValue>,
    if_modified_since: Vec<HeaderValue>,
    if_range: Vec<HeaderValue>,
    range: Vec<HeaderValue>,
}

impl Conditions {
    /// Picks them out of a request.
    pub fn of(request: &HeaderMap) -> Self {
        let all = |name| request.get_all(name).iter().cloned().collect();
        Self {
            if_match: all(header::IF_MATCH),
            if_unmodified_since: all(header::IF_UNMODIFIED_SINCE),
            if_none_match: all(header::IF_NONE_MATCH),
            if_modified_since: all(header::IF_MODIFIED_SINCE),
            if_range: all(header::IF_RANGE),
            range: all(header::RANGE),
        }
    }
}

/// Decides.
pub fn plan(method: &Method, request: &HeaderMap, grant: &FileGrant) -> Plan {
    // The room covers every field of a usual answer.
    let mut list = List {
        status: StatusCode::OK,
        fields: Vec::with_capacity(14 + grant.extra.len()),
    };
    let (_, payload) = plan_into(&mut list, method, &Conditions::of(request), grant);
    Plan {
        status: list.status,
        fields: list.fields,
        payload,
    }
}

/// [`plan`] for bytes that lie in no file: `len_bytes` of them, whatever the grant's file is. The ranges in the
/// answer are of those bytes; sending them is the caller's.
pub fn plan_of_length(method: &Method, request: &HeaderMap, grant: &FileGrant, len_bytes: u64) -> Plan {
    let mut list = List {
        status: StatusCode::OK,
        fields: Vec::with_capacity(14 + grant.extra.len()),
    };
    let conditions = Conditions::of(request);
    let (_, payload) = plan_for_length(&mut list, method, &conditions, grant, len_bytes);
    Plan {
        status: list.status,
        fields: list.fields,
        payload,
    }
}

/// [`plan`] for a request that is no longer whole, said to `out`.
pub(crate) fn plan_into(
    out: &mut impl Fields,
    method: &Method,
    request: &Conditions,
    grant: &FileGrant,
) -> (StatusCode, Payload) {
    plan_for_length(out, method, request, grant, grant.file.len_bytes())
}

/// [`plan_into`] for a file of `len` bytes.
fn plan_for_length(
    out: &mut impl Fields,
    method: &Method,
    request: &Conditions,
    grant: &FileGrant,
    len: u64,
) -> (StatusCode, Payload) {
    let validators = Validators::of(grant);
    let (status, payload) = if method != Method::GET && method != Method::HEAD {
        failed(out, &METHOD, grant, |out| {
            out.add(&header::ALLOW, Value::Text("GET, HEAD"));
        })
    } else {
        match validators.judge(request) {
            Verdict::Failed => failed(out, &PRECONDITION, grant, |_| {}),
            Verdict::NotModified => unchanged(out, &validators, grant),
            Verdict::Go => match asked(method, request, &validators, len) {
                Asked::Unsatisfiable => failed(out, &RANGE, grant, |out| {
                    out.add(&header::CONTENT_RANGE, Value::NoPart { len });
                    out.add(&header::ACCEPT_RANGES, Value::Text("bytes"));
                }),
                Asked::Whole => success(out, StatusCode::OK, 0..len, &validators, grant),
                Asked::Part(part) => {
                    let answer = success(out, StatusCode::PARTIAL_CONTENT, part.clone(), &validators, grant);
                    let place = Value::Part {
                        first: part.start,
                        last: part.end - 1,
                        len,
                    };
                    out.add(&header::CONTENT_RANGE, place);
                    answer
                }
            },
        }
    };
    match payload.length() {
        Some(length) if method == Method::HEAD => (status, Payload::Announced(length)),
        _ => (status, payload),
    }
}

/// What range is to be sent. Only GET defines ranges (RFC 9110, section 14.2).
fn asked(method: &Method, request: &Conditions, validators: &Validators<'_>, len: u64) -> Asked {
    if method != Method::GET {
        return Asked::Whole;
    }
    // Two fields are bad syntax: the field is not a list.
    let [value] = request.range.as_slice() else {
        return Asked::Whole;
    };
    if !validators.range_applies(request) {
        return Asked::Whole;
    }
    range::read(value.as_bytes(), len)
}

/// The fields of 200 and 206.
fn success(
    out: &mut impl Fields,
    status: StatusCode,
    range: Range<u64>,
    validators: &Validators<'_>,
    grant: &FileGrant,
) -> (StatusCode, Payload) {
    out.status(status);
    out.add(&header::CONTENT_TYPE, Value::Checked(&grant.content_type));
    out.add(&header::CONTENT_LENGTH, Value::Number(range.end - range.start));
    label(out, validators, grant);
    if let Some(disposition) = &grant.content_disposition {
        out.add(&header::CONTENT_DISPOSITION, Value::Text(disposition));
    }
    extra(out, grant);
    (status, Payload::File(range))
}

/// 304: what a cache needs to freshen its copy, and nothing about the bytes.
fn unchanged(out: &mut impl Fields, validators: &Validators<'_>, grant: &FileGrant) -> (StatusCode, Payload) {
    out.status(StatusCode::NOT_MODIFIED);
    label(out, validators, grant);
    extra(out, grant);
    (StatusCode::NOT_MODIFIED, Payload::None)
}

/// The fields that any answer about the file itself carries.
fn label(out: &mut impl Fields, validators: &Validators<'_>, grant: &FileGrant) {
    out.add(&header::ACCEPT_RANGES, Value::Text("bytes"));
    if let Some(etag) = validators.etag {
        out.add(&header::ETAG, Value::Text(etag));
    }
    if let Some(seconds) = validators.modified_s {
        out.add(&header::LAST_MODIFIED, Value::Date(seconds));
    }
    out.add(&header::CACHE_CONTROL, Value::Text(&grant.cache_control));
    guard(out, grant);
}

/// The fields that keep a browser from making more of the bytes than media.
fn guard(out: &mut impl Fields, grant: &FileGrant) {
    out.add(&header::X_CONTENT_TYPE_OPTIONS, Value::Text("nosniff"));
    out.add(&header::CONTENT_SECURITY_POLICY, Value::Text(SANDBOX));
    out.add(&RESOURCE_POLICY, Value::Text(grant.resource_policy.as_str()));
}

/// The fields that the caller adds.
fn extra(out: &mut impl Fields, grant: &FileGrant) {
    for (name, value) in &grant.extra {
        out.add(name, Value::Checked(value));
    }
}

/// An answer that is not about the file but about the request.
struct Failure {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

const METHOD: Failure = Failure {
    status: StatusCode::METHOD_NOT_ALLOWED,
    code: "method_not_allowed",
    message: "Media can only be read.",
};
const PRECONDITION: Failure = Failure {
    status: StatusCode::PRECONDITION_FAILED,
    code: "precondition_failed",
    message: "The file is not the one the request expects.",
};
const RANGE: Failure = Failure {
    status: StatusCode::RANGE_NOT_SATISFIABLE,
    code: "range_not_satisfiable",
    message: "Only one range within the file can be sent.",
};

/// 405, 412 or 416. `extra` of the grant comes along, or a page on another origin could not read the status.
fn failed<F: Fields>(
    out: &mut F,
    failure: &Failure,
    grant: &FileGrant,
    add: impl FnOnce(&mut F),
) -> (StatusCode, Payload) {
    let text = envelope::text(failure.status, failure.code, failure.message);
    out.status(failure.status);
    out.add(&header::CONTENT_TYPE, Value::Checked(&envelope::JSON));
    out.add(&header::CONTENT_LENGTH, Value::Number(text.len() as u64));
    out.add(&header::CACHE_CONTROL, Value::Text("no-store"));
    add(out);
    guard(out, grant);
    extra(out, grant);
    (failure.status, Payload::Text(text))
}

/// The outcome of the conditionals.
enum Verdict {
    Go,
    NotModified,
    Failed,
}

/// What the conditionals are measured against.
struct Validators<'g> {
    /// The strong tag.
    etag: Option<&'g str>,
    /// Last change in whole seconds since 1970.
    modified_s: Option<u64>,
}

impl<'g> Validators<'g> {
    fn of(grant: &'g FileGrant) -> Self {
        let inner = grant
            .etag
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        // RFC 9110, section 8.8.3: visible characters without the quote, or anything above ASCII.
        let strong = inner.is_some_and(|inner| inner.bytes().all(|b| b > b' ' && b != b'"' && b != 0x7f));
        Self {
            etag: strong.then_some(grant.etag.as_str()),
            modified_s: grant
                .last_modified_ms
                .and_then(|ms| u64::try_from(ms.div_euclid(1000)).ok()),
        }
    }

    /// RFC 9110, section 13.2.2, in its order.
    fn judge(&self, request: &Conditions) -> Verdict {
        if !request.if_match.is_empty() {
            if !self.any_tag(&request.if_match, Strength::Strong) {
                return Verdict::Failed;
            }
        } else if let (Some(limit), Some(modified)) = (date(&request.if_unmodified_since), self.modified_s)
            && modified > limit
        {
            return Verdict::Failed;
        }
        if !request.if_none_match.is_empty() {
            if self.any_tag(&request.if_none_match, Strength::Weak) {
                return Verdict::NotModified;
            }
        } else if let (Some(limit), Some(modified)) = (date(&request.if_modified_since), self.modified_s)
            && modified <= limit
        {
            return Verdict::NotModified;
        }
        Verdict::Go
    }

    /// Whether one of the tags in the field is ours; `*` is any.
    fn any_tag(&self, values: &[HeaderValue], strength: Strength) -> bool {
        values.iter().any(|value| {
            let value = value.as_bytes().trim_ascii();
            value == b"*"
                || self
                    .etag
                    .as_ref()
                    .is_some_and(|own| lists(value, own.as_bytes(), strength))
        })
    }

    /// `If-Range`: a range is only good for the representation the client has the rest of. A weak tag never
    /// matches, a date must be the very same.
    fn range_applies(&self, request: &Conditions) -> bool {
        match request.if_range.as_slice() {
            [] => true,
            [value] => {
                let value = value.as_bytes().trim_ascii();
                if value.starts_with(b"\"") {
                    self.etag.is_some_and(|own| own.as_bytes() == value)
                } else {
                    let seconds = std::str::from_utf8(value).ok().and_then(seconds);
                    seconds.is_some() && seconds == self.modified_s
                }
            }
            _ => false,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    Strong,
    Weak,
}

/// Whether a list of entity tags contains `own`. Tags may contain commas, so the list is read tag by tag; what
/// cannot be read ends the reading.
fn lists(mut rest: &[u8], own: &[u8], strength: Strength) -> bool {
    loop {
        rest = rest.trim_ascii_start();
        while let Some(more) = rest.strip_prefix(b",") {
            rest = more.trim_ascii_start();
        }
        let (weak, tag) = rest.strip_prefix(b"W/").map_or((false, rest), |tag| (true, tag));
        let Some(inner) = tag.strip_prefix(b"\"") else {
            return false;
        };
        let Some(end) = inner.iter().position(|b| *b == b'"') else {
            return false;
        };
        let (tag, more) = tag.split_at(end + 2);
        if tag == own && !(weak && strength == Strength::Strong) {
            return true;
        }
        rest = more;
    }
}

/// The date of a field in seconds since 1970; `None` when it is absent, repeated or not a date, which all mean
/// that the field is ignored.
fn date(values: &[HeaderValue]) -> Option<u64> {
    let [value] = values else { return None };
    seconds(value.to_str().ok()?)
}

fn seconds(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
