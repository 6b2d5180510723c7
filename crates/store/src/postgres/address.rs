//! Where a PostgreSQL is, and how it is spoken to: `postgres://user:password@host/database?…`.
//!
//! What the driver knows (`sslmode`, `connect_timeout`, several hosts, `target_session_attrs`, …) is left to it. Our own
//! words are `sslrootcert=FILE` (who may vouch for the server; the system's certificates otherwise) and
//! `prepared=off` (for a pgbouncer in transaction mode that keeps no prepared statements).

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;

/// Where distributions keep the certificates that they trust.
const SYSTEM_ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];
/// How long one attempt to connect may take, where the address says nothing else.
const CONNECT: Duration = Duration::from_secs(5);

/// A PostgreSQL and how to speak to it. Printed without its password.
#[derive(Clone)]
pub struct Address {
    pub(super) driver: tokio_postgres::Config,
    pub(super) prepared: bool,
    roots: Option<PathBuf>,
}

/// The address is none.
#[derive(Debug, Clone, thiserror::Error)]
#[error("not a PostgreSQL address: {0}")]
pub struct BadAddress(String);

impl Address {
    /// Whether a text names a PostgreSQL, well or not.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// The address that a text is.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if !Self::is_meant(text) {
            return Err(BadAddress("it begins with postgres://".to_owned()));
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut prepared, mut roots, mut rest) = (true, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("prepared", "on")) => prepared = true,
                Some(("prepared", "off")) => prepared = false,
                Some(("prepared", _)) => return Err(BadAddress("prepared is on or off".to_owned())),
                Some(("sslrootcert", file)) => roots = Some(PathBuf::from(file)),
                _ => rest.push(pair),
            }
        }
        let for_driver = format!("{base}?{}", rest.join("&"));
        // The driver's words name what is wrong, not the password.
        let mut driver: tokio_postgres::Config =
            for_driver.parse().map_err(|error: tokio_postgres::Error| {
                let cause =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                BadAddress(cause)
            })?;
        if driver.get_dbname().is_none() {
            return Err(BadAddress("no database is named".to_owned()));
        }
        if driver.get_application_name().is_none() {
            driver.application_name("streamsphere");
        }
        if driver.get_connect_timeout().is_none() {
            driver.connect_timeout(CONNECT);
        }
        // A machine that is gone without a word is noticed.
        driver.keepalives(true).keepalives_idle(Duration::from_secs(10));
        driver.tcp_user_timeout(Duration::from_secs(15));
        Ok(Self {
            driver,
            prepared,
            roots,
        })
    }

    /// How connections are encrypted; `None`: they are not.
    pub(super) fn tls(&self) -> Result<Option<ClientConfig>, BadAddress> {
        if self.driver.get_ssl_mode() == SslMode::Disable {
            return Ok(None);
        }
        let mut roots = RootCertStore::empty();
        let files: Vec<&Path> = match &self.roots {
            Some(file) => vec![file],
            None => SYSTEM_ROOTS.iter().map(Path::new).collect(),
        };
        for file in files {
            if let Ok(found) = CertificateDer::pem_file_iter(file) {
                roots.add_parsable_certificates(found.filter_map(Result::ok));
            }
            if !roots.is_empty() {
                break;
            }
        }
        if let (Some(file), true) = (&self.roots, roots.is_empty()) {
            return Err(BadAddress(format!("no certificates in {}", file.display())));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| BadAddress(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(config))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("hosts", &self.driver.get_hosts())
            .field("database", &self.driver.get_dbname())
            .field("prepared", &self.prepared)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_our_words_and_the_drivers() {
        let address =
            Address::parse("postgres://kept:secret@db.example:5433/videos?prepared=off&sslmode=disable")
                .unwrap();
        assert!(!address.prepared);
        assert!(address.tls().unwrap().is_none());
        assert_eq!(address.driver.get_dbname(), Some("videos"));
        assert!(!format!("{address:?}").contains("secret"));
        for bad in [
            "mysql://a/b",
            "postgres://host",
            "postgres://host/db?prepared=perhaps",
            "postgres://host/db?nonsense=1",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
