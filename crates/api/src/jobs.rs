//! `/jobs` and `/admin/jobs`: background work, looked at and steered.

use app::queue::{By, Page, Queued};
use app::{Actor, Fields};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::jobs::{JobState, Urgency};
use model::text::Fault;
use model::{JobId, Millis, UserId, VideoId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::extract::{Id, Json, Query};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// One piece of background work.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "65f1c0ffee0123456789abcd")]
    id: JobId,
    /// What is done: `process_video`, `remove_objects`, …
    #[schema(example = "process_video")]
    kind: &'a str,
    /// `queued`, `running`, `done`, `dead`, `cancelled`.
    #[schema(value_type = String, example = "running")]
    state: JobState,
    /// The video that it is about.
    #[schema(value_type = Option<String>)]
    video: Option<VideoId>,
    /// Who waits for it.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// `urgent`, `normal` or `low`.
    #[schema(value_type = String, example = "normal")]
    priority: Urgency,
    /// How often it was started.
    attempts: i64,
    /// 0 to 1.
    progress: f64,
    /// What it is doing, in a word or two.
    step: Option<&'a str>,
    /// Seconds that are left, at the present pace; null until that can be told.
    eta_seconds: Option<i64>,
    /// Why the last attempt ended, when not well.
    last_error: Option<&'a str>,
    /// The same in more detail; only to admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// When it was asked for.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    created_at: Millis,
    /// When something about it last changed.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    updated_at: Millis,
    /// When the present or last run began.
    #[schema(value_type = Option<String>, example = "2026-01-31T12:00:00.000Z")]
    started_at: Option<Millis>,
    /// Not before.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    run_at: Millis,
    /// Of a queued job: at most this many starts away. Null when it stands far back, and when it does not wait.
    queue_position: Option<i64>,
}

impl<'a> JobBody<'a> {
    fn of(queued: &'a Queued, actor: &Actor) -> Self {
        let job = &queued.job;
        Self {
            id: job.id,
            kind: &job.kind,
            state: job.state,
            video: job.subject_id.map(VideoId),
            user: job.user_id,
            priority: job.urgency,
            attempts: job.attempts,
            progress: job.progress,
            step: Some(job.step.as_str()).filter(|step| !step.is_empty()),
            eta_seconds: job.eta_s,
            last_error: job.last_error.as_deref(),
            detail: job.detail.as_deref().filter(|_| actor.is_admin()),
            created_at: job.created_at,
            updated_at: job.updated_at,
            started_at: job.started_at,
            run_at: job.run_at,
            queue_position: queued.position,
        }
    }
}

/// A page of jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobPageBody<'a> {
    items: Vec<JobBody<'a>>,
    /// Where the next page begins; null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<JobId>,
}

/// Which of one's jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobsQuery {
    /// `queued`, `running`, `done`, `dead`, `cancelled`; any when absent.
    state: Option<String>,
    /// How many, 1 to 100; 20 when absent.
    limit: Option<String>,
    /// Empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// Which of everyone's jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AllJobsQuery {
    /// `queued`, `running`, `done`, `dead`, `cancelled`; any when absent.
    state: Option<String>,
    /// Only of this user.
    user_id: Option<String>,
    /// How many, 1 to 100; 20 when absent.
    limit: Option<String>,
    /// Empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What to change about a job.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateJobRequest {
    /// `urgent`, `normal` or `low`; holds for all work on the same video.
    priority: Option<String>,
}

fn malformed() -> Fault {
    Fault::new("malformed", "Ids are 24 hex digits.")
}

async fn page(web: &Web, actor: &Actor, user: Option<UserId>, query: JobsQuery) -> Result<Page, Problem> {
    let mut fields = Fields::default();
    let state = fields.optional(
        "state",
        query.state.as_deref().filter(|s| !s.is_empty()),
        |name| {
            JobState::from_name(name).ok_or_else(|| {
                let message = "The state is queued, running, done, dead or cancelled.";
                Fault::new("unknown", message)
            })
        },
    );
    let limit = fields.optional(
        "limit",
        query.limit.as_deref().filter(|s| !s.is_empty()),
        |text| {
            let within = text.parse().ok().filter(|limit| (1..=100).contains(limit));
            within.ok_or_else(|| Fault::new("out_of_range", "A whole number from 1 to 100."))
        },
    );
    let before = fields.optional(
        "cursor",
        query.cursor.as_deref().filter(|s| !s.is_empty()),
        |text| {
            let message = "This is not a cursor of this list.";
            text.parse::<JobId>()
                .map_err(|_| Fault::new("malformed", message))
        },
    );
    fields.done()?;
    let queue = &web.app().queue;
    Ok(queue
        .list(By::Actor(actor), user, state, before, limit.unwrap_or(20))
        .await?)
}

fn answer_page(page: &Page, actor: &Actor) -> Result<Response, Problem> {
    let body = JobPageBody {
        items: page.jobs.iter().map(|job| JobBody::of(job, actor)).collect(),
        next_cursor: page.next,
    };
    answer::ok(&body, "Jobs")
}

pub(crate) async fn list_jobs(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<JobsQuery>,
) -> Result<Response, Problem> {
    let page = page(&web, &actor, Some(actor.user_id), query).await?;
    answer_page(&page, &actor)
}

pub(crate) async fn list_all_jobs(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<AllJobsQuery>,
) -> Result<Response, Problem> {
    let user = match query.user_id.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let user = text
                .parse()
                .map_err(|_| app::Error::field("userId", malformed()))?;
            Some(user)
        }
    };
    let query = JobsQuery {
        state: query.state,
        limit: query.limit,
        cursor: query.cursor,
    };
    let page = page(&web, &actor, user, query).await?;
    answer_page(&page, &actor)
}

pub(crate) async fn get_job(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    let job = web.app().queue.find(By::Actor(&actor), id).await?;
    answer::ok(&JobBody::of(&job, &actor), "Job")
}

pub(crate) async fn cancel_job(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    let job = web.app().queue.cancel(By::Actor(&actor), id).await?;
    answer::ok(&JobBody::of(&job, &actor), "Job cancelled")
}

pub(crate) async fn retry_job(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    let job = web.app().queue.retry(By::Actor(&actor), id).await?;
    answer::ok(&JobBody::of(&job, &actor), "Trying again")
}

pub(crate) async fn update_job(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<JobId>,
    Json(body): Json<UpdateJobRequest>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let urgency = fields.require("priority", body.priority.as_deref(), |name| {
        let message = "The priority is urgent, normal or low.";
        Urgency::from_name(name).ok_or_else(|| Fault::new("unknown", message))
    });
    let Some(urgency) = urgency else {
        return Err(fields.into_error().into());
    };
    let queue = &web.app().queue;
    let job = queue.prioritise(By::Actor(&actor), id, urgency).await?;
    answer::ok(&JobBody::of(&job, &actor), "Job updated")
}

pub(crate) async fn cancel_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().queue.cancel_video(&actor, id).await?;
    answer::ok(
        &shown::video(&web, &video, &Some(actor)).await?,
        "Processing cancelled",
    )
}
