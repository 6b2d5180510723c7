//! What is answered to a request for a file: status, fields, and which bytes.
//!
//! Pure: from method, request fields and grant to a [`Plan`], by RFC 9110 sections 13 (conditionals) and 14
//! (ranges). Both senders follow the same plan, so they cannot differ.

use crate::{
    envelope,
    grant::FileGrant,
    range::{self, Asked},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::{
    ops::Range,
    time::{Duration, UNIX_EPOCH},
};

/// Isolates what a browser opens directly: no script, no plugin, no request to anywhere.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
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
    plan_under(method, &Conditions::of(request), grant)
}

/// [`plan`] for a request that is no longer whole.
pub(crate) fn plan_under(method: &Method, request: &Conditions, grant: &FileGrant) -> Plan {
    plan_for_length(method, request, grant, grant.file.len_bytes())
}

/// [`plan`] for a file of `len` bytes.
fn plan_for_length(method: &Method, request: &Conditions, grant: &FileGrant, len: u64) -> Plan {
    if method != Method::GET && method != Method::HEAD {
        let mut plan = failed(
            StatusCode::METHOD_NOT_ALLOWED,
            ("method_not_allowed", "Media can only be read."),
            grant,
            Vec::with_capacity(8),
        );
        plan.fields
            .push((header::ALLOW, HeaderValue::from_static("GET, HEAD")));
        return plan;
    }
    let validators = Validators::of(grant);
    let mut plan = match validators.judge(request) {
        Verdict::Failed => failed(
            StatusCode::PRECONDITION_FAILED,
            (
                "precondition_failed",
                "The file is not the one the request expects.",
            ),
            grant,
            Vec::with_capacity(8),
        ),
        Verdict::NotModified => unchanged(&validators, grant),
        Verdict::Go => match asked(method, request, &validators, len) {
            Asked::Unsatisfiable => {
                let mut fields = Vec::with_capacity(8);
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{len}")) {
                    fields.push((header::CONTENT_RANGE, value));
                }
                failed(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    (
                        "range_not_satisfiable",
                        "Only one range within the file can be sent.",
                    ),
                    grant,
                    fields,
                )
            }
            Asked::Whole => success(StatusCode::OK, 0..len, &validators, grant),
            Asked::Part(part) => {
                let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
                let mut plan = success(StatusCode::PARTIAL_CONTENT, part, &validators, grant);
                if let Ok(value) = HeaderValue::try_from(range) {
                    plan.fields.push((header::CONTENT_RANGE, value));
                }
                plan
            }
        },
    };
    if method == Method::HEAD
        && let Some(length) = plan.payload.length()
    {
        plan.payload = Payload::Announced(length);
    }
    plan
}

/// What range is to be sent. Only GET defines ranges (RFC 9110, section 14.2).
fn asked(method: &Method, request: &Conditions, validators: &Validators, len: u64) -> Asked {
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

/// 200 or 206.
fn success(status: StatusCode, range: Range<u64>, validators: &Validators, grant: &FileGrant) -> Plan {
    // The room covers every field of a usual answer, so the list is allocated once.
    let mut fields = Vec::with_capacity(14 + grant.extra.len());
    fields.push((header::CONTENT_TYPE, grant.content_type.clone()));
    fields.push((header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start)));
    label(&mut fields, validators, grant);
    if let Some(disposition) = &grant.content_disposition
        && let Ok(value) = HeaderValue::from_str(disposition)
    {
        fields.push((header::CONTENT_DISPOSITION, value));
    }
    fields.extend(grant.extra.iter().cloned());
    Plan {
        status,
        fields,
        payload: Payload::File(range),
    }
}

/// 304: what a cache needs to freshen its copy, and nothing about the bytes.
fn unchanged(validators: &Validators, grant: &FileGrant) -> Plan {
    let mut fields = Vec::with_capacity(12 + grant.extra.len());
    label(&mut fields, validators, grant);
    fields.extend(grant.extra.iter().cloned());
    Plan {
        status: StatusCode::NOT_MODIFIED,
        fields,
        payload: Payload::None,
    }
}

/// The fields that any answer about the file itself carries.
fn label(fields: &mut Vec<(HeaderName, HeaderValue)>, validators: &Validators, grant: &FileGrant) {
    fields.push((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    if let Some(etag) = &validators.etag {
        fields.push((header::ETAG, etag.clone()));
    }
    if let Some(text) = validators
        .last_modified()
        .and_then(|text| HeaderValue::try_from(text).ok())
    {
        fields.push((header::LAST_MODIFIED, text));
    }
    if let Ok(value) = HeaderValue::from_str(&grant.cache_control) {
        fields.push((header::CACHE_CONTROL, value));
    }
    guard(fields, grant);
}

/// The fields that keep a browser from making more of the bytes than media.
fn guard(fields: &mut Vec<(HeaderName, HeaderValue)>, grant: &FileGrant) {
    fields.push((
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ));
    fields.push((header::CONTENT_SECURITY_POLICY, SANDBOX));
    fields.push((
        RESOURCE_POLICY,
        HeaderValue::from_static(grant.resource_policy.as_str()),
    ));
}

/// 405, 412 or 416. `extra` of the grant comes along, or a page on another origin could not read the status.
fn failed(
    status: StatusCode,
    (code, message): (&str, &str),
    grant: &FileGrant,
    mut fields: Vec<(HeaderName, HeaderValue)>,
) -> Plan {
    let text = envelope::text(status, code, message);
    fields.push((header::CONTENT_TYPE, envelope::JSON));
    fields.push((header::CONTENT_LENGTH, HeaderValue::from(text.len())));
    fields.push((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        fields.push((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    }
    guard(&mut fields, grant);
    fields.extend(grant.extra.iter().cloned());
    Plan {
        status,
        fields,
        payload: Payload::Text(text),
    }
}

/// The outcome of the conditionals.
enum Verdict {
    Go,
    NotModified,
    Failed,
}

/// What the conditionals are measured against.
struct Validators {
    /// The strong tag.
    etag: Option<HeaderValue>,
    /// Last change in whole seconds since 1970.
    modified_s: Option<u64>,
}

impl Validators {
    fn of(grant: &FileGrant) -> Self {
        let tag = grant.etag.as_bytes();
        let strong = tag.len() >= 2 && tag.starts_with(b"\"") && tag.ends_with(b"\"");
        let inner_ok = strong && !tag[1..tag.len() - 1].contains(&b'"');
        Self {
            etag: inner_ok.then(|| HeaderValue::from_bytes(tag).ok()).flatten(),
            modified_s: grant
                .last_modified_ms
                .and_then(|ms| u64::try_from(ms.div_euclid(1000)).ok()),
        }
    }

    fn last_modified(&self) -> Option<String> {
        // Past the year 9999 the format has no words.
        let seconds = self.modified_s.filter(|seconds| *seconds < 253_402_300_800)?;
        Some(httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)))
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
                    self.etag.as_ref().is_some_and(|own| own.as_bytes() == value)
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
