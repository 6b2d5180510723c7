//! The tables of RFC 9110, sections 13 and 14.

use super::*;
use crate::{files::OpenFile, grant::ResourcePolicy};
use std::sync::Arc;

const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

fn grant() -> FileGrant {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, b"0123456789").unwrap();
    let file = Arc::new(OpenFile::open(&path).unwrap());
    let mut grant = FileGrant::new(file, HeaderValue::from_static("video/mp4"), "\"tag\"");
    // Milliseconds are cut, so that the date on the wire compares equal to itself.
    grant.last_modified_ms = Some(784_111_777_999);
    grant
}

fn headers(fields: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    map
}

fn get(fields: &[(&str, &str)]) -> Plan {
    plan(&Method::GET, &headers(fields), &grant())
}

fn field<'p>(plan: &'p Plan, name: &str) -> Option<&'p str> {
    let mut found = plan.fields.iter().filter(|(known, _)| known.as_str() == name);
    let value = found.next().map(|(_, value)| value.to_str().unwrap());
    assert!(found.next().is_none(), "{name} stands twice");
    value
}

#[test]
fn conditionals_are_judged_in_the_order_of_the_rfc() {
    for (fields, status) in [
        (&[][..], 200),
        (&[("if-match", "\"tag\"")], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "\"x\", \"tag\"")], 200),
        (&[("if-match", "\"x\"")], 412),
        (&[("if-match", "W/\"tag\"")], 412),
        (&[("if-match", "\"x,\"tag\"")], 412),
        (&[("if-match", "")], 412),
        (&[("if-match", "\"x\""), ("if-match", "\"tag\"")], 200),
        (&[("if-match", "\"tag\""), ("if-unmodified-since", EARLIER)], 200),
        (&[("if-unmodified-since", MODIFIED)], 200),
        (&[("if-unmodified-since", LATER)], 200),
        (&[("if-unmodified-since", EARLIER)], 412),
        (&[("if-unmodified-since", "yesterday")], 200),
        (&[("if-none-match", "\"tag\"")], 304),
        (&[("if-none-match", "W/\"tag\"")], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"x\" , W/\"tag\"")], 304),
        (&[("if-none-match", ",,\"tag\"")], 304),
        (&[("if-none-match", "\"x\"")], 200),
        (&[("if-none-match", "tag")], 200),
        (&[("if-none-match", "\"a,b\",\"tag\"")], 304),
        (&[("if-none-match", "\"x\""), ("if-modified-since", LATER)], 200),
        (&[("if-modified-since", MODIFIED)], 304),
        (&[("if-modified-since", LATER)], 304),
        (&[("if-modified-since", EARLIER)], 200),
        (&[("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")], 304),
        (&[("if-modified-since", "Sun Nov  6 08:49:37 1994")], 304),
        (&[("if-modified-since", "0")], 200),
        (&[("if-match", "\"x\""), ("if-none-match", "\"tag\"")], 412),
        (&[("if-match", "\"tag\""), ("if-none-match", "\"tag\"")], 304),
        (&[("range", "bytes=0-1"), ("if-none-match", "\"tag\"")], 304),
        (&[("range", "bytes=50-"), ("if-match", "\"x\"")], 412),
    ] {
        assert_eq!(get(fields).status.as_u16(), status, "{fields:?}");
    }
}

#[test]
fn a_range_counts_only_for_the_file_the_client_has_begun() {
    for (condition, status) in [
        ("\"tag\"", 206),
        (MODIFIED, 206),
        ("\"x\"", 200),
        ("W/\"tag\"", 200),
        (EARLIER, 200),
        (LATER, 200),
        ("nonsense", 200),
        ("*", 200),
    ] {
        let fields = [("range", "bytes=2-4"), ("if-range", condition)];
        assert_eq!(get(&fields).status.as_u16(), status, "{condition}");
        // A range that does not count cannot be unsatisfiable either.
        let fields = [("range", "bytes=50-"), ("if-range", condition)];
        assert_eq!(
            get(&fields).status.as_u16(),
            if status == 206 { 416 } else { 200 },
            "{condition}"
        );
    }
}

#[test]
fn one_range_is_sent_with_its_place() {
    let plan = get(&[("range", "bytes=2-4")]);
    assert_eq!(plan.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(plan.payload, Payload::File(2..5));
    assert_eq!(field(&plan, "content-range"), Some("bytes 2-4/10"));
    assert_eq!(field(&plan, "content-length"), Some("3"));
}

#[test]
fn no_range_within_the_file_is_an_error_with_the_length() {
    for range in ["bytes=10-", "bytes=-0", "bytes=0-1,4-5"] {
        let plan = get(&[("range", range)]);
        assert_eq!(plan.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!(field(&plan, "content-range"), Some("bytes */10"));
        assert_eq!(field(&plan, "content-type"), Some("application/json"));
        assert_eq!(field(&plan, "cache-control"), Some("no-store"));
        assert_eq!(field(&plan, "etag"), None);
        let Payload::Text(text) = plan.payload else {
            panic!("an error says why")
        };
        assert!(text.starts_with(br#"{"statusCode":416,"data":null,"#), "{text:?}");
    }
}

#[test]
fn an_empty_file_has_no_range() {
    let empty = |fields| {
        let mut list = List {
            status: StatusCode::OK,
            fields: Vec::new(),
        };
        let conditions = Conditions::of(&headers(fields));
        let (_, payload) = plan_for_length(&mut list, &Method::GET, &conditions, &grant(), 0);
        Plan {
            status: list.status,
            fields: list.fields,
            payload,
        }
    };
    let whole = empty(&[]);
    assert_eq!((whole.status.as_u16(), whole.payload), (200, Payload::File(0..0)));
    let part = empty(&[("range", "bytes=0-")]);
    assert_eq!(part.status.as_u16(), 416);
    assert_eq!(field(&part, "content-range"), Some("bytes */0"));
}

#[test]
fn head_announces_the_whole_and_sends_nothing() {
    for range in ["bytes=2-4", "bytes=50-", "bytes=0-1,2-3"] {
        let plan = plan(&Method::HEAD, &headers(&[("range", range)]), &grant());
        assert_eq!(
            (plan.status.as_u16(), plan.payload.clone()),
            (200, Payload::Announced(10))
        );
        assert_eq!(field(&plan, "content-length"), Some("10"));
        assert_eq!(field(&plan, "content-range"), None);
    }
    let fresh = plan(&Method::HEAD, &headers(&[("if-none-match", "\"tag\"")]), &grant());
    assert_eq!((fresh.status.as_u16(), fresh.payload), (304, Payload::None));
}

#[test]
fn two_range_fields_are_bad_syntax() {
    assert_eq!(
        get(&[("range", "bytes=0-1"), ("range", "bytes=2-3")])
            .status
            .as_u16(),
        200
    );
}

#[test]
fn media_can_only_be_read() {
    let plan = plan(&Method::DELETE, &headers(&[]), &grant());
    assert_eq!(plan.status.as_u16(), 405);
    assert_eq!(field(&plan, "allow"), Some("GET, HEAD"));
}

#[test]
fn every_answer_keeps_the_browser_from_making_more_of_it() {
    let mut grant = grant();
    grant.resource_policy = ResourcePolicy::CrossOrigin;
    grant.content_disposition = Some("attachment; filename=\"a.mp4\"".into());
    grant
        .extra
        .push((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    for fields in [
        &[][..],
        &[("range", "bytes=0-1")],
        &[("range", "bytes=99-")],
        &[("if-none-match", "*")],
        &[("if-match", "\"x\"")],
    ] {
        let plan = plan(&Method::GET, &headers(fields), &grant);
        assert_eq!(
            field(&plan, "x-content-type-options"),
            Some("nosniff"),
            "{fields:?}"
        );
        assert_eq!(
            field(&plan, "content-security-policy"),
            Some("sandbox; default-src 'none'")
        );
        assert_eq!(field(&plan, "cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(field(&plan, "access-control-allow-origin"), Some("*"));
    }
    let plan = plan(&Method::GET, &headers(&[]), &grant);
    assert_eq!(field(&plan, "accept-ranges"), Some("bytes"));
    assert_eq!(field(&plan, "etag"), Some("\"tag\""));
    assert_eq!(field(&plan, "last-modified"), Some(MODIFIED));
    assert_eq!(
        field(&plan, "content-disposition"),
        Some("attachment; filename=\"a.mp4\"")
    );
    assert_eq!(field(&plan, "cache-control"), Some("private, no-store"));
}

#[test]
fn a_tag_that_is_not_strong_is_not_used() {
    for tag in ["", "tag", "W/\"tag\"", "\"", "\"a\"b\"", "\"a\nb\""] {
        let mut grant = grant();
        grant.etag = tag.into();
        let request = headers(&[("if-none-match", tag.replace('\n', "").as_str())]);
        let plan = plan(&Method::GET, &request, &grant);
        assert_eq!(
            (plan.status.as_u16(), field(&plan, "etag")),
            (200, None),
            "{tag:?}"
        );
    }
}
