//! How events travel between nodes: JSON, with ids as they are written everywhere.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use model::{ObjectId, UserId, VideoId};
use serde::{Deserialize, Serialize};

use crate::{Audience, Event};

/// The longest message that is taken from another node, in bytes.
pub(crate) const MOST_BYTES: usize = 64 * 1024;
/// Of these, what is left for the name by which the stream knows a message again.
const HEADER_BYTES: usize = 256;
/// Says that a node missed to tell of something, so that everybody has to look. Older releases pass it over.
pub(crate) const GAP: &[u8] = br#"{"gap":true}"#;
/// Different names of events that are remembered; the program has some dozens.
const MOST_KINDS: usize = 256;
/// The longest name of an event, in bytes.
const MOST_KIND_BYTES: usize = 64;

#[derive(Serialize, Deserialize)]
struct Message<'a> {
    kind: &'a str,
    #[serde(flatten)]
    audience: Whom,
    payload: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "camelCase")]
enum Whom {
    Everyone,
    User { user: String },
    Admins,
    Watchers { video: String, owner: Option<String> },
    Lost { video: String, owner: Option<String> },
    Subscribers { channel: String, post: String },
}

/// The event as a message; its id is given by the stream.
pub(crate) fn write(event: &Event) -> Option<Vec<u8>> {
    let video_of =
        |video: VideoId, owner: Option<UserId>| (video.to_string(), owner.map(|owner| owner.to_string()));
    let audience = match event.audience {
        Audience::Everyone => Whom::Everyone,
        Audience::User(user) => Whom::User {
            user: user.to_string(),
        },
        Audience::Admins => Whom::Admins,
        Audience::Watchers { video, owner } => {
            let (video, owner) = video_of(video, owner);
            Whom::Watchers { video, owner }
        }
        Audience::Lost { video, owner } => {
            let (video, owner) = video_of(video, owner);
            Whom::Lost { video, owner }
        }
        Audience::Subscribers { channel, post } => Whom::Subscribers {
            channel: channel.to_string(),
            post: post.to_string(),
        },
    };
    let message = Message {
        kind: event.kind,
        audience,
        payload: &event.payload,
    };
    serde_json::to_vec(&message)
        .ok()
        .filter(|bytes| bytes.len() <= MOST_BYTES - HEADER_BYTES)
}

/// The event that a message is; `None` where it is none, or one of a release that this one knows nothing of.
pub(crate) fn read(id: u64, bytes: &[u8]) -> Option<Event> {
    #[derive(Deserialize)]
    struct Read {
        kind: String,
        #[serde(flatten)]
        audience: Whom,
        payload: String,
    }
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let message: Read = serde_json::from_slice(bytes).ok()?;
    let user = |text: &str| text.parse::<ObjectId>().ok().map(UserId);
    let video_of = |video: &str, owner: Option<&str>| {
        let owner = match owner {
            Some(owner) => Some(user(owner)?),
            None => None,
        };
        Some((VideoId(video.parse().ok()?), owner))
    };
    let audience = match &message.audience {
        Whom::Everyone => Audience::Everyone,
        Whom::User { user: id } => Audience::User(user(id)?),
        Whom::Admins => Audience::Admins,
        Whom::Watchers { video, owner } => {
            let (video, owner) = video_of(video, owner.as_deref())?;
            Audience::Watchers { video, owner }
        }
        Whom::Lost { video, owner } => {
            let (video, owner) = video_of(video, owner.as_deref())?;
            Audience::Lost { video, owner }
        }
        Whom::Subscribers { channel, post } => Audience::Subscribers {
            channel: user(channel)?,
            post: post.parse().ok()?,
        },
    };
    Some(Event {
        id,
        kind: known(&message.kind)?,
        audience,
        payload: message.payload.into(),
    })
}

/// The name as one that lives as long as the program. Bounded, whatever other nodes say.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    static KNOWN: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    // A set of names is whole whatever happened while it was locked.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(found) = known.get(name) {
        return Some(found);
    }
    if known.len() >= MOST_KINDS || name.len() > MOST_KIND_BYTES {
        return None;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    known.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_audience_travels() {
        let (user, video, post) = (
            UserId(ObjectId([1; 12])),
            VideoId(ObjectId([2; 12])),
            ObjectId([3; 12]),
        );
        for audience in [
            Audience::Everyone,
            Audience::User(user),
            Audience::Admins,
            Audience::Watchers { video, owner: None },
            Audience::Lost {
                video,
                owner: Some(user),
            },
            Audience::Subscribers { channel: user, post },
        ] {
            let event = Event {
                id: 7,
                kind: "video.published",
                audience,
                payload: r#"{"a":"ä"}"#.into(),
            };
            assert_eq!(read(7, &write(&event).unwrap()), Some(event));
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        for bytes in [
            "",
            "{}",
            r#"{"kind":"a","to":"user","user":"no id","payload":"{}"}"#,
            r#"{"kind":"a","to":"someone else","payload":"{}"}"#,
        ] {
            assert_eq!(read(1, bytes.as_bytes()), None, "{bytes}");
        }
        assert_eq!(read(1, &vec![b' '; MOST_BYTES + 1]), None);
    }
}
