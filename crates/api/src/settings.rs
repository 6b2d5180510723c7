//! `GET /admin/settings`: which settings hold, and what set them. They are changed where the server is started.

use app::Actor;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer;
use crate::web::Web;

/// A setting as it holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingBody {
    /// Section of the settings file.
    #[schema(example = "media")]
    pub section: &'static str,
    /// Name in the file.
    #[schema(example = "max_height")]
    pub name: &'static str,
    /// What holds, as it was written. What gives access, as in `postgres://user:…@host`, is left out.
    #[schema(example = "1080")]
    pub value: String,
    /// What set it: `flag`, `environment`, `file` or `default`.
    #[schema(example = "default")]
    pub source: &'static str,
    /// What would hold if nothing was said.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
}

impl SettingBody {
    /// The same without what gives access to something: a name and password in an address.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        if let Some((scheme, rest)) = self.value.split_once("://") {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            if let Some((_, host)) = authority.rsplit_once('@') {
                let after = &rest[authority.len()..];
                self.value = format!("{scheme}://…@{host}{after}");
            }
        }
        self
    }
}

pub(crate) async fn list_settings(
    State(web): State<Web>,
    Extension(_admin): Extension<Actor>,
) -> Result<Response, crate::problem::Problem> {
    answer::ok(&web.0.settings, "Settings")
}

#[cfg(test)]
mod tests {
    use super::SettingBody;

    fn shown(value: &str) -> String {
        let setting = SettingBody {
            section: "storage",
            name: "database_url",
            value: value.to_owned(),
            source: "file",
            default: "",
            about: "",
        };
        setting.without_secrets().value
    }

    #[test]
    fn what_gives_access_is_not_shown() {
        for (value, told) in [
            ("postgres://sphere:s3cr@t@db/x", "postgres://…@db/x"),
            ("nats://token@bus:4222", "nats://…@bus:4222"),
            ("https://videos.example/a@b", "https://videos.example/a@b"),
            ("./data", "./data"),
            ("mailto:ops@videos.example", "mailto:ops@videos.example"),
        ] {
            assert_eq!(shown(value), told);
        }
    }
}
