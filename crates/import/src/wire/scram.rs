//! Signing in without telling the password: SCRAM-SHA-256 (RFC 5802, RFC 7677), with the server's proof checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use crate::ImportError;

/// How often a server may have the password hashed: MongoDB has 15,000.
const ROUNDS: std::ops::RangeInclusive<u32> = 4_096..=1_000_000;

/// Somebody who signs in.
pub(super) struct Client {
    bare: String,
    nonce: String,
    password: String,
}

/// What is told to the server, and what it has to answer.
pub(super) struct Proof {
    pub(super) message: String,
    signature: [u8; 32],
}

impl Client {
    pub(super) fn new(user: &str, password: &str) -> Self {
        Self::with_nonce(user, password, &STANDARD.encode(rand::random::<[u8; 24]>()))
    }

    fn with_nonce(user: &str, password: &str, nonce: &str) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Self {
            bare: format!("n={user},r={nonce}"),
            nonce: nonce.to_owned(),
            // SASLprep, as far as passwords go that people can type.
            password: password.nfkc().collect(),
        }
    }

    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.bare)
    }

    pub(super) fn prove(&self, said: &str) -> Result<Proof, ImportError> {
        let wrong = || ImportError::Protocol("an answer that is none to a sign-in");
        let nonce = part(said, 'r').ok_or_else(wrong)?;
        let salt = part(said, 's')
            .and_then(|salt| STANDARD.decode(salt).ok())
            .ok_or_else(wrong)?;
        let rounds: u32 = part(said, 'i')
            .and_then(|rounds| rounds.parse().ok())
            .ok_or_else(wrong)?;
        if !nonce.starts_with(&self.nonce) || nonce.len() <= self.nonce.len() || !ROUNDS.contains(&rounds) {
            return Err(wrong());
        }
        let salted = stretch(self.password.as_bytes(), &salt, rounds);
        let client_key = mac(&salted, b"Client Key");
        let stored_key: [u8; 32] = Sha256::digest(client_key).into();
        // `biws` says: no binding to a channel.
        let without = format!("c=biws,r={nonce}");
        let whole = format!("{},{said},{without}", self.bare);
        let mut proof = mac(&stored_key, whole.as_bytes());
        for (byte, key) in proof.iter_mut().zip(client_key) {
            *byte ^= key;
        }
        Ok(Proof {
            message: format!("{without},p={}", STANDARD.encode(proof)),
            signature: mac(&mac(&salted, b"Server Key"), whole.as_bytes()),
        })
    }
}

impl Proof {
    /// Whether the server knows the password too.
    pub(super) fn check(&self, said: &str) -> Result<(), ImportError> {
        let signature = part(said, 'v').and_then(|text| STANDARD.decode(text).ok());
        if signature.is_some_and(|said| bool::from(said.ct_eq(&self.signature))) {
            Ok(())
        } else {
            Err(ImportError::Protocol("the server does not know the password"))
        }
    }
}

fn part(said: &str, name: char) -> Option<&str> {
    said.split(',')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// PBKDF2 with HMAC-SHA-256, one block.
fn stretch(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut last = mac(password, &[salt, &1_u32.to_be_bytes()].concat());
    let mut all = last;
    for _ in 1..rounds {
        last = mac(password, &last);
        for (byte, more) in all.iter_mut().zip(last) {
            *byte ^= more;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_of_the_standard_comes_out_the_same() {
        // RFC 7677, section 3.
        let client = Client::with_nonce("user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(client.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let said = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = client.prove(said).unwrap();
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        proof
            .check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
            .unwrap();
        assert!(
            proof
                .check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=")
                .is_err()
        );
    }

    #[test]
    fn a_server_that_answers_another_or_wants_too_much_is_refused() {
        let client = Client::with_nonce("user", "pencil", "mine");
        for said in [
            "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=mine,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=mineandyours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000",
            "r=mineandyours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
            "r=mineandyours,s=!,i=4096",
            "",
        ] {
            assert!(client.prove(said).is_err(), "{said}");
        }
    }
}
