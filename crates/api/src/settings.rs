//! `/admin/settings`: the settings that hold, for admins.

use app::Actor;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::settings::Setting;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer;
use crate::problem::Problem;
use crate::web::Web;

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingBody<'a> {
    /// The part of the settings file that it stands in.
    #[schema(example = "server")]
    section: &'a str,
    /// Its name.
    #[schema(example = "data_dir")]
    name: &'a str,
    /// What holds; empty where nothing was said, null where it is set and not shown. Addresses come without names,
    /// passwords and queries.
    #[schema(example = "./data")]
    value: Option<&'a str>,
    /// What set it: `flag`, `environment`, `file` or `default`.
    #[schema(example = "default")]
    source: &'static str,
    /// What it does.
    about: &'a str,
}

impl<'a> SettingBody<'a> {
    fn of(setting: &'a Setting) -> Self {
        Self {
            section: setting.section,
            name: setting.name,
            value: setting.value.as_deref(),
            source: setting.source.name(),
            about: setting.about,
        }
    }
}

pub(crate) async fn list_settings(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let settings = web.app().site.settings(&actor)?;
    let bodies: Vec<SettingBody<'_>> = settings.iter().map(SettingBody::of).collect();
    answer::ok(&bodies, "Settings")
}
