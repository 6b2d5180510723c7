//! `GET /api/v1/openapi.json`, and what the router says where no route answers.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, program};

/// Made again with `UPDATE_SNAPSHOTS=1`; a change of it is a change of the contract.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/api/openapi.json");
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

fn document() -> Value {
    serde_json::from_str(api::openapi::text()).unwrap()
}

/// Every operation: path, method, and what is said about it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

/// Calls `visit` with every value of the document.
fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(fields) => fields.values().for_each(|field| walk(field, visit)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_and_printed_as_committed() {
    let site = kit::site().await;
    let served = site.anyone().get("/api/v1/openapi.json").await.is(200);
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json, document());
    let printed = program::run(&["openapi"]).succeeds();
    assert_eq!(printed.trim_end(), api::openapi::text());
    let text = format!("{}\n", api::openapi::text());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(SNAPSHOT, &text).unwrap();
    }
    let committed = std::fs::read_to_string(Path::new(SNAPSHOT)).unwrap_or_default();
    assert!(
        committed == text,
        "the document changed: look at it with UPDATE_SNAPSHOTS=1 and git diff"
    );
}

#[test]
fn the_document_keeps_the_rules_of_openapi_3_1() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    for field in ["/info/title", "/info/version"] {
        assert!(document.pointer(field).is_some_and(Value::is_string), "{field}");
    }
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(path.starts_with('/') && !path.contains('*'), "{what}");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "each name once: {what}");
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{what}"
        );

        let in_path: BTreeSet<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let mut described = BTreeSet::new();
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(parameter["schema"].is_object(), "{what}: {parameter}");
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    assert_eq!(parameter["required"], true, "{what}");
                    assert!(described.insert(name), "{what}");
                }
                "query" => assert_ne!(parameter["required"], true, "{what}: no list needs a word"),
                "header" => assert!(parameter["description"].is_string(), "{what}: {name}"),
                other => panic!("{what}: a parameter in {other}"),
            }
        }
        assert_eq!(in_path, described, "{what}");

        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
        for (status, response) in responses {
            let number: u16 = status.parse().unwrap();
            assert!((100..600).contains(&number));
            let response = resolved(response, &document);
            assert!(response["description"].is_string(), "{what} {status}");
            if number >= 400 && !(path == "/readyz" && number == 503) {
                let schema = response.pointer("/content/application~1json/schema/$ref");
                assert_eq!(
                    schema,
                    Some(&json!("#/components/schemas/ErrorBody")),
                    "{what} {status}"
                );
            }
        }
        if method == "get" {
            assert!(operation.get("requestBody").is_none(), "{what}");
        }
        for requirement in operation["security"].as_array().unwrap() {
            for scheme in requirement.as_object().unwrap().keys() {
                assert!(
                    document["components"]["securitySchemes"][scheme].is_object(),
                    "{what}"
                );
            }
        }
    }
    assert!(ids.len() > 40, "{}", ids.len());
}

#[test]
fn every_reference_leads_somewhere_and_every_shape_is_used() {
    let document = document();
    let mut used = BTreeSet::new();
    walk(&document, &mut |value| {
        let Some(reference) = value.get("$ref") else {
            return;
        };
        let reference = reference.as_str().unwrap();
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
        used.insert(pointer.rsplit('/').next().unwrap().to_owned());
    });
    let defined: BTreeSet<String> = ["schemas", "responses"]
        .iter()
        .flat_map(|kind| document["components"][kind].as_object().unwrap().keys().cloned())
        .collect();
    assert_eq!(used, defined);
}

/// What a reference leads to; anything else is itself.
fn resolved<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
    }
}

/// Asserts that a value is of a schema, as far as the document says types, fields and which of them must be there.
fn assert_fits(value: &Value, schema: &Value, document: &Value, what: &str) {
    let schema = resolved(schema, document);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        assert_fits(value, part, document, what);
    }
    if let Some(forms) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        // Of several forms the first that is not null is shown.
        let mut forms = forms.as_array().unwrap().iter();
        let form = forms.find(|form| form["type"] != "null").unwrap();
        return assert_fits(value, form, document, what);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let fits = kinds.iter().any(|kind| match *kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{what}: a type {other}"),
    });
    assert!(fits, "{what}: {value} is not {kinds:?}");
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{what}: no {name}");
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            assert_fits(value, field, document, &format!("{what}.{name}"));
        }
    }
    if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
        for value in items {
            assert_fits(value, item, document, what);
        }
    }
}

#[test]
fn every_shape_has_an_example_that_it_fits() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let examples = schema["examples"].as_array().unwrap_or_else(|| panic!("{name}"));
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert!(!example.is_null(), "{name}");
            assert_fits(example, schema, &document, name);
        }
    }
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let content = &response["content"]["application/json"];
        assert_fits(&content["example"], &content["schema"], &document, name);
        let status: u16 = name.strip_prefix("Refused").unwrap().parse().unwrap();
        assert_eq!(content["example"]["statusCode"], status);
    }
    // Every body and every answer that has a shape has it from there.
    for (path, method, operation) in operations(&document) {
        for content in operation
            .pointer("/requestBody/content")
            .iter()
            .filter_map(|all| all.as_object())
        {
            for (kind, content) in content {
                assert!(content["schema"]["$ref"].is_string(), "{method} {path} {kind}");
            }
        }
    }
}

#[test]
fn every_call_is_under_one_subject_and_names_what_it_may_refuse() {
    let document = document();
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut used = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let own = operation["tags"].as_array().unwrap();
        assert!(own.len() == 1 && tags.contains(&&own[0]), "{what}: {own:?}");
        used.insert(own[0].as_str().unwrap().to_owned());
        let refuses = |status: &str| operation["responses"][status].is_object();
        assert!(refuses("500") && refuses("421"), "{what}");
        assert!(!path.contains('{') || refuses("400"), "{what}");
        let has_body = operation.get("requestBody").is_some();
        assert!(!has_body || (refuses("400") && refuses("413")), "{what}");
        let changes = !["get", "head", "options"].contains(&method.as_str());
        assert!(!changes || refuses("403"), "{what}");
    }
    assert_eq!(used.len(), tags.len(), "none is empty");
    // The first and the last of the tables have not changed places.
    assert_eq!(document["paths"]["/healthz"]["get"]["tags"][0], "Instance");
    assert_eq!(
        document["paths"]["/api/v1/playlist"]["post"]["tags"][0],
        "Playlists"
    );
    assert_eq!(document["paths"]["/api/v1/jobs"]["get"]["tags"][0], "Jobs");
}

#[test]
fn lists_with_cursors_name_what_is_in_them() {
    let document = document();
    for (path, item) in [
        ("/api/v1/comments/{id}", "CommentBody"),
        ("/api/v1/tweets", "TweetBody"),
        ("/api/v1/likes/videos", "LikedVideoBody"),
        ("/api/v1/users/history", "WatchedBody"),
    ] {
        let forms = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            ["anyOf"];
        let slice = resolved(&forms[1]["properties"]["data"], &document);
        let named = &slice["properties"]["items"]["items"]["$ref"];
        assert_eq!(named, &json!(format!("#/components/schemas/{item}")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_can_be_read_as_a_page_that_loads_nothing_from_elsewhere() {
    let site = kit::site().await;
    let page = site.anyone().get("/api/docs").await.is(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for word in ["unsafe", "http", "*", "blob:"] {
        assert!(!policy.contains(word), "{policy}");
    }
    let html = String::from_utf8(page.bytes.clone()).unwrap();
    // What the policy would stop has no place on the page.
    for word in [
        "<style",
        "style=",
        "onclick",
        "onload",
        "javascript:",
        "http:",
        "https:",
    ] {
        assert!(!html.contains(word), "{word}");
    }
    let named: Vec<&str> = html
        .split('"')
        .filter(|word| word.starts_with('/') && word.contains('.'))
        .collect();
    assert_eq!(
        named,
        ["/api/docs/page.css", "/api/docs/page.js", "/api/v1/openapi.json"]
    );
    for (path, kind) in named
        .iter()
        .zip(["text/css", "text/javascript", "application/json"])
    {
        let file = site.anyone().get(path).await.is(200);
        assert!(file.header("content-type").starts_with(kind), "{path}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{path}");
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        if *path != "/api/v1/openapi.json" {
            // Nothing of the document becomes markup or code, and nothing comes from another host.
            for word in [
                "innerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "http:",
                "https:",
                "//cdn",
                "@import",
                "url(",
            ] {
                assert!(!text.contains(word), "{path}: {word}");
            }
            let again = site
                .request(Method::GET, path)
                .header("if-none-match", file.header("etag"));
            kit::answer(again).await.is(304);
        }
    }
}

#[test]
fn every_route_is_in_the_document() {
    let document = document();
    let described: BTreeSet<String> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| format!("{} {path}", method.to_uppercase()))
        .collect();
    let routes: BTreeSet<String> = api::routes::routes()
        .iter()
        .flat_map(|route| route.paths.iter().map(|path| format!("{} {path}", route.method)))
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn what_needs_signing_in_says_so() {
    let document = document();
    for route in api::routes::routes() {
        for path in &route.paths {
            let operation = &document["paths"][path][route.method.as_str().to_lowercase()];
            let security = operation["security"].as_array().unwrap();
            let open = security.is_empty() || security.contains(&json!({}));
            let closed = matches!(
                route.policy,
                api::routes::Policy::SignedIn
                    | api::routes::Policy::Operator
                    | api::routes::Policy::Moderator
                    | api::routes::Policy::Admin
            );
            assert_eq!(open, !closed, "{route:?}");
            if route.policy == api::routes::Policy::SignedIn {
                assert!(operation["responses"]["401"].is_object(), "{route:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_is_answered_with_json() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for path in [
        "/",
        "/nothing",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/videos",
        "/API/V1/videos",
        "/api/v1/videos/",
        "/api/v1//videos",
        "/api/v1/users",
        "/users",
        "/users/",
        "/.env",
        "/.git/config",
        "/index.php",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%00",
        "/%ff",
    ] {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::OPTIONS,
        ] {
            let answer = kit::answer(asha.request(method.clone(), path)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(
                answer.header("content-type"),
                "application/json",
                "{method} {path}"
            );
            answer.refuses(404, "route_not_found");
        }
        let head = kit::answer(site.request(Method::HEAD, path)).await;
        assert_eq!(head.status, 404, "HEAD {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_an_address_does_not_know_is_told_which_it_does() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let routes = api::routes::routes();
    let paths: BTreeSet<&str> = routes
        .iter()
        .flat_map(|route| route.paths.iter().copied())
        .collect();
    for path in paths {
        let mut known: BTreeSet<String> = routes
            .iter()
            .filter(|route| route.paths.contains(&path))
            .map(|route| route.method.to_string())
            .collect();
        if known.contains("GET") {
            known.insert("HEAD".to_owned());
        }
        let filled = path
            .replace("{id}", "0123456789abcdef01234567")
            .replace("{username}", "asha");
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE",
        ] {
            if known.contains(method) {
                continue;
            }
            let what = format!("{method} {path}");
            let answer = kit::answer(asha.request(method.parse().unwrap(), &filled)).await;
            assert_eq!(answer.status, 405, "{what}");
            // What HEAD is answered has no body, and what TRACE may reach is said for the whole server.
            if method != "HEAD" {
                assert_eq!(answer.header("content-type"), "application/json", "{what}");
                assert_eq!(answer.json["code"], "method_not_allowed", "{what}");
            }
            let allowed: BTreeSet<String> = answer
                .header("allow")
                .split(',')
                .map(|method| method.trim().to_owned())
                .collect();
            if method == "TRACE" {
                assert!(
                    !allowed.contains("TRACE") && allowed.len() > 1,
                    "{what}: {allowed:?}"
                );
            } else {
                assert_eq!(allowed, known, "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trace_echoes_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for path in ["/", "/api/v1/videos", "/nothing", "/media/x/y.mp4"] {
        let answer = kit::answer(asha.request(Method::TRACE, path)).await;
        assert!(!answer.header("allow").is_empty(), "{path}");
        let answer = answer.refuses(405, "method_not_allowed");
        let said = String::from_utf8_lossy(&answer.bytes);
        assert!(!said.contains(asha.token.as_ref().unwrap()), "{path}");
    }
}
