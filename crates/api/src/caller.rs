//! Who is calling: address, credentials, and whether a browser was made to call.

use std::net::IpAddr;

use app::{Error, Viewer};
use delivery::Peer;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::{Extensions, HeaderMap, Method, Uri};

use crate::problem::Problem;
use crate::web::{Facing, Web};

/// Name of the cookie with the access token.
pub const ACCESS_COOKIE: &str = "accessToken";
/// Name of the cookie with the refresh token.
pub const REFRESH_COOKIE: &str = "refreshToken";

/// Where a credential came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// `Authorization: Bearer …`: a program sent it on purpose.
    Bearer(&'a str),
    /// A cookie: a browser sends it whoever made it call.
    Cookie(&'a str),
}

/// The credential of a request, the header before the cookie.
pub fn credential(headers: &HeaderMap) -> Option<Credential<'_>> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| Credential::Bearer(token.trim()));
    }
    cookie(headers, ACCESS_COOKIE).map(Credential::Cookie)
}

/// The value of a cookie; the first of that name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Who carries the credential. A bearer that is not valid is refused; a cookie that is not valid any
/// more counts as none, since nobody chose to send it.
pub async fn viewer(web: &Web, headers: &HeaderMap) -> Result<Viewer, Error> {
    match credential(headers) {
        None => Ok(None),
        Some(Credential::Bearer(token)) => web.0.app.sessions.actor(token).await.map(Some),
        Some(Credential::Cookie(token)) => match web.0.app.sessions.actor(token).await {
            Ok(actor) => Ok(Some(actor)),
            Err(Error::Refused(_)) => Ok(None),
            Err(failed) => Err(failed),
        },
    }
}

/// The caller's address: the TCP peer, or, behind a listed proxy, the last address in
/// `X-Forwarded-For` that is not such a proxy.
pub fn address(extensions: &Extensions, headers: &HeaderMap, facing: &Facing) -> Option<IpAddr> {
    let peer = extensions.get::<Peer>()?.0.ip().to_canonical();
    if !facing.trusted_proxies.contains(&peer) {
        return Some(peer);
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut nearest = peer;
    for hop in forwarded.into_iter().rev().take(32) {
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        nearest = hop.to_canonical();
        if !facing.trusted_proxies.contains(&nearest) {
            break;
        }
    }
    Some(nearest)
}

/// What counts are kept by for someone not signed in: the address, or the /64 that an IPv6 caller has.
pub fn address_key(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Refuses a change that another site may have made a browser send (security.md G4): cookies come
/// along by themselves, so the browser must say that the page was ours, or one of the listed origins.
pub fn refuse_forged(method: &Method, headers: &HeaderMap, facing: &Facing) -> Result<(), Problem> {
    if method.is_safe()
        || cookie(headers, ACCESS_COOKIE)
            .or_else(|| cookie(headers, REFRESH_COOKIE))
            .is_none()
    {
        return Ok(());
    }
    if matches!(credential(headers), Some(Credential::Bearer(_))) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    let listed = origin.is_some_and(|origin| facing.cors_origins.iter().any(|listed| listed == origin));
    let own = origin.map(|origin| {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        // A proxy may have put its own name for us into Host; the public address is ours in any case.
        origin == facing.origin() || text("host").is_some_and(|named| named.eq_ignore_ascii_case(host))
    });
    let forged = match (text("sec-fetch-site"), own) {
        _ if listed => false,
        (Some(site), own) => !matches!(site, "same-origin" | "none") || own == Some(false),
        (None, Some(own)) => !own,
        (None, None) => headers.get("x-requested-with").is_none(),
    };
    if forged {
        let message =
            "This change came from another site. Send it from a page of this site, or with a bearer token.";
        return Err(Problem::new(http::StatusCode::FORBIDDEN, "cross_site", message));
    }
    Ok(())
}

/// Refuses requests that name a host which is not ours (security.md G5): a page elsewhere whose name was
/// pointed at this machine. Plain addresses and loopback names cannot be used for that.
pub fn refuse_foreign_host(uri: &Uri, headers: &HeaderMap, facing: &Facing) -> Result<(), Problem> {
    // An address that names the host beats the header (RFC 9112, section 3.2.2).
    let named = uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| headers.get(HOST).and_then(|value| value.to_str().ok()));
    let Some(named) = named else { return Ok(()) };
    let host = match named.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => named,
    };
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.');
    let ours = host.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || facing.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
    if ours {
        return Ok(());
    }
    let message = "This server does not answer to that host name. Set STREAMSPHERE_PUBLIC_URL to the address people use.";
    Err(Problem::new(
        http::StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        message,
    ))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::HeaderValue;

    use super::*;

    fn facing() -> Facing {
        Facing {
            public_url: "https://videos.example".into(),
            hosts: vec!["videos.example".into()],
            cors_origins: vec!["https://front.example".into()],
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            rate_limits: true,
            web_app: true,
            media_redirect: crate::files::MediaRedirect::None,
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_str(v).unwrap()))
            .collect()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_listed_proxy() {
        let from = |peer: &str, forwarded: &str| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
            address(
                &extensions,
                &headers(&[("x-forwarded-for", forwarded)]),
                &facing(),
            )
            .unwrap()
            .to_string()
        };
        assert_eq!(
            from("192.0.2.9", "198.51.100.7"),
            "192.0.2.9",
            "anyone can send that header"
        );
        assert_eq!(
            from("10.0.0.1", "203.0.113.5, 198.51.100.7"),
            "198.51.100.7",
            "the nearest that is no proxy"
        );
        assert_eq!(from("10.0.0.1", "198.51.100.7, 10.0.0.1"), "198.51.100.7");
    }

    #[test]
    fn a_change_with_cookies_must_come_from_our_own_page() {
        let with = |pairs: &[(&'static str, &str)]| {
            let mut all = vec![("cookie", "accessToken=x"), ("host", "videos.example")];
            all.extend_from_slice(pairs);
            refuse_forged(&Method::POST, &headers(&all), &facing()).is_ok()
        };
        assert!(with(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://videos.example")
        ]));
        assert!(
            with(&[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://front.example")
            ]),
            "listed"
        );
        assert!(with(&[("x-requested-with", "fetch")]));
        assert!(with(&[
            ("authorization", "Bearer x"),
            ("origin", "https://evil.example")
        ]));
        assert!(!with(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example")
        ]));
        assert!(!with(&[("sec-fetch-site", "same-site")]));
        assert!(!with(&[("origin", "https://evil.example")]));
        assert!(!with(&[("origin", "null")]));
        assert!(!with(&[]));
        assert!(refuse_forged(&Method::GET, &headers(&[("cookie", "accessToken=x")]), &facing()).is_ok());
    }

    #[test]
    fn a_name_that_is_not_ours_is_refused() {
        let named = |host: &str| {
            refuse_foreign_host(&Uri::from_static("/"), &headers(&[("host", host)]), &facing()).is_ok()
        };
        for ours in [
            "videos.example",
            "VIDEOS.example:8000",
            "localhost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
        ] {
            assert!(named(ours), "{ours}");
        }
        for foreign in [
            "evil.example",
            "videos.example.evil.example",
            "localhost.evil.example:8000",
        ] {
            assert!(!named(foreign), "{foreign}");
        }
    }
}
