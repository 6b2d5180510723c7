//! Where a viewer came from, as far as the player and the browser tell.
//!
//! Of an address elsewhere only the host is kept, never the path: paths can name people.

/// The longest host that is kept, in bytes.
pub const MAX_HOST: usize = 64;
/// Different hosts that are told apart on one day of the site; further ones are [`OTHER_HOST`].
pub const MAX_HOSTS: usize = 1_000;
/// Pairs of a video and a host that are told apart on a day, in the whole site.
pub const MAX_HOSTS_OF_VIDEOS: usize = 20_000;
/// What stands for hosts beyond those. Not a name that a host can have.
pub const OTHER_HOST: &str = "(other)";

/// Where a viewer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Source {
    /// Not told.
    #[default]
    Unknown,
    /// A search here.
    Search,
    /// The feed of followed channels.
    Subscriptions,
    /// What is shown beside another video.
    Related,
    /// A playlist.
    Playlist,
    /// The page of a channel.
    Channel,
    /// Another page here.
    Home,
    /// A player in somebody else's page.
    Embed,
    /// A link from nowhere: typed, kept, or from a program that does not tell.
    Direct,
    /// A link in somebody else's page.
    External,
}

/// All of them, in the order of their codes.
const ALL: [Source; 10] = [
    Source::Unknown,
    Source::Search,
    Source::Subscriptions,
    Source::Related,
    Source::Playlist,
    Source::Channel,
    Source::Home,
    Source::Embed,
    Source::Direct,
    Source::External,
];

impl Source {
    /// As the journal keeps it.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The source of this code; unknown where there is none.
    pub fn from_code(code: u8) -> Self {
        ALL.get(usize::from(code)).copied().unwrap_or_default()
    }

    /// As rows and answers name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Search => "search",
            Self::Subscriptions => "subscriptions",
            Self::Related => "related",
            Self::Playlist => "playlist",
            Self::Channel => "channel",
            Self::Home => "home",
            Self::Embed => "embed",
            Self::Direct => "direct",
            Self::External => "external",
        }
    }

    /// The source of this name, where there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|source| source.name() == name)
    }
}

/// A source, and the host of the page that led here where that is somebody else's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Where the viewer came from.
    pub source: Source,
    /// Host of another site.
    pub host: Option<String>,
}

impl Origin {
    /// Where a viewer came from whose player names `source` and was opened from `referrer`. `own_host` is this site's.
    pub fn of(source: Option<&str>, referrer: Option<&str>, own_host: &str) -> Self {
        let named = source.and_then(Source::from_name);
        let referrer = referrer.map(str::trim).filter(|referrer| !referrer.is_empty());
        let host = referrer.and_then(host);
        let is_ours = host.as_deref().is_some_and(|host| host == without_www(own_host));
        let guessed = match (referrer, &host) {
            (None, _) => Source::Direct,
            (Some(_), _) if is_ours => Source::Home,
            (Some(_), Some(_)) => Source::External,
            (Some(_), None) => Source::Unknown,
        };
        let source = named.unwrap_or(guessed);
        let elsewhere = matches!(source, Source::External | Source::Embed) && !is_ours;
        Self {
            source,
            host: host.filter(|_| elsewhere),
        }
    }
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// The host of a web address, in lower case, without `www.` and port; `None` for whatever has none.
fn host(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.split_once(':') {
        Some((host, _)) => host,
        None => host,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = without_www(&host);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_host = !host.is_empty() && host.len() <= MAX_HOST && host.bytes().all(allowed);
    is_host.then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: Option<&str>, referrer: Option<&str>) -> (Source, Option<String>) {
        let origin = Origin::of(source, referrer, "videos.example");
        (origin.source, origin.host)
    }

    #[test]
    fn what_the_player_names_goes_before_what_the_browser_tells() {
        assert_eq!(
            of(Some("search"), Some("https://videos.example/")),
            (Source::Search, None)
        );
        assert_eq!(of(Some("related"), None), (Source::Related, None));
        assert_eq!(
            of(Some("search"), Some("https://else.example/")),
            (Source::Search, None)
        );
        assert_eq!(
            of(Some("embed"), Some("https://blog.example/post")),
            (Source::Embed, Some("blog.example".to_owned()))
        );
        assert_eq!(of(Some("nonsense"), None), (Source::Direct, None));
    }

    #[test]
    fn of_a_page_elsewhere_only_the_host_is_kept() {
        let news = (Source::External, Some("news.example".to_owned()));
        for referrer in [
            "https://news.example",
            "https://www.News.example/users/asha?token=1",
            "http://news.example:8080/",
            "https://asha:secret@news.example./x",
        ] {
            assert_eq!(of(None, Some(referrer)), news, "{referrer}");
        }
    }

    #[test]
    fn a_page_of_ours_is_home_and_none_is_direct() {
        assert_eq!(
            of(None, Some("https://videos.example/watch/1")),
            (Source::Home, None)
        );
        assert_eq!(
            of(None, Some("https://www.videos.example/")),
            (Source::Home, None)
        );
        assert_eq!(of(None, None), (Source::Direct, None));
        assert_eq!(of(None, Some("  ")), (Source::Direct, None));
    }

    #[test]
    fn what_is_no_address_names_no_host() {
        let long = format!("https://{}.example/", "a".repeat(80));
        for referrer in [
            "nonsense",
            "javascript://news.example/",
            "https://",
            "https:///path",
            "https://exa mple/",
            "https://ex\u{e4}mple/",
            "https://(other)/",
            "https://[::1]/",
            &long,
        ] {
            assert_eq!(of(None, Some(referrer)), (Source::Unknown, None), "{referrer}");
        }
    }

    #[test]
    fn sources_survive_the_journal_and_the_wire() {
        for source in ALL {
            assert_eq!(Source::from_code(source.code()), source);
            assert_eq!(Source::from_name(source.name()), Some(source));
        }
        assert_eq!(Source::from_code(99), Source::Unknown);
    }
}
