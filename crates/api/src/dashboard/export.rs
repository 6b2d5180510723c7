//! `GET /dashboard/export`: numbers as a file, CSV (RFC 4180) or a JSON array, written while they are read.

use app::Actor;
use app::Fields;
use app::dashboard::export::{Export, Row, Rows};
use app::dashboard::range::Asked;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use model::text::Fault;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::bodies::{SumsBody, seconds};
use crate::downloads::disposition;
use crate::extract::Query;
use crate::pieces::Pieces;
use crate::problem::Problem;
use crate::web::Web;

/// Pieces that wait to be sent.
const AHEAD: usize = 1;

/// What to export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` (when absent) or `json`.
    format: Option<String>,
    /// When the range begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent.
    from: Option<String>,
    /// When it ends, which is not part of it; now when absent.
    to: Option<String>,
    /// `day` (when absent); of videos also `total`: one row each; of the channel or one video also `hour`, `minute`.
    granularity: Option<String>,
    /// `videos` (when absent): a row for each video and day; `channel`: the whole channel, a row for each bucket.
    per: Option<String>,
    /// One video, a row for each bucket.
    video_id: Option<String>,
    /// The IANA name of the time zone of days, of the channel or one video; UTC when absent.
    tz: Option<String>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

fn format(name: Option<&str>) -> Result<Format, Fault> {
    match name {
        None | Some("" | "csv") => Ok(Format::Csv),
        Some("json") => Ok(Format::Json),
        Some(_) => Err(Fault::new("unknown", "csv or json.")),
    }
}

fn rows(query: &ExportQuery) -> Result<Rows, Problem> {
    let mut fields = Fields::default();
    let video = super::video(query.video_id.as_deref())?;
    let channel = fields.check(
        "per",
        match query.per.as_deref() {
            None | Some("" | "videos") => Ok(false),
            Some("channel") => Ok(true),
            Some(_) => Err(Fault::new("unknown", "videos or channel.")),
        },
    );
    let total = query.granularity.as_deref() == Some("total");
    let buckets = channel == Some(true) || video.is_some();
    if total && buckets {
        let message = "Only of all videos there is one row each.";
        fields.blame("granularity", Fault::new("not_applicable", message));
    }
    fields.done()?;
    Ok(match (buckets, total) {
        (true, _) => Rows::Buckets(video),
        (false, true) => Rows::Videos,
        (false, false) => Rows::VideosByDay,
    })
}

/// The columns of a row: what they are called, and what they hold.
fn columns(row: &Row) -> Vec<(&'static str, Value)> {
    let real = |number: f64| serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number);
    match row {
        Row::Video { date, id, title, of } => {
            let mut columns = Vec::with_capacity(8);
            if let Some(date) = date {
                columns.push(("date", date.as_str().into()));
            }
            columns.extend([
                ("videoId", id.to_string().into()),
                ("title", title.as_str().into()),
                ("views", of.views.into()),
                ("watchTime", real(seconds(of.watch_ms))),
                ("likes", of.likes.into()),
                ("comments", of.comments.into()),
                ("subscribersGained", of.subscribers_gained.into()),
            ]);
            columns
        }
        Row::Bucket {
            at,
            date,
            counts,
            viewers,
        } => {
            let sums = SumsBody::of(counts);
            let number = |amount| serde_json::to_value(amount).unwrap_or(Value::Null);
            let mut columns = vec![("at", at.to_string().into())];
            if let Some(date) = date {
                columns.push(("date", date.as_str().into()));
            }
            columns.extend([
                ("views", sums.views.into()),
                ("ownViews", sums.own_views.into()),
                ("viewers", (*viewers).into()),
                ("watchTime", real(sums.watch_time)),
                ("ownWatchTime", real(sums.own_watch_time)),
                ("likes", sums.likes.into()),
                ("comments", sums.comments.into()),
                ("subscribersGained", sums.subscribers_gained.into()),
                ("subscribersLost", sums.subscribers_lost.into()),
                ("subscribers", sums.subscribers.into()),
                ("sessions", sums.sessions.into()),
                ("startup", number(sums.startup)),
                ("rebufferRatio", number(sums.rebuffer_ratio)),
                ("errors", sums.errors.into()),
            ]);
            columns
        }
    }
}

/// The names of the columns.
fn header(rows: Rows, by_day: bool) -> Vec<&'static str> {
    let sample = match rows {
        Rows::VideosByDay | Rows::Videos => Row::Video {
            date: (rows == Rows::VideosByDay).then(String::new),
            id: model::VideoId(model::ObjectId([0; 12])),
            title: String::new(),
            of: store::analytics::reads::OfVideo::default(),
        },
        Rows::Buckets(_) => Row::Bucket {
            at: model::Millis(0),
            date: by_day.then(String::new),
            counts: model::analytics::Counts::default(),
            viewers: None,
        },
    };
    columns(&sample).into_iter().map(|(name, _)| name).collect()
}

/// Adds a field. Text that a spreadsheet would take for a formula gets an apostrophe before it, which makes it text.
fn csv_field(text: &mut String, field: &Value) {
    let number;
    let field = match field {
        Value::Null => return,
        Value::String(field) => field.as_str(),
        other => {
            number = other.to_string();
            text.push_str(&number);
            return;
        }
    };
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    if field.contains([',', '"', '\r', '\n']) {
        text.push('"');
        text.push_str(guard);
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(guard);
        text.push_str(field);
    }
}

fn csv_line<'a>(text: &mut String, fields: impl Iterator<Item = &'a Value>) {
    for (number, field) in fields.enumerate() {
        if number > 0 {
            text.push(',');
        }
        csv_field(text, field);
    }
    text.push_str("\r\n");
}

/// Rows as they are written; `first`: nothing was written before them.
fn write(format: Format, rows: &[Row], first: bool) -> String {
    let mut text = String::with_capacity(rows.len() * 128);
    for (number, row) in rows.iter().enumerate() {
        let columns = columns(row);
        match format {
            Format::Csv => csv_line(&mut text, columns.iter().map(|(_, value)| value)),
            Format::Json => {
                text.push_str(if first && number == 0 { "\n" } else { ",\n" });
                let object: Map<String, Value> = columns
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                text.push_str(&Value::Object(object).to_string());
            }
        }
    }
    text
}

/// Writes until there is nothing more, or nobody listens any more.
async fn pour(
    mut export: Export,
    format: Format,
    mut text: String,
    mut rows: Vec<Row>,
    pieces: mpsc::Sender<Result<Bytes, Problem>>,
) {
    let mut first = true;
    loop {
        let is_end = rows.is_empty();
        text.push_str(&write(format, &rows, first));
        first = false;
        if is_end && format == Format::Json {
            text.push_str("\n]\n");
        }
        if pieces.send(Ok(std::mem::take(&mut text).into())).await.is_err() || is_end {
            return;
        }
        rows = match export.next().await {
            Ok(rows) => rows,
            Err(error) => {
                let _ = pieces.send(Err(error.into())).await;
                return;
            }
        };
    }
}

pub(crate) async fn export_dashboard(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let format = format(query.format.as_deref()).map_err(|fault| app::Error::field("format", fault))?;
    let kind = rows(&query)?;
    let asked = Asked {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        granularity: query.granularity.as_deref().filter(|name| *name != "total"),
        zone: query.tz.as_deref(),
    };
    let mut export = web.app().dashboard.export(kind, &asked, &actor).await?;
    // The first rows before the head, so that what goes wrong at once is said.
    let begun = export.next().await?;
    let by_day = export.range.granularity == model::analytics::zones::Granularity::Day;
    let text = match format {
        Format::Json => "[".to_owned(),
        Format::Csv => format!("{}\r\n", header(kind, by_day).join(",")),
    };
    let (name, media_type) = describe(&export, format);
    let (pieces, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(pour(export, format, text, begun, pieces));
    let mut response = Response::new(Body::new(Pieces::from(receiver)));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(name) = HeaderValue::try_from(disposition(&name)) {
        fields.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// What the file is called, and its media type.
fn describe(export: &Export, format: Format) -> (String, &'static str) {
    let (ending, media_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8; header=present"),
        Format::Json => ("json", "application/json"),
    };
    let what = match export.rows {
        Rows::VideosByDay | Rows::Videos => "videos".to_owned(),
        Rows::Buckets(None) => "channel".to_owned(),
        Rows::Buckets(Some(video)) => video.to_string(),
    };
    let range = &export.range;
    let (first, last) = (
        range.zone.date(range.from()),
        range.zone.date(range.to().plus_ms(-1)),
    );
    let name = format!("{}-{what}-{first}-to-{last}.{ending}", export.username);
    (name, media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> String {
        let mut written = String::new();
        csv_field(&mut written, &Value::from(text));
        written
    }

    #[test]
    fn fields_are_quoted_where_they_have_to_be_and_formulas_are_text() {
        for (text, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("+a,b", "\"'+a,b\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(field(text), written, "{text}");
        }
        let mut text = String::new();
        csv_line(&mut text, [Value::from(-3), Value::Null, Value::from(1.5)].iter());
        assert_eq!(text, "-3,,1.5\r\n");
    }
}
