//! The web app: files built into the program, and the page that every address of the app begins with.
//!
//! Owns how these files are sent and what their policy allows. What stands in the head of a page about a video is
//! the affair of `watch`. Where the app was not built, or is switched off, a short page says so.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use model::users::Registration;
use serde_json::json;

use crate::gate::is_known;
use crate::web::Web;

/// One file of the app, as it is and compressed.
struct File {
    path: &'static str,
    content_type: &'static str,
    /// With its quotes.
    tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// By path.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/webapp.rs"));

/// Addresses of the app's pages, as its own table of routes has them: `:name` stands for one part.
static PAGES: LazyLock<Vec<String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../web/pages.json")).unwrap_or_default());

/// A page in three parts: what comes before the title, after it, and after the text for those without scripts.
type Parts = [&'static str; 3];

/// The app.
static PARTS: LazyLock<Option<Parts>> = LazyLock::new(|| parts("/index.html"));

/// The player alone.
static EMBED: LazyLock<Option<Parts>> = LazyLock::new(|| parts("/embed.html"));

fn parts(path: &str) -> Option<Parts> {
    let html = std::str::from_utf8(file(path)?.plain).ok()?;
    let (before, rest) = html.split_once("<title>StreamSphere</title>")?;
    let (middle, after) = rest.split_once("<!--text-->")?;
    Some([before, middle, after])
}

/// What a page says before any script runs.
#[derive(Debug, Default)]
pub(crate) struct Head<'a> {
    /// Text, not markup; the name of the site is added.
    pub(crate) title: &'a str,
    /// Markup for the head.
    pub(crate) tags: &'a str,
    /// Markup for those without scripts.
    pub(crate) text: &'a str,
}

fn file(path: &str) -> Option<&'static File> {
    let at = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(at)
}

/// Whether pages of the app are to be shown.
pub(crate) fn is_shown(web: &Web) -> bool {
    web.0.facing.web_app && PARTS.is_some()
}

/// Whether a browser asks for something that may be a page of the app.
pub(crate) fn is_asked_for(web: &Web, method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let wants_page = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    is_shown(web) && matches!(*method, Method::GET | Method::HEAD) && wants_page && is_page(path)
}

/// The answer where no route matched: a file of the app, one of its pages for a browser, or nothing.
pub(crate) fn answer(web: &Web, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    if !web.0.facing.web_app || !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    if !matches!(path, "/index.html" | "/embed.html")
        && let Some(file) = file(path)
    {
        return Some(send(file, headers));
    }
    // Programs that ask for what is not there go on getting JSON.
    let wants_page = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    if !wants_page
        || ["/api/", "/media/", "/assets/"]
            .iter()
            .any(|begin| path.starts_with(begin))
    {
        return None;
    }
    if PARTS.is_none() {
        return (path == "/").then(missing);
    }
    let status = if is_page(path) {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    Some(page(web, status, &Head::default()))
}

fn is_page(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    PAGES.iter().any(|page| {
        let page = page.strip_suffix('/').unwrap_or(page);
        let mut asked = path.split('/');
        let mut known = page.split('/');
        loop {
            match (asked.next(), known.next()) {
                (None, None) => return true,
                (Some(asked), Some(known)) => {
                    let fits = match known.split_once(':') {
                        None => asked == known,
                        Some((begin, _)) => asked.len() > begin.len() && asked.starts_with(begin),
                    };
                    if !fits {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    })
}

/// The page of the app, with what is known of this address in its head.
pub(crate) fn page(web: &Web, status: StatusCode, head: &Head<'_>) -> Response {
    match &*PARTS {
        Some(parts) => whole(web, status, head, parts, "'none'"),
        None => missing(),
    }
}

/// The page of the player alone, which any site may frame; `None` where the app was not built.
pub(crate) fn embed(web: &Web, status: StatusCode, head: &Head<'_>) -> Option<Response> {
    let parts = EMBED.as_ref()?;
    Some(whole(web, status, head, parts, "*"))
}

/// `ancestors`: who may show it in a frame.
fn whole(web: &Web, status: StatusCode, head: &Head<'_>, parts: &Parts, ancestors: &str) -> Response {
    let [before, middle, after] = parts;
    let settings = &web.app().core.settings;
    let facts = json!({
        "registration": match settings.registration {
            Registration::Open => "open",
            Registration::Approval => "approval",
            Registration::Closed => "closed",
        },
        "requireSignIn": settings.require_sign_in,
        "maxUploadBytes": settings.max_upload_bytes,
        "keepOriginals": settings.keep_originals,
        "publicUrl": settings.public_url,
    });
    let title = if head.title.is_empty() {
        "StreamSphere".to_owned()
    } else {
        format!("{} – StreamSphere", escape(head.title))
    };
    let mut html = String::with_capacity(before.len() + middle.len() + after.len() + 4096);
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "{before}<title>{title}</title>{}<meta name=\"streamsphere\" content=\"{}\">{middle}{}{after}",
        head.tags,
        escape(&facts.to_string()),
        head.text
    );
    let mut response = (status, html).into_response();
    secure(response.headers_mut(), &policy(web, ancestors));
    response
}

/// Scripts only from files of our own, and no text becomes script or markup (Trusted Types). Pictures and videos
/// come from the public address, which need not be the one that this page was opened by.
fn policy(web: &Web, ancestors: &str) -> String {
    let own = format!("{}{}", web.0.facing.origin(), web.0.facing.media_origin());
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: {own}; \
         media-src 'self' blob: {own}; connect-src 'self' {own}; font-src 'self'; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; \
         frame-ancestors {ancestors}"
    )
}

/// What every page that people read is sent with, and its policy.
pub(crate) fn secure(headers: &mut HeaderMap, policy: &str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// What stands in the place of the app where it was not built.
fn missing() -> Response {
    let html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>StreamSphere</title></head>\
                <body><h1>The server runs, without its web app</h1><p>This program was compiled before the web app \
                was built. <code>make run</code> builds both.</p><p>The API is there: \
                <a href=\"/api/docs\">its pages</a>.</p></body></html>";
    let mut response = html.into_response();
    secure(
        response.headers_mut(),
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    response
}

fn send(file: &'static File, asked: &HeaderMap) -> Response {
    let takes = |name: &str| {
        asked
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|one| {
                let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
                let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
                (!refused).then_some(coding.trim())
            })
            .any(|coding| coding.eq_ignore_ascii_case(name))
    };
    let (bytes, coding) = match (file.brotli, file.gzip) {
        (Some(packed), _) if takes("br") => (packed, Some("br")),
        (_, Some(packed)) if takes("gzip") => (packed, Some("gzip")),
        _ => (file.plain, None),
    };
    let mut response = if is_known(asked, file.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(Bytes::from_static(bytes)))
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(ETAG, HeaderValue::from_static(file.tag));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    // The names of those in `assets` change with what is in them.
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if file.path.starts_with("/assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=0, must-revalidate"
        }),
    );
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// Markup that has parts of the app on the way before its first script runs, by the names that the build gives them.
pub(crate) fn preloads(parts: &[&str]) -> String {
    let mut tags = String::new();
    for part in parts {
        let begin = format!("/assets/{part}-");
        let found = FILES
            .iter()
            .find(|file| file.path.starts_with(&begin) && file.content_type.starts_with("text/javascript"));
        if let Some(file) = found {
            // Writing to a string cannot fail.
            let _ = write!(
                tags,
                "<link rel=\"modulepreload\" crossorigin href=\"{}\">",
                file.path
            );
        }
    }
    tags
}

/// Data for search engines (JSON-LD), which no browser runs; `<` is written so that nothing in it ends the element.
pub(crate) fn data(about: &serde_json::Value) -> String {
    let about = about.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/ld+json\">{about}</script>")
}

/// Text as text, also inside a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_page_only_where_the_app_has_one() {
        for page in [
            "/",
            "/search",
            "/@asha",
            "/@asha/about",
            "/playlist/65f1c0ffee0123456789abcd",
            "/trending/",
        ] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "/nothing",
            "/@",
            "/search/x/y",
            "/wp-login.php",
            "/users",
            "/playlist",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn files_are_found_by_their_order() {
        assert!(FILES.is_sorted_by_key(|file| file.path));
        assert!(file("/nothing").is_none());
    }
}
