//! The OpenAPI 3.1 document, made from the table of routes.

mod examples;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

use crate::limits::Class;
use crate::problem::ErrorBody;
use crate::routes::{Policy, Route, Shape, routes};

/// An upload may begin without bytes; the others take what is absent for nothing said.
const BODY_MAY_BE_ABSENT: [&str; 3] = ["create_upload", "refresh_session", "read_notifications"];

static DOCUMENT: LazyLock<String> = LazyLock::new(|| written(&document()).unwrap_or_default());

/// One space for each step, as it is long and deep: people read it line by line, and compare it so.
fn written(document: &Value) -> Option<String> {
    let mut out = Vec::new();
    let form = PrettyFormatter::with_indent(b" ");
    document
        .serialize(&mut Serializer::with_formatter(&mut out, form))
        .ok()?;
    String::from_utf8(out).ok()
}

pub(crate) async fn serve_document() -> Response {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        DOCUMENT.as_str(),
    )
        .into_response()
}

/// The document as JSON text.
pub fn text() -> &'static str {
    &DOCUMENT
}

fn document() -> Value {
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut refusals = BTreeSet::new();
    let mut problem = Vec::new();
    <ErrorBody as utoipa::ToSchema>::schemas(&mut problem);
    schemas.insert(
        "ErrorBody".to_owned(),
        to_json(&<ErrorBody as utoipa::PartialSchema>::schema()),
    );
    for (name, schema) in problem {
        schemas.insert(name, to_json(&schema));
    }
    for route in routes() {
        refusals.extend(refusals_of(&route));
        let method = route.method.as_str().to_lowercase();
        for (number, path) in route.paths.iter().enumerate() {
            let mut operation = operation(&route, path, &mut schemas);
            if number > 0
                && let Some(fields) = operation.as_object_mut()
            {
                // Operation ids are unique; the other spellings are marked as such.
                fields.insert(
                    "operationId".to_owned(),
                    json!(format!("{}_alias_{number}", route.name)),
                );
                fields.insert("deprecated".to_owned(), json!(true));
            }
            let entry = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
            if let Some(methods) = entry.as_object_mut() {
                methods.insert(method.clone(), operation);
            }
        }
    }
    let examples: Vec<(String, Value)> = schemas
        .iter()
        .map(|(name, schema)| (name.clone(), examples::example(schema, &schemas)))
        .collect();
    for (name, example) in examples {
        if let Some(schema) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            schema.remove("example");
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
    let refusals: Map<String, Value> = refusals
        .into_iter()
        .map(|status| (format!("Refused{status}"), refusal(status)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "StreamSphere",
            "version": "1",
            "description": "A video-sharing backend that people run themselves.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "tags": crate::routes::TAGS.iter().map(|(name, text)| json!({"name": name, "description": text})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "accessToken"}
            }
        }
    })
}

fn operation(route: &Route, path: &str, schemas: &mut Map<String, Value>) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let (schema, example) = match name {
                "username" => (json!({"type": "string"}), "asha"),
                "lang" => (json!({"type": "string"}), "en"),
                "kind" => (
                    json!({"type": "string", "enum": ["video", "comment", "tweet", "playlist"]}),
                    "video",
                ),
                "playlistId" => (
                    json!({"type": "string", "pattern": "^([0-9a-f]{24}|watch-later)$"}),
                    "watch-later",
                ),
                _ => (
                    json!({"type": "string", "pattern": "^[0-9a-f]{24}$"}),
                    examples::ID,
                ),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema, "example": example})
        })
        .collect();
    parameters.extend(route.parameters.iter().map(to_json));
    parameters.extend(route.headers.iter().map(|(name, required, text)| {
        json!({
            "name": name, "in": "header", "required": required, "description": text,
            "schema": {"type": "string"}
        })
    }));
    let mut responses: Map<String, Value> = Map::new();
    for (status, shape) in &route.answers {
        let schema = shape.as_ref().map(|shape| reference(shape, schemas));
        let entry = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"description": "Success"}));
        if !route.tells.is_empty()
            && let Some(fields) = entry.as_object_mut()
        {
            let told = route.tells.iter().map(|(name, text)| {
                let header = json!({"description": text, "schema": {"type": "string"}});
                ((*name).to_owned(), header)
            });
            fields.insert("headers".to_owned(), Value::Object(told.collect()));
        }
        let Some(schema) = schema else { continue };
        let schema = if route.enveloped {
            envelope(&schema)
        } else {
            schema
        };
        let content = entry.pointer("/content/application~1json/schema").cloned();
        let schema = match content {
            Some(first) => json!({"anyOf": [first, schema]}),
            None => schema,
        };
        if let Some(fields) = entry.as_object_mut() {
            fields.insert(
                "content".to_owned(),
                json!({"application/json": {"schema": schema}}),
            );
        }
    }
    for status in refusals_of(route) {
        // Some that are no success in HTTP are an answer all the same, such as that of a server that is not ready.
        responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"$ref": format!("#/components/responses/Refused{status}")}));
    }
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": parameters,
        "responses": responses,
        "security": match route.policy {
            Policy::Anyone => json!([]),
            Policy::Reader => json!([{}, {"bearer": []}, {"cookie": []}]),
            Policy::SignedIn | Policy::Operator | Policy::Moderator | Policy::Admin => json!([{"bearer": []}, {"cookie": []}]),
        },
    });
    if let (false, Some(fields)) = (route.body.is_empty(), operation.as_object_mut()) {
        let content: Map<String, Value> = route
            .body
            .iter()
            .map(|(media_type, shape)| {
                let schema = reference(shape, schemas);
                ((*media_type).to_owned(), json!({"schema": schema}))
            })
            .collect();
        fields.insert(
            "requestBody".to_owned(),
            json!({"required": !BODY_MAY_BE_ABSENT.contains(&route.name), "content": content}),
        );
    }
    operation
}

/// What a route may refuse with: its own, and what follows from who may call it, what it takes and what it costs.
fn refusals_of(route: &Route) -> BTreeSet<u16> {
    let mut all: BTreeSet<u16> = route.refusals.iter().copied().collect();
    // A host that is not ours; something broken here.
    all.extend([421, 500]);
    if route.paths.iter().any(|path| path.contains('{')) || !route.parameters.is_empty() {
        all.insert(400);
    }
    if !route.method.is_safe() {
        // A change made with cookies from a page of another site.
        all.insert(403);
        if route.class != Class::Free {
            all.insert(429);
        }
    }
    match route.policy {
        Policy::Anyone => {}
        Policy::Reader | Policy::SignedIn => {
            all.insert(401);
        }
        // For others there is no such route; a credential that is not valid is told so first.
        Policy::Operator | Policy::Moderator | Policy::Admin => all.extend([401, 404]),
    }
    if !route.body.is_empty() {
        all.extend([400, 413]);
    }
    all
}

fn refusal(status: u16) -> Value {
    let status_name = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Checksum Mismatch");
    json!({
        "description": status_name,
        "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ErrorBody"},
            "example": examples::refusal(status),
        }}
    })
}

fn envelope(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["statusCode", "data", "message", "success"],
        "properties": {
            "statusCode": {"type": "integer"},
            "data": data,
            "message": {"type": "string"},
            "success": {"type": "boolean", "const": true}
        }
    })
}

fn reference(shape: &Shape, schemas: &mut Map<String, Value>) -> Value {
    schemas.insert(shape.name.clone(), to_json(&shape.schema));
    for (name, schema) in &shape.others {
        schemas.insert(name.clone(), to_json(schema));
    }
    let one = json!({"$ref": format!("#/components/schemas/{}", shape.name)});
    if shape.array {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}

fn to_json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
