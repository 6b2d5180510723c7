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
    /// What holds, as it was written; null where it is set and not shown. What gives access, as in
    /// `postgres://…@host`, is left out.
    #[schema(example = "1080")]
    pub value: Option<String>,
    /// What set it: `flag`, `environment`, `file` or `default`.
    #[schema(example = "default")]
    pub source: &'static str,
    /// What would hold if nothing was said.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// Settings of which nothing is shown over the network: they say where keys lie.
const SECRET: &[&str] = &["key_file"];

/// An address without who signs in there and with what, and without its query, in which some databases take a password.
///
/// Passwords hold all kinds of characters, not always escaped. So everything up to the last `@` goes, which may be too
/// much and is never too little.
pub fn without_credentials(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let (who, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("…@", rest),
        None => ("", rest),
    };
    match rest.split_once('?') {
        Some((place, _)) => format!("{scheme}://{who}{place}?…"),
        None => format!("{scheme}://{who}{rest}"),
    }
}

impl SettingBody {
    /// The same without what gives access to something.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        // Where nothing was said, nothing is given away.
        let is_hidden = |value: &String| SECRET.contains(&self.name) && !value.is_empty();
        self.value = self
            .value
            .filter(|value| !is_hidden(value))
            .map(|value| without_credentials(&value));
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
    use super::without_credentials;

    #[test]
    fn what_gives_access_is_not_shown() {
        for (value, told) in [
            ("postgres://sphere:s3cr@t@db/x", "postgres://…@db/x"),
            ("postgres://asha:se@c/r,et?@db/clips", "postgres://…@db/clips"),
            ("postgres://db/x?user=asha&password=secret", "postgres://db/x?…"),
            ("nats://token@bus:4222", "nats://…@bus:4222"),
            ("https://videos.example", "https://videos.example"),
            ("https://videos.example/a@b", "https://…@b"),
            ("./data", "./data"),
            ("", ""),
            ("mailto:ops@videos.example", "mailto:ops@videos.example"),
        ] {
            assert_eq!(without_credentials(value), told);
        }
    }
}
