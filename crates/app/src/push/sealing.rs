//! How a message becomes something that only the browser can read (RFC 8291, `aes128gcm` of RFC 8188), and how a push
//! service knows who sends it (VAPID, RFC 8292).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Millis;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::Serialize;
use thiserror::Error;

use crate::keys::mac;

/// The largest message that push services must take, in bytes; the record size that is announced as well.
pub const MOST_BYTES: usize = 4096;
/// What is around the text: salt, record size, our key, the end of the record, and the tag.
const AROUND_BYTES: usize = 16 + 4 + 1 + 65 + 1 + 16;
/// The longest text.
pub const MOST_TEXT_BYTES: usize = MOST_BYTES - AROUND_BYTES;
/// How long a token holds, in seconds; a day is the most that is taken.
const TOKEN_S: i64 = 12 * 3600;

/// A message cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// The browser's key is no point of the curve, or its secret has another length.
    #[error("the browser's keys are malformed")]
    Keys,
    /// The text is too long.
    #[error("too long for a push message")]
    TooLong,
    /// The library refused; it has no reason to.
    #[error("sealing failed")]
    Failed,
}

/// What a browser gave us to seal with.
#[derive(Debug, Clone)]
pub struct Keys {
    public: PublicKey,
    auth: [u8; 16],
}

impl Keys {
    /// The keys of these bytes: a point without compression, and a secret of 16 bytes.
    pub fn new(p256dh: &[u8], auth: &[u8]) -> Result<Self, Fault> {
        let public = Some(p256dh).filter(|point| point.len() == 65);
        let public = public.and_then(|point| PublicKey::from_sec1_bytes(point).ok());
        Ok(Self {
            public: public.ok_or(Fault::Keys)?,
            auth: auth.try_into().map_err(|_| Fault::Keys)?,
        })
    }
}

/// The first key that comes of `of`; nearly all bytes are one.
fn key_from(mut of: impl FnMut(u8) -> [u8; 32]) -> Result<SecretKey, Fault> {
    let mut tries = (0..=u8::MAX).map(|n| SecretKey::from_slice(&of(n)));
    tries.find_map(Result::ok).ok_or(Fault::Failed)
}

fn point(key: &PublicKey) -> Vec<u8> {
    key.to_encoded_point(false).as_bytes().to_vec()
}

/// Seals a text for a browser, with a key and a salt of its own.
pub fn seal(to: &Keys, text: &[u8]) -> Result<Vec<u8>, Fault> {
    let own = key_from(|_| rand::random())?;
    seal_with(to, text, &own, rand::random())
}

fn seal_with(to: &Keys, text: &[u8], own: &SecretKey, salt: [u8; 16]) -> Result<Vec<u8>, Fault> {
    if text.len() > MOST_TEXT_BYTES {
        return Err(Fault::TooLong);
    }
    let ours = point(&own.public_key());
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), to.public.as_affine());
    // HKDF (RFC 5869) where each output fits in one block: extracting is one HMAC, expanding another.
    let extracted = mac(&padded(&to.auth), &[shared.raw_secret_bytes().as_slice()]);
    let theirs = point(&to.public);
    let keying = mac(&extracted, &[b"WebPush: info\0", &theirs, &ours, &[1]]);
    let extracted = mac(&padded(&salt), &[&keying]);
    let key = mac(&extracted, &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = mac(&extracted, &[b"Content-Encoding: nonce\0", &[1]]);

    let key = UnboundKey::new(&AES_128_GCM, &key[..16]).map_err(|_| Fault::Failed)?;
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).map_err(|_| Fault::Failed)?;
    let mut record = text.to_vec();
    // The last record ends with a 2; there is only this one.
    record.push(2);
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::empty(), &mut record)
        .map_err(|_| Fault::Failed)?;
    let mut sealed = Vec::with_capacity(MOST_BYTES);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(&(MOST_BYTES as u32).to_be_bytes());
    sealed.push(65);
    sealed.extend_from_slice(&ours);
    sealed.extend_from_slice(&record);
    Ok(sealed)
}

/// A shorter key of an HMAC is filled up with zeros anyway.
fn padded(key: &[u8; 16]) -> [u8; 32] {
    let mut padded = [0; 32];
    padded[..16].copy_from_slice(key);
    padded
}

/// Who we are to push services.
#[derive(Clone)]
pub struct Vapid {
    key: SigningKey,
    public: String,
    contact: String,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vapid({})", self.public)
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// The identity that comes of this key of the server's, and whom to write to about it.
    pub fn new(root: &[u8; 32], contact: &str) -> Result<Self, Fault> {
        let secret = key_from(|n| mac(root, &[b"vapid", &[n]]))?;
        let public = URL_SAFE_NO_PAD.encode(point(&secret.public_key()));
        Ok(Self {
            key: SigningKey::from(&secret),
            public,
            contact: contact.to_owned(),
        })
    }

    /// The public key as browsers take it (`applicationServerKey`).
    pub fn public(&self) -> &str {
        &self.public
    }

    /// What stands in `Authorization` for the push service at this origin.
    pub fn authorization(&self, origin: &str, now: Millis) -> Result<String, Fault> {
        let claims = Claims {
            aud: origin,
            exp: now.as_seconds() + TOKEN_S,
            sub: &self.contact,
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| Fault::Failed)?;
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature: Signature = self.key.try_sign(signed.as_bytes()).map_err(|_| Fault::Failed)?;
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, section 5 and appendix A.
    #[test]
    fn a_message_is_sealed_as_the_rfc_shows() {
        let to = Keys::new(
            &bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        )
        .unwrap();
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sealed = seal_with(&to, b"When I grow up, I want to be a watermelon", &own, salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
             AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn what_does_not_fit_or_has_no_keys_is_refused() {
        let own = key_from(|_| rand::random()).unwrap();
        let to = Keys::new(&point(&own.public_key()), &[7; 16]).unwrap();
        assert_eq!(seal(&to, &[b'x'; MOST_TEXT_BYTES]).unwrap().len(), MOST_BYTES);
        assert_eq!(seal(&to, &[b'x'; MOST_TEXT_BYTES + 1]), Err(Fault::TooLong));
        assert_ne!(seal(&to, b"same").unwrap(), seal(&to, b"same").unwrap());
        let mut off_curve = point(&own.public_key());
        off_curve[64] ^= 1;
        for (key, auth) in [
            (&off_curve[..], 16),
            (&[4; 65][..], 16),
            (&[][..], 16),
            (&off_curve[..33], 16),
        ] {
            assert_eq!(Keys::new(key, &vec![0; auth]).unwrap_err(), Fault::Keys);
        }
        assert!(Keys::new(&point(&own.public_key()), &[0; 15]).is_err());
    }

    #[test]
    fn the_identity_is_the_same_at_every_start() {
        let a = Vapid::new(&[1; 32], "mailto:ops@videos.example").unwrap();
        let b = Vapid::new(&[1; 32], "mailto:ops@videos.example").unwrap();
        assert_eq!(a.public(), b.public());
        assert_ne!(
            a.public(),
            Vapid::new(&[2; 32], "mailto:x@y.example").unwrap().public()
        );
        assert_eq!(bytes(a.public()).len(), 65);
    }
}
