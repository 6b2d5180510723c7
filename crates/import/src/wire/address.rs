//! Connection strings: `mongodb://user:password@host:port,host:port/database?options`.

use std::path::PathBuf;

use crate::ImportError;

/// Hosts that are tried.
const MOST_HOSTS: usize = 16;

/// Where the server is, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Names with ports, in the order in which they are tried.
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) login: Option<Login>,
    pub(crate) database: Option<String>,
    pub(crate) tls: bool,
    /// Certificates (PEM) of those who may vouch for the server; `None`: the system's.
    pub(crate) roots: Option<PathBuf>,
}

/// Who reads.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    /// The database that knows the user.
    pub(crate) source: String,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, ImportError> {
        let fault = ImportError::Address;
        let rest = text
            .strip_prefix("mongodb://")
            .ok_or(fault("a server is named by mongodb://host:port/database"))?;
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, database) = place.split_once('/').unwrap_or((place, ""));
        let (login, hosts) = match place.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, place),
        };
        let hosts: Vec<(String, u16)> = hosts
            .split(',')
            .take(MOST_HOSTS)
            .map(host)
            .collect::<Option<_>>()
            .ok_or(fault(
                "the address of the MongoDB server has no host, or a port that is none",
            ))?;
        let database = decode(database).ok_or(fault("the name of the database cannot be read"))?;
        let database = Some(database).filter(|name| !name.is_empty());
        let mut address = Self {
            hosts,
            login: None,
            database,
            tls: false,
            roots: None,
        };
        let mut source = None;
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value = decode(value).ok_or(fault("an option of the address cannot be read"))?;
            match name.to_ascii_lowercase().as_str() {
                "authsource" => source = Some(value),
                "tls" | "ssl" => address.tls = value == "true",
                "tlscafile" => address.roots = Some(PathBuf::from(value)),
                "authmechanism" if !["DEFAULT", "SCRAM-SHA-256"].contains(&value.as_str()) => {
                    return Err(fault(
                        "only sign-in by SCRAM-SHA-256 is known here: run mongodump and import its folder",
                    ));
                }
                "tlsinsecure" | "tlsallowinvalidcertificates" | "tlsallowinvalidhostnames"
                    if value == "true" =>
                {
                    return Err(fault(
                        "a server whose certificate is not checked is not read: name its authority with tlsCAFile",
                    ));
                }
                // What else there is concerns writing, or which member of a set is asked.
                _ => {}
            }
        }
        if let Some(login) = login {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let unreadable = || fault("user and password in the address must be percent-encoded");
            address.login = Some(Login {
                user: decode(user).ok_or_else(unreadable)?,
                password: decode(password).ok_or_else(unreadable)?,
                source: source
                    .or_else(|| address.database.clone())
                    .unwrap_or_else(|| "admin".to_owned()),
            });
        }
        Ok(address)
    }
}

fn host(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    // A name with a slash or an escape is the path of a socket.
    if host.is_empty() || host.contains(['/', '%', '@']) {
        return None;
    }
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None => 27017,
    };
    Some((host.to_owned(), port))
}

/// Takes percent-encoding away.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = behind
                .get(..2)
                .and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let parsed = Address::parse(
            "mongodb://as%3Aha:p%40ss@db1.example,[::1]:27018/streamsphere?authSource=admin&tls=true&replicaSet=rs0",
        )
        .unwrap();
        assert_eq!(
            parsed.hosts,
            [("db1.example".to_owned(), 27017), ("::1".to_owned(), 27018)]
        );
        let login = parsed.login.unwrap();
        assert_eq!(
            (
                login.user.as_str(),
                login.password.as_str(),
                login.source.as_str()
            ),
            ("as:ha", "p@ss", "admin")
        );
        assert_eq!(
            (parsed.database.as_deref(), parsed.tls),
            (Some("streamsphere"), true)
        );
        let plain = Address::parse("mongodb://127.0.0.1:1").unwrap();
        assert!(plain.login.is_none() && plain.database.is_none() && !plain.tls);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        for bad in [
            "mongodb://",
            "mongodb://host:0/x",
            "mongodb://host:99999/x",
            "mongodb://%2Ftmp%2Fmongodb.sock/x",
            "mongodb://u:%zz@host/x",
            "mongodb://host/x?authMechanism=MONGODB-X509",
            "mongodb://host/x?tlsInsecure=true",
            "http://host/x",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
