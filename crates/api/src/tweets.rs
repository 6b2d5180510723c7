//! `/tweets`: what channels say.

use app::pages::Position;
use app::playback::Playback;
use app::tweets::{Draft, Filter};
use app::{Actor, Fields, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::text::Fault;
use model::{Millis, TweetId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::tweets::TweetRow;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::bodies::OwnerBody;
use crate::extract::{Id, Json, Query};
use crate::pages::{self, CursorBody, PageBody, Params};
use crate::problem::Problem;
use crate::web::Web;

/// What a list of tweets may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct TweetsQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 10 when absent.
    limit: Option<String>,
    /// Words in the text.
    query: Option<String>,
    /// Only by this author.
    user_id: Option<String>,
    /// Only about this video.
    video_id: Option<String>,
    /// `createdAt`, `likesCount`.
    sort_by: Option<String>,
    /// `asc` or `desc`.
    sort_type: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What the tweets of one author may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct UserTweetsQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// A new tweet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddTweetRequest {
    /// 1 to 500 characters.
    content: Option<String>,
    /// The video it is about.
    video: Option<String>,
    /// The place in that, seconds from its start.
    video_at: Option<f64>,
}

/// Another text.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateTweetRequest {
    /// 1 to 500 characters.
    content: Option<String>,
}

/// A tweet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TweetBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: TweetId,
    /// As it was typed: text, never markup.
    pub content: &'a str,
    /// Whose.
    pub owner: OwnerBody<'a>,
    /// The video it is about; null where there is none that the caller may see.
    #[schema(value_type = Option<String>)]
    pub video: Option<VideoId>,
    /// The place in that, seconds from its start.
    pub video_at: Option<f64>,
    /// Likes.
    pub likes_count: i64,
    /// Whether the caller likes it.
    pub is_liked: bool,
    /// When it was written.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When its text last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
}

impl<'a> TweetBody<'a> {
    /// The use case has left out what the caller may not know of.
    pub(crate) fn new(row: &'a TweetRow, playback: &Playback) -> Self {
        Self {
            id: row.id,
            content: &row.content,
            owner: OwnerBody::beside(row.owner_id, &row.owner, playback),
            video: row.about.map(|about| about.id),
            video_at: row
                .about
                .and_then(|about| about.at_ms)
                .map(|ms| ms as f64 / 1000.0),
            likes_count: row.likes_count,
            is_liked: row.is_liked,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A page of tweets, by number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TweetPageBody<'a> {
    /// The page.
    #[serde(flatten)]
    pub page: PageBody<'a>,
    /// The same as `docs`.
    #[schema(value_type = Vec<TweetBody>)]
    pub tweets: &'a RawValue,
    /// The same as `totalDocs`.
    pub total_tweets: i64,
}

fn id_of<T: std::str::FromStr>(fields: &mut Fields, name: &'static str, text: Option<&str>) -> Option<T> {
    let text = text.filter(|text| !text.is_empty());
    fields.optional(name, text, |text| {
        text.parse()
            .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
    })
}

pub(crate) async fn list_tweets(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Query(query): Query<TweetsQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let params = Params {
        page: query.page.as_deref(),
        limit: query.limit.as_deref(),
        sort_by: query.sort_by.as_deref(),
        sort_type: query.sort_type.as_deref(),
        cursor: query.cursor.as_deref(),
    };
    let asked = params.check(&mut fields, 10, true);
    let filter = Filter {
        words: pages::words(&mut fields, query.query.as_deref()),
        user: id_of(&mut fields, "userId", query.user_id.as_deref()),
        video: id_of(&mut fields, "videoId", query.video_id.as_deref()),
    };
    fields.done()?;
    let found = web.app().tweets.list(filter, &asked, &viewer).await?;
    let playback = &web.app().playback;
    let items: Vec<_> = found
        .rows
        .iter()
        .map(|row| TweetBody::new(row, playback))
        .collect();
    let Position::Page(page) = asked.position else {
        let body = CursorBody {
            items: &items,
            next_cursor: found.next_cursor.as_deref(),
        };
        return answer::ok(&body, "Tweets");
    };
    let docs = pages::raw(&items)?;
    let body = TweetPageBody {
        page: PageBody::new(&docs, &found, page, asked.limit),
        tweets: &docs,
        total_tweets: found.total,
    };
    answer::ok(&body, "Tweets")
}

pub(crate) async fn list_user_tweets(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(user): Id<UserId>,
    Query(query): Query<UserTweetsQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let params = Params {
        page: query.page.as_deref(),
        limit: query.limit.as_deref(),
        cursor: query.cursor.as_deref(),
        ..Params::default()
    };
    let asked = params.check(&mut fields, 50, true);
    fields.done()?;
    let found = web.app().tweets.list_of(user, &asked, &viewer).await?;
    let playback = &web.app().playback;
    let items: Vec<_> = found
        .rows
        .iter()
        .map(|row| TweetBody::new(row, playback))
        .collect();
    if let Position::Cursor(_) = asked.position {
        let body = CursorBody {
            items: &items,
            next_cursor: found.next_cursor.as_deref(),
        };
        return answer::ok(&body, "Tweets");
    }
    answer::ok(&items, "Tweets")
}

pub(crate) async fn add_tweet(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<AddTweetRequest>,
) -> Result<Response, Problem> {
    let draft = Draft {
        content: body.content,
        video: body.video.filter(|video| !video.is_empty()),
        video_at: body.video_at,
    };
    let row = web.app().tweets.add(draft, &actor).await?;
    answer::created(&TweetBody::new(&row, &web.app().playback), "Tweet added")
}

pub(crate) async fn update_tweet(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<TweetId>,
    Json(body): Json<UpdateTweetRequest>,
) -> Result<Response, Problem> {
    let row = web
        .app()
        .tweets
        .update(id, body.content.as_deref(), &actor)
        .await?;
    answer::ok(&TweetBody::new(&row, &web.app().playback), "Tweet updated")
}

pub(crate) async fn remove_tweet(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<TweetId>,
) -> Result<Response, Problem> {
    web.app().tweets.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Tweet removed")
}
