//! `/search`: finding by words.

use app::Viewer;
use app::search::filter::{Filter, Length, Order, Within};
use app::search::{Highlight, Hit, Kind, Request};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::text::Fault;
use model::{Millis, ObjectId, VideoId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::bodies::{OwnerBody, UserBody, VideoBody};
use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;

/// The most of one page.
const MOST: usize = 50;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, up to 200 characters; each may be the beginning of one.
    q: Option<String>,
    /// `videos`, `channels`, `tweets`, `captions`; when absent, a few of each.
    r#type: Option<String>,
    /// How many, 1 to 50; 20 when absent, 5 of each kind without `type`.
    limit: Option<String>,
    /// With `type`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
    /// With `type=videos`: only what was published in the last `day`, `week`, `month` or `year`.
    within: Option<String>,
    /// With `type=videos`: only what is `short` (under 4 minutes), `medium` (4 to 20) or `long`.
    length: Option<String>,
    /// With `type=videos`: `relevance` (when absent), `createdAt` or `views`, the most first.
    sort_by: Option<String>,
}

impl SearchQuery {
    fn filter(&self, fields: &mut app::Fields, kind: Option<Kind>) -> Filter {
        fn said(text: Option<&String>) -> Option<&str> {
            text.map(String::as_str).filter(|text| !text.is_empty())
        }
        let filter = Filter {
            within: fields.optional("within", said(self.within.as_ref()), Within::from_name),
            length: fields.optional("length", said(self.length.as_ref()), Length::from_name),
            order: fields
                .optional("sortBy", said(self.sort_by.as_ref()), Order::from_name)
                .unwrap_or_default(),
        };
        if !filter.is_none() && kind != Some(Kind::Videos) {
            let message = "Only videos have a length, an age and views to filter by.";
            fields.check::<()>("type", Err(Fault::new("not_videos", message)));
        }
        filter
    }
}

/// A text in which words were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HighlightBody {
    /// Of which field.
    #[schema(example = "title")]
    pub field: &'static str,
    /// The field as plain text, or a piece of it.
    pub text: String,
    /// Start and end of each word in `text`, in UTF-16 code units.
    #[schema(value_type = Vec<Vec<usize>>, example = json!([[0, 5]]))]
    pub ranges: Vec<(usize, usize)>,
}

impl From<Highlight> for HighlightBody {
    fn from(highlight: Highlight) -> Self {
        Self {
            field: highlight.field,
            text: highlight.text,
            ranges: highlight.ranges,
        }
    }
}

/// A video that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct VideoHitBody<'a> {
    /// The video.
    #[serde(flatten)]
    pub video: VideoBody<'a>,
    /// Where the words are.
    pub highlights: Vec<HighlightBody>,
}

/// A channel that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelHitBody<'a> {
    /// Whose.
    #[serde(flatten)]
    pub user: UserBody<'a>,
    /// How many follow it.
    pub subscribers_count: i64,
    /// Videos that lists show.
    pub videos_count: i64,
    /// Where the words are.
    pub highlights: Vec<HighlightBody>,
}

/// A tweet that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TweetHitBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: ObjectIdBody,
    /// What it says.
    pub content: &'a str,
    /// Whose.
    pub owner: OwnerBody<'a>,
    /// The video it is about, where everyone may find that.
    #[schema(value_type = Option<String>)]
    pub video: Option<VideoId>,
    /// The place in that video, seconds.
    pub video_at: Option<f64>,
    /// Likes.
    pub likes_count: i64,
    /// When it was posted.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When it was last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
    /// Where the words are.
    pub highlights: Vec<HighlightBody>,
}

/// A place in a video where something is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptionHitBody<'a> {
    /// The video.
    #[serde(flatten)]
    pub video: VideoBody<'a>,
    /// When it is said, seconds.
    pub at: f64,
    /// Until when, seconds.
    pub until: f64,
    /// What is said, as plain text.
    pub text: &'a str,
    /// Language of the track.
    pub language: &'a str,
    /// Where the words are.
    pub highlights: Vec<HighlightBody>,
}

/// An id of whatever kind, as 24 hex digits.
#[derive(Debug)]
pub struct ObjectIdBody(pub ObjectId);

impl Serialize for ObjectIdBody {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One thing that was found, in the form of its kind.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum HitBody<'a> {
    /// A video.
    Video(Box<VideoHitBody<'a>>),
    /// A channel.
    Channel(Box<ChannelHitBody<'a>>),
    /// A tweet.
    Tweet(Box<TweetHitBody<'a>>),
    /// A place in a video.
    Caption(Box<CaptionHitBody<'a>>),
}

/// A page of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchPageBody<'a> {
    /// Which kind.
    #[schema(example = "videos")]
    pub r#type: &'static str,
    /// Best first.
    pub items: Vec<HitBody<'a>>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<&'a str>,
    /// What was looked for in place of `q`, where words were mistyped.
    pub corrected_query: Option<&'a str>,
}

/// A few of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchBody<'a> {
    /// Videos, best first.
    #[schema(value_type = Vec<VideoHitBody>)]
    pub videos: Vec<HitBody<'a>>,
    /// Channels, best first.
    #[schema(value_type = Vec<ChannelHitBody>)]
    pub channels: Vec<HitBody<'a>>,
    /// Tweets, best first.
    #[schema(value_type = Vec<TweetHitBody>)]
    pub tweets: Vec<HitBody<'a>>,
    /// Places in videos, best first.
    #[schema(value_type = Vec<CaptionHitBody>)]
    pub captions: Vec<HitBody<'a>>,
    /// What was looked for in place of `q`, where words were mistyped.
    pub corrected_query: Option<&'a str>,
}

pub(crate) async fn search(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Problem> {
    let mut fields = app::Fields::default();
    let kind = match query.r#type.as_deref() {
        None | Some("") => None,
        Some(name) => fields.check(
            "type",
            Kind::from_name(name)
                .ok_or_else(|| Fault::new("unknown", "Search for videos, channels, tweets or captions.")),
        ),
    };
    let usual = if kind.is_none() { 5 } else { 20 };
    let limit = fields
        .check("limit", limit(query.limit.as_deref(), usual, MOST))
        .unwrap_or(usual);
    let filter = query.filter(&mut fields, kind);
    let request = fields.check("q", Request::new(query.q.as_deref(), limit));
    let Some(request) = request else {
        return Err(fields.into_error().into());
    };
    fields.done()?;
    let request = request.with(filter);
    let search = &web.app().search;
    let Some(kind) = kind else {
        let found = search.mixed(&request).await?;
        let [videos, channels, tweets, captions] = &found.hits;
        let body = SearchBody {
            videos: bodies(videos, &web, &viewer),
            channels: bodies(channels, &web, &viewer),
            tweets: bodies(tweets, &web, &viewer),
            captions: bodies(captions, &web, &viewer),
            corrected_query: found.corrected.as_deref(),
        };
        return answer::ok(&body, "Found");
    };
    let page = search.page(kind, &request, query.cursor.as_deref()).await?;
    let body = SearchPageBody {
        r#type: kind.name(),
        items: bodies(&page.hits, &web, &viewer),
        next_cursor: page.next_cursor.as_deref(),
        corrected_query: page.corrected.as_deref(),
    };
    answer::ok(&body, "Found")
}

/// A number from 1 to `most`.
pub(crate) fn limit(text: Option<&str>, usual: usize, most: usize) -> Result<usize, Fault> {
    match text {
        None | Some("") => Ok(usual),
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=most).contains(n))
            .ok_or_else(|| Fault::new("out_of_range", format!("A whole number from 1 to {most}."))),
    }
}

fn bodies<'a>(hits: &'a [Hit], web: &Web, viewer: &Viewer) -> Vec<HitBody<'a>> {
    hits.iter().map(|hit| body(hit, web, viewer)).collect()
}

fn body<'a>(hit: &'a Hit, web: &Web, viewer: &Viewer) -> HitBody<'a> {
    let playback = &web.app().playback;
    let marks = |highlights: &[Highlight]| highlights.iter().cloned().map(HighlightBody::from).collect();
    match hit {
        Hit::Video { video, highlights } => HitBody::Video(Box::new(VideoHitBody {
            video: VideoBody::listed(video, playback, viewer),
            highlights: marks(highlights),
        })),
        Hit::Channel { user, highlights } => HitBody::Channel(Box::new(ChannelHitBody {
            user: UserBody::public(user, playback),
            subscribers_count: user.subscribers_count,
            videos_count: user.listed_videos_count,
            highlights: marks(highlights),
        })),
        Hit::Tweet { tweet, highlights } => HitBody::Tweet(Box::new(TweetHitBody {
            id: ObjectIdBody(tweet.id),
            content: &tweet.content,
            owner: OwnerBody {
                id: tweet.owner_id,
                username: &tweet.owner.username,
                full_name: &tweet.owner.full_name,
                avatar: playback.avatar(tweet.owner_id, &tweet.owner.avatar_rev),
                subscribers_count: None,
                is_subscribed: None,
            },
            video: tweet.video_id,
            video_at: tweet.video_at_ms.map(seconds),
            likes_count: tweet.likes_count,
            created_at: tweet.created_at,
            updated_at: tweet.updated_at,
            highlights: marks(highlights),
        })),
        Hit::Caption {
            video,
            language,
            cue,
            highlights,
        } => HitBody::Caption(Box::new(CaptionHitBody {
            video: VideoBody::listed(video, playback, viewer),
            at: seconds(cue.0),
            until: seconds(cue.1),
            text: &cue.2,
            language,
            highlights: marks(highlights),
        })),
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
