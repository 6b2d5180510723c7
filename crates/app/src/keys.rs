//! The server's secret: 256 bits from the operating system in a file that only the server reads, and
//! the keys derived from it.
//!
//! One root, one key for each use: a token of one kind can never pass for another.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// HMAC with SHA-256 (RFC 2104, FIPS 180-4).
pub type HmacSha256 = Hmac<Sha256>;

/// Keys for each use, and the name of the root they come from.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub access: [u8; 32],
    /// Makes refresh tokens.
    pub refresh: [u8; 32],
    /// Signs media links.
    pub media: [u8; 32],
    /// Makes the secrets of webhooks.
    pub webhooks: [u8; 32],
    /// Makes the key that push services know this server by.
    pub push: [u8; 32],
    /// Hashes viewers and their sessions.
    pub analytics: [u8; 32],
    /// Names the root, in tokens, so that keys can be changed with an overlap.
    pub key_id: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.key_id)
    }
}

/// The key file is unusable; the server must not start with it.
#[derive(Debug, Error)]
pub enum KeyError {
    /// It cannot be read or made.
    #[error("key file {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others on this machine could read it.
    #[error("key file {0} can be read by others; make it yours alone: chmod 600")]
    Exposed(PathBuf),
    /// It does not hold 64 hex digits, or holds an obvious pattern.
    #[error(
        "key file {0} does not hold a strong key (64 random hex digits); remove it to get a new one, which signs everyone out"
    )]
    Weak(PathBuf),
}

impl Keys {
    /// Reads the key file, or makes it when there is none.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io {
            path: path.to_owned(),
            source,
        };
        if !path.exists() {
            create(path).map_err(io)?;
        }
        let mut file = fs::File::open(path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed(path.to_owned()));
        }
        let mut text = String::new();
        Read::by_ref(&mut file)
            .take(256)
            .read_to_string(&mut text)
            .map_err(io)?;
        let mut root = [0_u8; 32];
        hex_decode(text.trim(), &mut root).ok_or_else(|| KeyError::Weak(path.to_owned()))?;
        let mut seen: Vec<u8> = root.to_vec();
        seen.sort_unstable();
        seen.dedup();
        // 32 random bytes hold 16 different ones or fewer once in 10^18 files.
        if seen.len() < 16 {
            return Err(KeyError::Weak(path.to_owned()));
        }
        Ok(Self::from_root(&root))
    }

    /// The keys of this root.
    pub fn from_root(root: &[u8; 32]) -> Self {
        let derive = |label: &str| mac(root, &[b"streamsphere/v1/", label.as_bytes()]);
        let name = derive("key-id");
        let key_id = hex::encode(&name[..4]);
        Self {
            access: derive("access"),
            refresh: derive("refresh"),
            media: derive("media"),
            analytics: derive("analytics"),
            webhooks: derive("webhooks"),
            push: derive("push"),
            key_id,
        }
    }
}

/// Under this the store knows which key the site was set up with.
pub(crate) const FACT: &str = "key.id";

impl Keys {
    /// Whether these are the keys that the site in `store` was set up with; the first that ask are.
    pub async fn is_of(&self, store: &store::Store) -> Result<bool, store::StoreError> {
        let known = store::counters::fact(&mut store.read(), FACT).await?;
        if let Some(known) = known {
            return Ok(known == self.key_id);
        }
        let mut tx = store.write().await?;
        // Two nodes of a new site may ask at once: the second finds what the first has written.
        let known = store::counters::fact(&mut tx, FACT).await?;
        if let Some(known) = known {
            return Ok(known == self.key_id);
        }
        // Overtaken, it may be told so at either of them.
        let written = match store::counters::save_fact(&mut tx, FACT, &self.key_id).await {
            Ok(()) => tx.commit().await,
            refused => refused,
        };
        match written {
            Ok(()) => Ok(true),
            Err(store::StoreError::Busy) => {
                let known = store::counters::fact(&mut store.read(), FACT).await?;
                Ok(known.as_ref() == Some(&self.key_id))
            }
            Err(error) => Err(error),
        }
    }
}

/// HMAC-SHA-256 over the parts in order.
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // Shorter keys are filled up with zeros to the size of a block (RFC 2104 section 2).
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let mut mac = HmacSha256::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn create(path: &Path) -> io::Result<()> {
    let root: [u8; 32] = rand::random();
    let text = hex::encode(root);
    let temporary = path.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn hex_decode(text: &str, out: &mut [u8; 32]) -> Option<()> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let first = Keys::load(&path).unwrap();
        assert_eq!(Keys::load(&path).unwrap().access, first.access);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_weak_or_exposed_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let write = |text: &str, mode: u32| {
            let _ = fs::remove_file(&path);
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(mode)
                .open(&path)
                .unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        for weak in ["", "secret", &"0".repeat(64), &"ab".repeat(32)] {
            write(weak, 0o600);
            assert!(matches!(Keys::load(&path), Err(KeyError::Weak(_))), "{weak}");
        }
        write(
            &"0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0"[..64],
            0o644,
        );
        assert!(matches!(Keys::load(&path), Err(KeyError::Exposed(_))));
    }

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let keys = Keys::from_root(&[7; 32]);
        assert!(keys.access != keys.refresh && keys.refresh != keys.media);
    }
}
