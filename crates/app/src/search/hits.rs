//! What was found: how it is weighed, and what of it is marked.

use std::collections::HashMap;

use model::search::{Field, Wanted, bonus, ranges, relevance, snippet};
use model::{Millis, ObjectId, VideoId};
use store::search::{captions, tweets, videos};
use store::users::UserRow;
use store::videos::VideoRow;

/// About how much of a description is shown, in characters.
const SNIPPET_CHARS: usize = 160;

/// A text in which words were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// Of which field of the thing.
    pub field: &'static str,
    /// The field, or a piece of it.
    pub text: String,
    /// Start and end of each word in that text, in UTF-16 code units.
    pub ranges: Vec<(usize, usize)>,
}

/// One thing that was found.
#[derive(Debug)]
pub enum Hit {
    /// A video.
    Video {
        /// The video.
        video: Box<VideoRow>,
        /// Where the words are.
        highlights: Vec<Highlight>,
    },
    /// A channel.
    Channel {
        /// Whose.
        user: Box<UserRow>,
        /// Where the words are.
        highlights: Vec<Highlight>,
    },
    /// A tweet.
    Tweet {
        /// The tweet.
        tweet: Box<tweets::Candidate>,
        /// Where the words are.
        highlights: Vec<Highlight>,
    },
    /// A place in a video where something is said.
    Caption {
        /// The video.
        video: Box<VideoRow>,
        /// Language of the track.
        language: String,
        /// When it is said, and until when, milliseconds; and what.
        cue: captions::Cue,
        /// Where the words are.
        highlights: Vec<Highlight>,
    },
}

/// A candidate with its weight.
#[derive(Debug)]
pub(super) struct Scored {
    /// In millionths.
    pub(super) weight: i64,
    pub(super) id: ObjectId,
    pub(super) found: Found,
}

/// What a candidate is, as far as it is kept until the page is cut.
#[derive(Debug)]
pub(super) enum Found {
    Video(VideoId),
    Channel(Box<UserRow>),
    Tweet(Box<tweets::Candidate>),
    Caption {
        video: VideoId,
        language: String,
        cue: captions::Cue,
    },
}

fn millionths(weight: f64) -> i64 {
    (weight * 1e6).round() as i64
}

const fn field(text: &str, weight: f64, usual_words: f64) -> Field<'_> {
    Field {
        text,
        weight,
        usual_words,
    }
}

pub(super) fn weigh_video(video: &videos::Candidate, wanted: &[Wanted], now: Millis) -> Scored {
    let fields = [
        field(&video.title, 8.0, 8.0),
        field(&video.tags, 4.0, 6.0),
        field(&video.description, 1.0, 60.0),
    ];
    let popularity = video.views.saturating_add(video.likes.saturating_mul(4));
    let weight = relevance(wanted, &fields) + bonus(popularity, now.since(video.published_at));
    Scored {
        weight: millionths(weight),
        id: video.id.0,
        found: Found::Video(video.id),
    }
}

pub(super) fn weigh_channel(user: UserRow, wanted: &[Wanted]) -> Scored {
    let fields = [
        field(&user.username, 8.0, 2.0),
        field(&user.full_name, 8.0, 3.0),
        field(&user.bio, 1.0, 30.0),
    ];
    let popularity = user.subscribers_count.saturating_add(user.listed_videos_count);
    // When somebody registered says nothing about their channel.
    let weight = relevance(wanted, &fields) + bonus(popularity, i64::MAX);
    Scored {
        weight: millionths(weight),
        id: user.id.0,
        found: Found::Channel(Box::new(user)),
    }
}

pub(super) fn weigh_tweet(tweet: tweets::Candidate, wanted: &[Wanted], now: Millis) -> Scored {
    let weight = relevance(wanted, &[field(&tweet.content, 4.0, 20.0)])
        + bonus(tweet.likes_count, now.since(tweet.created_at));
    Scored {
        weight: millionths(weight),
        id: tweet.id,
        found: Found::Tweet(Box::new(tweet)),
    }
}

/// A passage answers to all words together; what is shown is its best cue.
pub(super) fn weigh_passage(passage: captions::Candidate, wanted: &[Wanted], now: Millis) -> Option<Scored> {
    let text: Vec<&str> = passage.cues.iter().map(|(_, _, words)| words.as_str()).collect();
    let whole = relevance(wanted, &[field(&text.join(" "), 4.0, 80.0)]);
    let (part, cue) = passage
        .cues
        .into_iter()
        .map(|cue| {
            let part = relevance(wanted, &[field(&cue.2, 4.0, 8.0)]);
            (millionths(part), cue)
        })
        .max_by_key(|(part, cue)| (*part, std::cmp::Reverse(cue.0)))?;
    // Half for the cue, so that words that stand together go before words that merely stand near.
    let weight = whole / 2.0 + bonus(passage.views, now.since(passage.published_at));
    Some(Scored {
        weight: millionths(weight) + part / 2,
        id: passage.video_id.0,
        found: Found::Caption {
            video: passage.video_id,
            language: passage.language,
            cue,
        },
    })
}

/// Of several places in one video the best; of equals the earliest.
pub(super) fn best_of_each(all: impl Iterator<Item = Scored>) -> Vec<Scored> {
    let place = |scored: &Scored| match &scored.found {
        Found::Caption { cue, .. } => cue.0,
        _ => 0,
    };
    let mut best: HashMap<ObjectId, Scored> = HashMap::new();
    for scored in all {
        match best.get(&scored.id) {
            Some(known)
                if (known.weight, std::cmp::Reverse(place(known)))
                    >= (scored.weight, std::cmp::Reverse(place(&scored))) => {}
            _ => {
                best.insert(scored.id, scored);
            }
        }
    }
    best.into_values().collect()
}

/// What is shown of it; `video` is there for what is one or is in one.
pub(super) fn show(found: Found, video: Option<VideoRow>, words: &[String]) -> Option<Hit> {
    Some(match found {
        Found::Video(_) => {
            let video = video?;
            let mut highlights: Vec<Highlight> = mark("title", &video.title, words).into_iter().collect();
            highlights.extend(video.tags.iter().filter_map(|tag| mark("tags", tag, words)));
            highlights.extend(
                snippet(&video.description, words, SNIPPET_CHARS)
                    .and_then(|piece| mark("description", &piece, words)),
            );
            Hit::Video {
                video: Box::new(video),
                highlights,
            }
        }
        Found::Channel(user) => {
            let mut highlights: Vec<Highlight> = [
                mark("username", &user.username, words),
                mark("fullName", &user.full_name, words),
            ]
            .into_iter()
            .flatten()
            .collect();
            highlights.extend(
                snippet(&user.bio, words, SNIPPET_CHARS).and_then(|piece| mark("bio", &piece, words)),
            );
            Hit::Channel { user, highlights }
        }
        Found::Tweet(tweet) => Hit::Tweet {
            highlights: mark("content", &tweet.content, words).into_iter().collect(),
            tweet,
        },
        Found::Caption { language, cue, .. } => Hit::Caption {
            video: Box::new(video?),
            highlights: mark("text", &cue.2, words).into_iter().collect(),
            language,
            cue,
        },
    })
}

fn mark(field: &'static str, text: &str, words: &[String]) -> Option<Highlight> {
    let ranges = ranges(text, words);
    (!ranges.is_empty()).then(|| Highlight {
        field,
        text: text.to_owned(),
        ranges,
    })
}
