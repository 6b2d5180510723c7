//! `/reports` and `/admin`: what is reported, taken down and written down. Accounts are in [`users`].

pub mod users;

use app::lists::Slice;
use app::moderation::reports::{self as rules, Complaint, Filter, Verdict};
use app::moderation::subjects::{Subject, Told};
use app::{Actor, Fields};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::moderation::{Kind, Reason, ReportState, Target};
use model::{AuditId, Millis, ObjectId, ReportId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::reports::ReportRow;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::arrays::{self, CursorQuery};
use crate::extract::{Id, Ids, Json, Query};
use crate::problem::Problem;
use crate::web::Web;

/// What is wrong with what.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportRequest {
    /// `video`, `comment`, `tweet`, `user` or `playlist`.
    #[schema(example = "comment")]
    kind: Option<String>,
    /// Which: 24 hex digits.
    id: Option<String>,
    /// `spam`, `harassment`, `hate`, `violence`, `sexual`, `childSafety`, `selfHarm`, `misinformation`,
    /// `copyright`, `privacy`, `impersonation`, `illegal` or `other`.
    #[schema(example = "spam")]
    reason: Option<String>,
    /// The same in words, up to 2,000 characters.
    text: Option<String>,
}

/// A report as whoever wrote it sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: ReportId,
    /// `video`, `comment`, `tweet`, `user`, `playlist`.
    #[schema(value_type = String, example = "comment")]
    pub kind: Kind,
    /// Which.
    #[schema(value_type = String)]
    pub target: ObjectId,
    /// What is wrong.
    #[schema(value_type = String, example = "spam")]
    pub reason: Reason,
    /// The same in words.
    pub text: &'a str,
    /// `open` or `closed`.
    #[schema(value_type = String, example = "open")]
    pub state: ReportState,
    /// When it was written.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

/// A report as moderators see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HandledReportBody<'a> {
    /// The report.
    #[serde(flatten)]
    pub report: ReportBody<'a>,
    /// Who wrote it.
    pub reporter: PersonBody<'a>,
    /// What it is about is taken down.
    pub taken_down: bool,
    /// What it is about, to judge it by; null where that is gone, or private by now and not for moderators.
    pub about: Option<ReportedBody<'a>>,
    /// What the moderator wrote who changed it last.
    pub note: &'a str,
    /// Who that was.
    #[schema(value_type = Option<String>)]
    pub handled_by: Option<UserId>,
    /// When it last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
}

/// What a report is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedBody<'a> {
    /// Its title, name or words; of long ones the first 500 characters.
    pub text: &'a str,
    /// The handle of whose it is.
    pub owner: Option<&'a str>,
    /// The video that it is, or that it stands under or is about.
    #[schema(value_type = Option<String>)]
    pub video: Option<VideoId>,
}

/// What an act is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectBody<'a> {
    /// `video`, `comment`, `tweet`, `user`, `playlist`.
    #[schema(value_type = String, example = "comment")]
    pub kind: Kind,
    /// Which: 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: ObjectId,
    /// Its title, name or text; of a long text the beginning.
    pub text: &'a str,
    /// The handle of whose it is.
    pub owner: Option<&'a str>,
    /// The video that it is, or that it stands under or is about.
    #[schema(value_type = Option<String>)]
    pub video: Option<VideoId>,
}

impl<'a> SubjectBody<'a> {
    fn of(Subject { target, row }: &'a Subject) -> Self {
        Self {
            kind: target.kind,
            id: target.id,
            text: &row.words,
            owner: Some(&row.owner),
            video: row.video_id,
        }
    }
}

/// Somebody in a list for moderators.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: UserId,
    /// Handle; null when they have left.
    pub username: Option<&'a str>,
}

impl<'a> ReportBody<'a> {
    fn of(row: &'a ReportRow) -> Self {
        Self {
            id: row.id,
            kind: row.target.kind,
            target: row.target.id,
            reason: row.reason,
            text: &row.text,
            state: row.state,
            created_at: row.created_at,
        }
    }
}

impl<'a> HandledReportBody<'a> {
    fn of(row: &'a ReportRow) -> Self {
        Self {
            report: ReportBody::of(row),
            reporter: PersonBody {
                id: row.reporter_id,
                username: row.reporter.as_deref(),
            },
            taken_down: row.taken_down,
            about: row.about.as_ref().map(|about| ReportedBody {
                text: &about.text,
                owner: about.owner.as_deref(),
                video: about.video,
            }),
            note: &row.note,
            handled_by: row.handled_by,
            updated_at: row.updated_at,
        }
    }
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ReportsQuery {
    /// `open` (when absent) or `closed`.
    state: Option<String>,
    /// Only about `video`, `comment`, `tweet`, `user` or `playlist`.
    kind: Option<String>,
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// Absent or empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What a moderator says to a report; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateReportRequest {
    /// `open` or `closed`.
    state: Option<String>,
    /// For other moderators, up to 500 characters.
    note: Option<String>,
}

/// Why something is taken down.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TakedownRequest {
    /// For its owner, 1 to 500 characters.
    reason: Option<String>,
}

/// How a thing stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakedownBody<'a> {
    /// `video`, `comment`, `tweet`, `playlist`.
    #[schema(value_type = String, example = "video")]
    pub kind: Kind,
    /// Which.
    #[schema(value_type = String)]
    pub target: ObjectId,
    /// It is taken down.
    pub taken_down: bool,
    /// Why.
    pub reason: Option<&'a str>,
    /// Since when.
    #[schema(value_type = Option<String>)]
    pub taken_down_at: Option<Millis>,
}

/// Something that a moderator or admin did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: AuditId,
    /// Who; null: the command line.
    pub actor: Option<PersonBody<'a>>,
    /// What: `user.set_role`, `content.take_down`, …
    #[schema(example = "content.take_down")]
    pub act: &'a str,
    /// To what: `video`, `comment`, `tweet`, `user`, `playlist`, `report`.
    #[schema(value_type = Option<String>, example = "video")]
    pub kind: Option<Kind>,
    /// To which.
    #[schema(value_type = String)]
    pub target: ObjectId,
    /// What that is, of a report what it is about; null when it is gone.
    pub about: Option<SubjectBody<'a>>,
    /// What else there is to say.
    pub note: &'a str,
    /// When.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

impl<'a> AuditBody<'a> {
    fn of(Told { act: row, subject }: &'a Told) -> Self {
        Self {
            id: row.id,
            actor: row.actor_id.map(|id| PersonBody {
                id,
                username: row.actor.as_deref(),
            }),
            act: &row.act,
            kind: row.kind,
            target: row.target_id,
            about: subject.as_ref().map(SubjectBody::of),
            note: &row.note,
            created_at: row.created_at,
        }
    }
}

/// A kind of thing that is taken down, from the path; any other is as malformed as an id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakenDownKind(Kind);

impl std::str::FromStr for TakenDownKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name.parse::<Kind>() {
            Ok(kind) if kind.is_taken_down() => Ok(Self(kind)),
            _ => Err(()),
        }
    }
}

pub(crate) async fn add_report(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<ReportRequest>,
) -> Result<Response, Problem> {
    let complaint = Complaint {
        kind: body.kind,
        id: body.id,
        reason: body.reason,
        text: body.text,
    };
    let (row, added) = web.app().moderation.report(complaint, &actor).await?;
    let body = ReportBody::of(&row);
    if added {
        answer::created(&body, "Reported")
    } else {
        answer::ok(&body, "You reported this before")
    }
}

pub(crate) async fn list_reports(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ReportsQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let state = query.state.as_deref().filter(|name| !name.is_empty());
    let state = fields.optional("state", state, rules::state);
    let kind = query.kind.as_deref().filter(|name| !name.is_empty());
    let kind = fields.optional("kind", kind, rules::kind);
    fields.done()?;
    let filter = Filter {
        state: state.unwrap_or(ReportState::Open),
        kind,
    };
    let request = CursorQuery::new(query.limit, query.cursor).into_request()?;
    let found = web.app().moderation.reports(filter, &request, &actor).await?;
    let Slice { items, next_cursor } = found;
    let bodies = items.iter().map(HandledReportBody::of).collect();
    arrays::answer(&request, bodies, next_cursor, "Reports")
}

pub(crate) async fn update_report(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<ReportId>,
    Json(body): Json<UpdateReportRequest>,
) -> Result<Response, Problem> {
    let verdict = Verdict {
        state: body.state,
        note: body.note,
    };
    let row = web.app().moderation.judge(id, verdict, &actor).await?;
    answer::ok(&HandledReportBody::of(&row), "Report updated")
}

pub(crate) async fn save_takedown(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Ids(TakenDownKind(kind), id): Ids<TakenDownKind, ObjectId>,
    Json(body): Json<TakedownRequest>,
) -> Result<Response, Problem> {
    let target = Target::new(kind, id);
    let moderation = &web.app().moderation;
    let row = moderation
        .take_down(target, body.reason.as_deref(), &actor)
        .await?;
    let body = TakedownBody {
        kind,
        target: id,
        taken_down: true,
        reason: Some(&row.reason),
        taken_down_at: Some(row.created_at),
    };
    answer::ok(&body, "Taken down")
}

pub(crate) async fn remove_takedown(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Ids(TakenDownKind(kind), id): Ids<TakenDownKind, ObjectId>,
) -> Result<Response, Problem> {
    let target = Target::new(kind, id);
    web.app().moderation.restore(target, &actor).await?;
    let body = TakedownBody {
        kind,
        target: id,
        taken_down: false,
        reason: None,
        taken_down_at: None,
    };
    answer::ok(&body, "Restored")
}

pub(crate) async fn list_audit(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<CursorQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().moderation.audit(&request, &actor).await?;
    let bodies = items.iter().map(AuditBody::of).collect();
    arrays::answer(&request, bodies, next_cursor, "Audit log")
}
