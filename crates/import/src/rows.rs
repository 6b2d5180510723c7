//! What documents say, field by field, as far as they say it. Which of it keeps our rules is not asked here.

use bson::raw::RawDocument;
use model::likes::{Kind, Target};
use model::{Millis, ObjectId};

use crate::fields::Fields;
pub use crate::fields::Media;

/// The longest stretch in a video that a document is believed, in seconds.
const MOST_SECONDS: f64 = 1e7;
/// The most views that a document is believed.
const MOST_VIEWS: f64 = 1e12;

/// When a thing was made, and last changed. Where a document does not say so, its id does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub created_at: Millis,
    /// When it last changed; not before it was made.
    pub updated_at: Millis,
}

/// A document of any collection.
pub struct Row<'a> {
    /// Its id.
    pub id: ObjectId,
    /// When it was made and changed.
    pub times: Times,
    fields: Fields<'a>,
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What it says is somebody's own.
        f.debug_struct("Row")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why a document is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// The bytes are no BSON.
    NotBson,
    /// Its id is no ObjectId.
    NoId,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct User {
    pub username: Option<String>,
    pub email: Option<String>,
    pub full_name: Option<String>,
    pub bio: Option<String>,
    pub avatar: Option<Media>,
    pub cover: Option<Media>,
    pub password_hash: Option<String>,
    /// Videos in the order in which they were watched, the last one last.
    pub watched: Vec<ObjectId>,
}

/// A video.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Video {
    pub owner: Option<ObjectId>,
    /// The best there is of it.
    pub file: Option<Media>,
    pub thumbnail: Option<Media>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub tags: Vec<String>,
    /// How long it is, in milliseconds; 0: not known.
    pub duration_ms: i64,
    pub views: i64,
    pub published: bool,
}

/// A comment under a video.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Comment {
    pub content: Option<String>,
    pub video: Option<ObjectId>,
    pub owner: Option<ObjectId>,
    /// The comment that it answers.
    pub parent: Option<ObjectId>,
}

/// A tweet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Tweet {
    pub content: Option<String>,
    pub owner: Option<ObjectId>,
    pub video: Option<ObjectId>,
}

/// A like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Like {
    pub target: Option<Target>,
    pub by: Option<ObjectId>,
}

/// Somebody's following of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Subscription {
    pub subscriber: Option<ObjectId>,
    pub channel: Option<ObjectId>,
}

/// A playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called as its field")]
pub struct Playlist {
    pub name: Option<String>,
    pub description: Option<String>,
    pub owner: Option<ObjectId>,
    pub videos: Vec<ObjectId>,
    /// How many of its entries are no ids.
    pub unreadable: u64,
    /// `None`: it does not say.
    pub public: Option<bool>,
}

impl<'a> Row<'a> {
    /// Reads the bytes of a document.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let document = RawDocument::from_bytes(bytes).map_err(|_| Unreadable::NotBson)?;
        let fields = Fields::read(document).ok_or(Unreadable::NotBson)?;
        let id = fields.id(&["_id"]).ok_or(Unreadable::NoId)?;
        let created_at = fields
            .time(&["createdAt", "created_at"])
            .unwrap_or_else(|| id.made_at());
        let updated_at = fields.time(&["updatedAt", "updated_at"]).unwrap_or(created_at);
        let times = Times {
            created_at,
            updated_at: updated_at.max(created_at),
        };
        Ok(Self { id, times, fields })
    }

    /// As a person.
    pub fn user(&self) -> User {
        let f = &self.fields;
        User {
            username: f.text(&["username", "userName"]),
            email: f.text(&["email"]),
            full_name: f.text(&["fullName", "fullname", "full_name", "name"]),
            bio: f.text(&["bio", "description", "about"]),
            avatar: f.media(&["avatar", "avatarUrl"]),
            cover: f.media(&["coverImage", "cover", "coverimage"]),
            password_hash: f.text(&["password", "passwordHash"]),
            watched: f.ids(&["watchHistory", "watchhistory"]).0,
        }
    }

    /// As a video.
    pub fn video(&self) -> Video {
        let f = &self.fields;
        let duration_s = f.number(&["duration"]).unwrap_or(0.0).clamp(0.0, MOST_SECONDS);
        Video {
            owner: f.id(&["owner", "user", "uploadedBy"]),
            file: f.media(&["videoFile", "videoFiles", "videofile", "video", "videoUrl"]),
            thumbnail: f.media(&["thumbnail", "thumbnails", "thumbnailUrl"]),
            title: f.text(&["title"]),
            description: f.text(&["description"]),
            tags: f.words(&["tags"]),
            duration_ms: (duration_s * 1000.0).round() as i64,
            views: f.number(&["views"]).unwrap_or(0.0).clamp(0.0, MOST_VIEWS) as i64,
            // What does not say that everyone may see it is not shown to everyone; the schema's own default is true.
            published: match f.get(&["isPublished", "ispublished"]) {
                None => true,
                Some(_) => f.truth(&["isPublished", "ispublished"]) == Some(true),
            },
        }
    }

    /// As a comment.
    pub fn comment(&self) -> Comment {
        let f = &self.fields;
        Comment {
            content: f.text(&["content", "text"]),
            video: f.id(&["video", "videoId"]),
            owner: f.id(&["owner", "user"]),
            parent: f.id(&["parent", "parentComment", "parentId", "replyTo"]),
        }
    }

    /// As a tweet.
    pub fn tweet(&self) -> Tweet {
        let f = &self.fields;
        Tweet {
            content: f.text(&["content", "text"]),
            owner: f.id(&["owner", "user"]),
            video: f.id(&["video"]),
        }
    }

    /// As a like.
    pub fn like(&self) -> Like {
        let f = &self.fields;
        let target = [
            (Kind::Video, "video"),
            (Kind::Comment, "comment"),
            (Kind::Tweet, "tweet"),
        ];
        Like {
            target: target
                .into_iter()
                .find_map(|(kind, name)| f.id(&[name]).map(|id| Target::new(kind, id))),
            by: f.id(&["likedBy", "likedby", "user"]),
        }
    }

    /// As a subscription.
    pub fn subscription(&self) -> Subscription {
        Subscription {
            subscriber: self.fields.id(&["subscriber"]),
            channel: self.fields.id(&["channel"]),
        }
    }

    /// As a playlist.
    pub fn playlist(&self) -> Playlist {
        let f = &self.fields;
        let (videos, unreadable) = f.ids(&["videos"]);
        Playlist {
            name: f.text(&["name", "title"]),
            description: f.text(&["description"]),
            owner: f.id(&["owner", "user"]),
            videos,
            unreadable,
            public: f
                .truth(&["isPublic", "ispublic"])
                .or_else(|| f.truth(&["isPrivate"]).map(|private| !private)),
        }
    }
}
