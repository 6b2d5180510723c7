//! The objects of the contract, as words: `title:text duration:num owner:owner`. A word without a colon stands
//! for all fields of the object of that name; a later field takes the place of an earlier one.

use std::collections::BTreeMap;

use serde_json::Value;

/// Section 1 of the contract, and the answers that later sections give forms of their own.
///
/// `id` is 24 hex digits, `time` ISO 8601 in milliseconds and UTC, `url` an absolute address, `num` any number and
/// `int` a whole one, `empty` an empty list; `?` allows null; `[x]` is a list of `x`, and not an empty one.
const OBJECTS: &[(&str, &str)] = &[
    (
        "user",
        "_id:id username:text fullName:text avatar:url coverImage:text bio:text createdAt:time updatedAt:time",
    ),
    ("self", "user email:text role:text watchHistory:empty"),
    (
        "channel",
        "user subscribersCount:int channelsSubscribedToCount:int channelSubscribedToCount:int videosCount:int \
         totalViews:int isSubscribed:flag",
    ),
    ("tokens", "user:self accessToken:text refreshToken:text"),
    (
        "session",
        "_id:id device:text current:flag createdAt:time lastUsedAt:time expiresAt:time",
    ),
    ("owner", "_id:id username:text fullName:text avatar:url"),
    ("single owner", "owner subscribersCount:int isSubscribed:flag"),
    (
        "video",
        "_id:id title:text description:text tags:list visibility:text isPublished:flag status:text \
         statusReason:text? progress:num duration:num width:int height:int videoFile:url? hls:url? dash:url? \
         thumbnail:url? storyboard:url? captions:list views:int likesCount:int commentsCount:int owner:owner \
         isLiked:flag createdAt:time updatedAt:time publishedAt:time?",
    ),
    // As somebody sees it who is signed in, and as its owner does.
    ("seen video", "video resumeAt:num"),
    ("own video", "seen_video"),
    ("single video", "video owner:single_owner"),
    ("single seen video", "video resumeAt:num owner:single_owner"),
    ("single own video", "own_video owner:single_owner"),
    ("caption", "language:text label:text url:url"),
    (
        "comment",
        "_id:id content:text video:id owner:owner parent:id? likesCount:int isLiked:flag repliesCount:int \
         editedAt:time? createdAt:time updatedAt:time",
    ),
    (
        "tweet",
        "_id:id content:text owner:owner video:id? videoAt:num? likesCount:int isLiked:flag createdAt:time \
         updatedAt:time",
    ),
    (
        "playlist",
        "_id:id name:text description:text visibility:text owner:owner videos:list totalVideos:int \
         totalViews:int totalDuration:num thumbnail:url? createdAt:time updatedAt:time",
    ),
    (
        "playback",
        "hls:url? dash:url? videoFile:url? renditions:[rendition] captions:list storyboard:url? chapters:list \
         expiresAt:time?",
    ),
    (
        "rendition",
        "name:text width:int height:int bitrate:int codecs:text size:int",
    ),
    (
        "like",
        "_id:id? likedBy:id liked:flag isLiked:flag likesCount:int",
    ),
    (
        "standing",
        "subscribed:flag isSubscribed:flag subscribersCount:int",
    ),
];

/// Fields that we added to objects of the contract, and why. Front ends of the family pass over what they do not
/// know; whoever looks for a reason why an answer has more than the contract says finds it here.
const ADDED: &[(&str, &str, &str)] = &[
    (
        "self",
        "subscriptionsHidden:flag",
        "the setting that the 403 of others' subscriptions goes by has to be shown to whoever sets it",
    ),
    (
        "own video",
        "keepOriginal:flag",
        "whether the uploaded file stays is the owner's to say, so they are shown what holds",
    ),
    (
        "comment",
        "isPinned:flag",
        "the contract has pinning, and a front end has to show which comment it is",
    ),
    (
        "playlist",
        "nextCursor:text?",
        "a long playlist is read part by part, and this says where its next part begins",
    ),
    (
        "playback",
        "chaptersFile:url?",
        "players take chapters as a WebVTT track, not as a list",
    ),
    (
        "rendition",
        "download:url",
        "the address that saves a rendition as a file; the contract has no call for that",
    ),
];

/// Fields that stand only where they say something, with where they are tested: no object here has them.
///
/// `totalIsEstimate` (the contract's own, of totals above 10,000), `duplicateOf` of a second upload of the same
/// bytes, `original` in the owner's playback while the file is kept.
const ONLY_SOMETIMES: [&str; 3] = ["totalIsEstimate", "duplicateOf", "original"];

fn object(name: &str) -> Option<BTreeMap<String, String>> {
    let (_, text) = OBJECTS.iter().find(|(known, _)| *known == name)?;
    let mut fields = fields(text);
    for (_, added, _) in ADDED.iter().filter(|(known, _, _)| *known == name) {
        fields.extend(self::fields(added));
    }
    Some(fields)
}

/// The fields of a shape: what they are called, and what they hold.
fn fields(shape: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for word in shape.split_whitespace() {
        match word.split_once(':') {
            Some((name, kind)) => {
                all.insert(name.to_owned(), kind.to_owned());
            }
            None => all.extend(
                object(&word.replace('_', " "))
                    .unwrap_or_else(|| panic!("the contract has no object {word}")),
            ),
        }
    }
    all
}

/// Asserts that an object has exactly the fields of a shape, each of its type.
#[track_caller]
pub(super) fn assert_shape(value: &Value, shape: &str, what: &str) {
    let expected = fields(shape);
    let found = value
        .as_object()
        .unwrap_or_else(|| panic!("{what}: no object: {value}"));
    let missing: Vec<&String> = expected
        .keys()
        .filter(|name| !found.contains_key(*name))
        .collect();
    let unknown: Vec<&String> = found
        .keys()
        .filter(|name| !expected.contains_key(*name))
        .collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{what}: missing {missing:?}, not in the contract {unknown:?}, in {value}"
    );
    for (name, kind) in &expected {
        assert_kind(&found[name], kind, &format!("{what}: {name}"));
    }
}

#[track_caller]
fn assert_kind(value: &Value, kind: &str, what: &str) {
    if let Some(kind) = kind.strip_suffix('?') {
        if !value.is_null() {
            assert_kind(value, kind, what);
        }
        return;
    }
    if let Some(item) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        let items = value
            .as_array()
            .unwrap_or_else(|| panic!("{what}: no list: {value}"));
        assert!(!items.is_empty(), "{what}: nothing to compare");
        for value in items {
            assert_kind(value, item, what);
        }
        return;
    }
    let text = value.as_str();
    let fits = match kind {
        "any" => true,
        "id" => text.is_some_and(|id| id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit())),
        "text" => text.is_some(),
        "url" => text.is_some_and(|url| url.starts_with("http://127.0.0.1:")),
        "time" => text.is_some_and(is_time),
        "int" => value.is_i64() || value.is_u64(),
        "num" => value.is_number(),
        "flag" => value.is_boolean(),
        "list" => value.is_array(),
        "empty" => value.as_array().is_some_and(Vec::is_empty),
        object => return assert_shape(value, object, what),
    };
    assert!(fits, "{what}: not {kind}: {value}");
}

/// `2026-01-31T12:00:00.000Z`
fn is_time(text: &str) -> bool {
    const FORM: &str = "dddd-dd-ddTdd:dd:dd.dddZ";
    text.len() == FORM.len()
        && text.bytes().zip(FORM.bytes()).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[test]
fn what_was_added_to_the_contract_has_a_reason() {
    for (object, added, reason) in ADDED {
        let (_, own) = OBJECTS
            .iter()
            .find(|(known, _)| known == object)
            .unwrap_or_else(|| panic!("no object {object}"));
        for name in fields(added).keys() {
            assert!(
                !fields(own).contains_key(name),
                "{name} of {object} is the contract's own"
            );
            assert!(!ONLY_SOMETIMES.contains(&name.as_str()), "{name} is always there");
        }
        assert!(reason.len() > 20, "{object}: {added}");
    }
}

#[test]
#[should_panic(expected = "not in the contract [\"b\"]")]
fn a_field_too_many_is_noticed() {
    assert_shape(&serde_json::json!({"a": 1, "b": 2}), "a:int", "a test");
}

#[test]
#[should_panic(expected = "a: not int: 1.5")]
fn a_field_of_another_type_is_noticed() {
    assert_shape(&serde_json::json!({"a": 1.5}), "a:int", "a test");
}
