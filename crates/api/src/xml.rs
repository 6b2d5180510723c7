//! XML that is written by hand: text as text, and answers that are XML.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use model::Millis;

/// The first line of every document.
pub(crate) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Text as text, also inside a quoted attribute. Characters that XML 1.0 has no place for are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

/// A time as HTTP and RSS write it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn date(at: Millis) -> String {
    let seconds = u64::try_from(at.as_seconds()).unwrap_or(0);
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
}

/// A document of this type. A browser that is led to it runs nothing.
pub(crate) fn answer(content_type: &'static str, body: String) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_and_stays_well_formed() {
        assert_eq!(
            escape("<a href=\"x\">&'\u{0}\u{b}\u{ffff}\n]]>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&apos;\n]]&gt;"
        );
        assert_eq!(date(Millis(784_111_777_999)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
