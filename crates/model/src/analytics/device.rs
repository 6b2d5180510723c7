//! What somebody watches on, and whether it is somebody at all, by the words of the user agent.
//!
//! User agents say little and lie often: this tells classes of devices apart, and leaves out machines that say
//! what they are. The text itself is not kept.

/// A class of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Device {
    /// Not told, or not understood.
    #[default]
    Unknown,
    /// A computer.
    Desktop,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A television, or what is plugged into one.
    Tv,
}

/// Words of televisions and of what is plugged into them.
const TVS: &[&str] = &[
    "smart-tv",
    "smarttv",
    "googletv",
    "google tv",
    "android tv",
    "appletv",
    "apple tv",
    "hbbtv",
    "netcast",
    "web0s",
    "webos.tv",
    "webostv",
    "tizen",
    "bravia",
    "roku",
    "crkey",
    "aftt",
    "aftm",
    "aftb",
    "playstation",
    "xbox",
    "nintendo",
    "viera",
    "vidaa",
];

/// Words of programs that fetch by themselves.
const BOTS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "headless",
    "phantomjs",
    "lighthouse",
    "pagespeed",
    "preview",
    "scrapy",
    "facebookexternalhit",
    "embedly",
    "curl/",
    "wget/",
    "libwww",
    "python-requests",
    "python-urllib",
    "aiohttp",
    "httpx",
    "go-http-client",
    "java/",
    "okhttp",
    "node-fetch",
    "axios/",
    "undici",
    "ruby",
    "monitor",
    "uptime",
    "pingdom",
    "archiver",
    "fetcher",
    "scanner",
];

/// The device that names itself so.
pub fn of(user_agent: &str) -> Device {
    let words = user_agent.to_ascii_lowercase();
    let has = |word: &str| words.contains(word);
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if any(TVS) {
        Device::Tv
    } else if has("ipad") || has("tablet") || has("kindle") || has("silk/") || has("playbook") {
        Device::Tablet
    } else if has("iphone") || has("ipod") || has("windows phone") || has("mobile") {
        // Tablets with Android leave out the word `Mobile`.
        Device::Phone
    } else if has("android") {
        Device::Tablet
    } else if has("windows") || has("macintosh") || has("linux") || has("x11") || has("cros ") || has("bsd") {
        Device::Desktop
    } else {
        Device::Unknown
    }
}

/// Whether a program that fetches by itself names itself so. Nobody at all does too: browsers always say something.
pub fn is_bot(user_agent: &str) -> bool {
    let words = user_agent.trim().to_ascii_lowercase();
    // Phones of this maker are called so.
    let words = words.replace("cubot", "");
    words.is_empty() || BOTS.iter().any(|word| words.contains(word))
}

impl Device {
    /// As the journal keeps it.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The device of this code; unknown where there is none.
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Desktop,
            2 => Self::Phone,
            3 => Self::Tablet,
            4 => Self::Tv,
            _ => Self::Unknown,
        }
    }

    /// As rows and answers name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Desktop => "desktop",
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Tv => "tv",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_apart_by_what_they_say() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
                Device::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
                Device::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) Version/16.6 Mobile/15E148 Safari/604.1",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 Version/7.0 TV Safari/537.36",
                Device::Tv,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; AFTMM) AppleWebKit/537.36 Chrome/110.0 Mobile Safari/537.36",
                Device::Tv,
            ),
            ("mpv 0.38", Device::Unknown),
            ("", Device::Unknown),
        ] {
            assert_eq!(of(agent), expected, "{agent}");
        }
    }

    #[test]
    fn programs_that_fetch_by_themselves_are_not_viewers() {
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
            "facebookexternalhit/1.1",
            "curl/8.5.0",
            "python-requests/2.32",
            "  ",
        ] {
            assert!(is_bot(agent), "{agent}");
        }
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/130.0 Mobile Safari/537.36",
            "mpv 0.38",
        ] {
            assert!(!is_bot(agent), "{agent}");
        }
    }

    #[test]
    fn devices_survive_the_journal() {
        for device in [
            Device::Unknown,
            Device::Desktop,
            Device::Phone,
            Device::Tablet,
            Device::Tv,
        ] {
            assert_eq!(Device::from_code(device.code()), device);
        }
    }
}
