//! Where a request goes: an address as somebody wrote it, taken apart and judged as far as it can be without asking
//! the network.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use thiserror::Error;

use crate::addresses::Allowed;

/// The longest address that an answer may lead to.
const MOST_CHARS: usize = 8_192;

/// An address that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(crate) secure: bool,
    /// Without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// As it stands in the field `Host`.
    pub(crate) authority: String,
    pub(crate) path: String,
}

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TargetFault {
    /// It cannot be read.
    #[error("not an address such as https://hooks.example/streamsphere")]
    Malformed,
    /// It does not begin with `https://`.
    #[error("must begin with https://")]
    Scheme,
    /// It has a name and a password in it, or a part behind `#`.
    #[error("must not have a user name, a password or a #")]
    Extra,
    /// It is an IP address that nothing is sent to.
    #[error("nothing is sent to this address")]
    Forbidden,
}

impl Target {
    /// Takes an address apart. `http://` is taken where `plain` says so.
    pub fn parse(url: &str, plain: bool, allowed: &Allowed) -> Result<Self, TargetFault> {
        if url.contains('#') {
            return Err(TargetFault::Extra);
        }
        let uri: Uri = url.parse().map_err(|_| TargetFault::Malformed)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if plain => false,
            _ => return Err(TargetFault::Scheme),
        };
        let authority = uri.authority().ok_or(TargetFault::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(TargetFault::Extra);
        }
        let host = host_of(authority.host())?;
        if let Ok(address) = host.parse::<IpAddr>()
            && !allowed.permits(address)
        {
            return Err(TargetFault::Forbidden);
        }
        let port = match authority.port() {
            Some(port) => Some(port.as_u16())
                .filter(|port| *port > 0)
                .ok_or(TargetFault::Malformed)?,
            // `https://host:` and `https://host:99999` have none that could be read.
            None if authority.as_str().len() > authority.host().len() => return Err(TargetFault::Malformed),
            None if secure => 443,
            None => 80,
        };
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        Ok(Self {
            secure,
            host,
            port,
            authority: authority.as_str().to_owned(),
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            },
        })
    }

    /// Name or address, in lower case and without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where an answer of this target sends whoever asked (RFC 9110, section 10.2.2): a whole address, or one on the
    /// same host.
    pub(crate) fn beside(&self, location: &str) -> Result<String, TargetFault> {
        let scheme = if self.secure { "https" } else { "http" };
        let whole = if location.starts_with("//") {
            format!("{scheme}:{location}")
        } else if location.starts_with('/') {
            format!("{}{location}", self.origin())
        } else if location.contains("://") {
            location.to_owned()
        } else {
            let path = self.path.split('?').next().unwrap_or("/");
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{}{folder}/{location}", self.origin())
        };
        // What stands behind it is for browsers.
        let whole = whole.split('#').next().unwrap_or_default();
        if whole.len() > MOST_CHARS {
            return Err(TargetFault::Malformed);
        }
        Ok(whole.to_owned())
    }

    /// Scheme, host and port, as they stand in tokens that are made for the other side.
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// The host without brackets. Numbers that old programs would read as an IPv4 address are none.
fn host_of(host: &str) -> Result<String, TargetFault> {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(TargetFault::Malformed)?;
        return inner
            .parse::<Ipv6Addr>()
            .map(|address| address.to_string())
            .map_err(|_| TargetFault::Malformed);
    }
    let plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    if host.len() > 253 || last.is_empty() || !plain {
        return Err(TargetFault::Malformed);
    }
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || hex.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_number && host.parse::<IpAddr>().is_err() {
        return Err(TargetFault::Malformed);
    }
    Ok(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, TargetFault> {
        Target::parse(url, false, &Allowed::default())
    }

    #[test]
    fn an_address_is_taken_apart() {
        let target = parse("https://Hooks.Example:8443/a/b?c=d").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("hooks.example", 8443));
        assert_eq!((target.path.as_str(), target.secure), ("/a/b?c=d", true));
        assert_eq!(target.origin(), "https://Hooks.Example:8443");
        let target = parse("https://[2606:4700::1111]").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("2606:4700::1111", 443));
        assert_eq!(
            (target.path.as_str(), target.authority.as_str()),
            ("/", "[2606:4700::1111]")
        );
        assert_eq!(parse("https://a.example?x").unwrap().path, "/?x");
        let plain = Target::parse("http://a.example", true, &Allowed::default()).unwrap();
        assert_eq!((plain.port, plain.secure), (80, false));
    }

    #[test]
    fn loopback_is_refused_however_it_is_written() {
        let written = [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0X7F.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "127.0.0.0x1",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fe80::1%25eth0]",
            "[::1",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "10.0.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1%00.example",
            "\u{2460}27.0.0.1",
        ];
        for host in written {
            let fault = parse(&format!("https://{host}/")).unwrap_err();
            assert!(
                matches!(fault, TargetFault::Forbidden | TargetFault::Malformed),
                "{host}: {fault}"
            );
        }
    }

    #[test]
    fn what_is_no_plain_https_address_is_refused() {
        for (url, fault) in [
            ("http://a.example/", TargetFault::Scheme),
            ("ftp://a.example/", TargetFault::Scheme),
            ("file:///etc/passwd", TargetFault::Malformed),
            ("/relative", TargetFault::Scheme),
            ("a.example", TargetFault::Scheme),
            ("https://me:secret@a.example/", TargetFault::Extra),
            ("https://a.example@127.0.0.1/", TargetFault::Extra),
            ("https://a.example/#part", TargetFault::Extra),
            ("https://a.example:0/", TargetFault::Malformed),
            ("https://a.example:99999/", TargetFault::Malformed),
            ("https://a.example:/", TargetFault::Malformed),
            ("https://a b.example/", TargetFault::Malformed),
            ("https://a.example/\r\nX: y", TargetFault::Malformed),
            ("https://", TargetFault::Malformed),
            ("", TargetFault::Malformed),
        ] {
            assert_eq!(parse(url), Err(fault), "{url}");
        }
    }
}
