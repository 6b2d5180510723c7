//! Examples for the OpenAPI document, made from the schemas: whoever reads it sees what a body looks like, and no
//! example is forgotten when a field comes or goes. A field says its own where the rules here guess badly.

use serde_json::{Map, Value, json};

/// An id.
pub(super) const ID: &str = "65f1c0ffee0123456789abcd";
const TIME: &str = "2026-01-31T12:00:00.000Z";
/// Schemas are nested this deeply at most; what refers to itself ends here.
const DEEPEST: usize = 12;

/// What fields of these names hold, whatever they belong to.
const BY_NAME: &[(&str, &str)] = &[
    ("_id", ID),
    ("username", "asha"),
    ("fullName", "Asha"),
    ("email", "asha@example.com"),
    ("password", "tangled-otter-84"),
    ("oldPassword", "tangled-otter-84"),
    ("newPassword", "crooked-heron-17"),
    ("bio", "I film ships."),
    ("title", "Ships at sea"),
    ("name", "Ships"),
    ("description", "Filmed from the pier."),
    ("content", "What a fine ship!"),
    ("visibility", "public"),
    ("status", "ready"),
    ("state", "done"),
    ("priority", "normal"),
    ("role", "user"),
    ("device", "Firefox on Linux"),
    ("event", "progress"),
    ("language", "en"),
    ("label", "English"),
    ("codecs", "avc1.64001f,mp4a.40.2"),
    ("videoId", ID),
    ("parent", ID),
    ("video", ID),
    ("comment", ID),
    ("tweet", ID),
    ("user", ID),
    ("likedBy", ID),
    ("before", ID),
    ("after", ID),
    ("upTo", ID),
    ("ids", ID),
    ("accessToken", "eyJhbGciOiJIUzI1NiJ9.e30.…"),
    ("refreshToken", "eyJhbGciOiJIUzI1NiJ9.e30.…"),
    ("newRefreshToken", "eyJhbGciOiJIUzI1NiJ9.e30.…"),
    ("message", "Here it is"),
];
/// Fields that hold addresses.
const ADDRESSES: &[&str] = &[
    "avatar",
    "coverImage",
    "videoFile",
    "hls",
    "dash",
    "thumbnail",
    "storyboard",
    "url",
    "download",
    "chaptersFile",
    "original",
];

/// An example of a schema; the schemas that it refers to are among `all`.
pub(super) fn example(schema: &Value, all: &Map<String, Value>) -> Value {
    build(schema, all, "", 0)
}

fn build(schema: &Value, all: &Map<String, Value>, name: &str, depth: usize) -> Value {
    if let Some(said) = schema.get("example") {
        return said.clone();
    }
    if let Some(first) = schema.pointer("/examples/0") {
        return first.clone();
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().and_then(|target| all.get(target));
        return target.map_or(Value::Null, |target| build(target, all, name, depth + 1));
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = build(part, all, name, depth + 1) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    for either in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[either].as_array() {
            let form = forms.iter().find(|form| form["type"] != "null");
            return form.map_or(Value::Null, |form| build(form, all, name, depth + 1));
        }
    }
    match kind(schema) {
        Some("object") => {
            let fields = schema["properties"].as_object();
            let fields = fields.into_iter().flatten().map(|(name, field)| {
                let value = build(field, all, name, depth + 1);
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Some("array") => {
            let empty = schema.get("maxItems") == Some(&json!(0)) || name == "watchHistory";
            let items = schema.get("items").filter(|_| !empty);
            items.map_or_else(|| json!([]), |items| json!([build(items, all, name, depth + 1)]))
        }
        Some("boolean") => json!(false),
        Some("integer") => json!(match name {
            "statusCode" => 200,
            "width" => 1280,
            "height" => 720,
            _ => 1,
        }),
        Some("number") => json!(if name == "progress" { 1.0 } else { 12.5 }),
        Some("string") => text(schema, name),
        _ => Value::Null,
    }
}

/// The type of a schema, of several the one that is not null.
fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(one) => Some(one),
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .find(|one| *one != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ => None,
    }
}

fn text(schema: &Value, name: &str) -> Value {
    if schema["format"] == "binary" {
        return json!("(bytes of a file)");
    }
    if let Some((_, text)) = BY_NAME.iter().find(|(known, _)| *known == name) {
        return json!(text);
    }
    if name.ends_with("At") {
        return json!(TIME);
    }
    if ADDRESSES.contains(&name) {
        return json!(format!("https://videos.example/media/{ID}/{name}"));
    }
    if name.ends_with("Cursor") {
        return Value::Null;
    }
    json!("words")
}

/// What a refusal with this status may look like.
pub(super) fn refusal(status: u16) -> Value {
    let (code, message) = match status {
        400 => ("invalid_fields", "Some fields are not right."),
        401 => ("unauthenticated", "Sign in first."),
        403 => ("not_the_owner", "This is somebody else's."),
        404 => ("video_not_found", "Video not found"),
        409 => ("username_taken", "This name is taken."),
        412 => ("precondition_failed", "This is not what was expected."),
        413 => ("body_too_large", "The body is larger than 65536 bytes."),
        415 => ("not_json", "Send JSON, with Content-Type: application/json."),
        421 => ("unknown_host", "This server does not answer to that host name."),
        422 => ("impossible_claim", "This cannot be."),
        429 => ("too_many_requests", "Too many requests. Slow down a little."),
        500 => ("internal", "Something went wrong on the server."),
        _ => ("refused", "This was refused."),
    };
    let errors = if status == 400 {
        json!([{"field": "title", "code": "too_long", "message": "At most 200 characters."}])
    } else {
        json!([])
    };
    json!({
        "statusCode": status, "data": null, "message": message, "success": false, "code": code, "errors": errors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_every_field_and_ends_where_a_schema_refers_to_itself() {
        let all = json!({
            "One": {"type": "object", "properties": {
                "_id": {"type": "string"}, "createdAt": {"type": ["string", "null"]}, "next": {"$ref": "#/x/One"},
            }},
        });
        let all = all.as_object().unwrap();
        let made = example(
            &json!({"allOf": [{"$ref": "#/x/One"}, {"type": "object", "properties": {"likes": {"type": "integer"}}}]}),
            all,
        );
        assert_eq!(made["_id"], ID);
        assert_eq!(made["createdAt"], TIME);
        assert_eq!(made["likes"], 1);
        assert_eq!(made["next"]["next"]["_id"], ID);
    }
}
