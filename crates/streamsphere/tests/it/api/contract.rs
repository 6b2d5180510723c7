//! The wire contract, row by row: which calls there are, what their answers hold to the field, and what they
//! refuse. What the answers *mean* is tested beside each feature; here only that nobody who was written against
//! the contract finds a field missing, a field more, or another type.

mod dashboard;
mod finding;
mod following;
mod people;
mod refusals;
mod rows;
mod shapes;
mod talk;
mod videos;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Answer, Person};
use shapes::assert_shape;

/// A well-formed id of nothing.
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

/// What every page by number holds beside its labels.
const PAGE: &str = "docs:list totalDocs:int limit:int page:int totalPages:int pagingCounter:int \
                    hasPrevPage:flag hasNextPage:flag prevPage:int? nextPage:int?";

/// An answer in the envelope of success, and nothing beside it; answers its data.
#[track_caller]
fn enveloped(answer: Answer, status: u16) -> Value {
    let answer = answer.is(status);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_shape(
        &answer.json,
        "statusCode:int data:any message:text success:flag",
        "the envelope",
    );
    answer.json["data"].clone()
}

/// The data of an answer has exactly these fields.
#[track_caller]
fn gives(answer: Answer, status: u16, shape: &str) -> Value {
    let data = enveloped(answer, status);
    assert_shape(&data, shape, "the answer");
    data
}

/// A list in the old form of pages, under all its labels, and in the form of cursors. There must be something in
/// it, or nothing would be compared.
async fn is_paged(person: &Person<'_>, path: &str, labels: &[&str], totals: &[&str], item: &str) {
    let first = person.get(path).await;
    let lists = labels.iter().map(|label| format!("{label}:list"));
    let numbers = totals.iter().map(|total| format!("{total}:int"));
    let beside: Vec<String> = lists.chain(numbers).collect();
    let shape = format!("{PAGE} {}", beside.join(" "));
    let page = gives(first, 200, &shape);
    for label in labels {
        assert_eq!(page[label], page["docs"], "{path}: {label}");
    }
    for total in totals {
        assert_eq!(page[total], page["totalDocs"], "{path}: {total}");
    }
    assert_eq!((&page["limit"], &page["page"]), (&json!(10), &json!(1)), "{path}");
    assert_items(&page["docs"], item, path);
    has_cursors(person, path, "", item).await;
    is_bounded(person, path, 100).await;
    let deep = format!("{}page=1001", with_sign(path));
    person.get(&deep).await.refuses(400, "page_too_deep");
}

/// A bare array, which takes pages too, and the form of cursors.
async fn is_array(person: &Person<'_>, path: &str, item: &str) {
    let all = enveloped(person.get(path).await, 200);
    assert_items(&all, item, path);
    let second = format!("{}page=2&limit=1", with_sign(path));
    let second = enveloped(person.get(&second).await, 200);
    let second = second.as_array().unwrap();
    assert_eq!(
        second.first(),
        all.as_array().unwrap().get(1),
        "{path}, second page of one"
    );
    has_cursors(person, path, "", item).await;
    is_bounded(person, path, 100).await;
}

/// A list that goes on from a cursor; `more` is what the page holds beside.
async fn has_cursors(person: &Person<'_>, path: &str, more: &str, item: &str) {
    let begun = format!("{}cursor=&limit=1", with_sign(path));
    let page = gives(
        person.get(&begun).await,
        200,
        &format!("items:list nextCursor:text? {more}"),
    );
    assert_items(&page["items"], item, path);
    assert_eq!(
        page["items"].as_array().unwrap().len(),
        1,
        "{path}: one was asked for"
    );
    let wrong = format!("{}cursor=nonsense", with_sign(path));
    person.get(&wrong).await.is(400);
}

/// How many is a whole number from 1 to `most`.
async fn is_bounded(person: &Person<'_>, path: &str, most: u32) {
    for (limit, status) in [
        (most.to_string(), 200),
        ((most + 1).to_string(), 400),
        ("0".to_owned(), 400),
        ("ten".to_owned(), 400),
    ] {
        person
            .get(&format!("{}limit={limit}", with_sign(path)))
            .await
            .is(status);
    }
}

fn with_sign(path: &str) -> String {
    format!("{path}{}", if path.contains('?') { '&' } else { '?' })
}

/// There are some, and each has exactly these fields.
#[track_caller]
fn assert_items(list: &Value, shape: &str, what: &str) {
    let items = list
        .as_array()
        .unwrap_or_else(|| panic!("{what}: no list: {list}"));
    assert!(!items.is_empty(), "{what}: nothing to compare");
    for item in items {
        assert_shape(item, shape, what);
    }
}

#[test]
fn every_row_of_the_contract_has_a_route() {
    let routes: BTreeSet<String> = api::routes::routes()
        .iter()
        .flat_map(|route| route.paths.iter().map(|path| named(route.method.as_str(), path)))
        // Bytes do not go through the table of routes.
        .chain(["GET /api/v1/videos/{}/stream".to_owned()])
        .collect();
    let rows = rows::ROWS.iter().map(|row| named(row.method, row.path));
    let missing: Vec<String> = rows.filter(|row| !routes.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A route by the form of its path; what its parameters are called is nobody's business.
fn named(method: &str, path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{method} {}", parts.collect::<Vec<_>>().join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_mount_of_users_answers_the_same() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for path in [
        "/current-user",
        "/curent-user",
        "/c/asha",
        "/history",
        "/watch-history",
        "/sessions",
    ] {
        let new = asha.get(&format!("/api/v1/users{path}")).await.is(200);
        let old = asha.get(&format!("/users{path}")).await.is(200);
        assert_eq!(new.json["data"], old.json["data"], "{path}");
    }
    for route in api::routes::routes() {
        for path in &route.paths {
            if let Some(rest) = path.strip_prefix("/api/v1/users/") {
                let old = format!("/users/{rest}");
                assert!(route.paths.contains(&old.as_str()), "{} {old}", route.method);
            }
        }
    }
    kit::answer(site.request(Method::POST, "/api/v1/nothing"))
        .await
        .refuses(404, "route_not_found");
}
