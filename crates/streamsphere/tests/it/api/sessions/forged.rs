//! Access tokens that are not ours, not now, or not for this (security.md A4).
//!
//! The forger here knows the server's key: what is refused is refused for its form, not for want of it.

use app::keys::{Keys, mac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Sha384, Sha512};

use super::{LOGOUT, ME, clock, is_signed_in};
use crate::kit::{self, Person, Site};

fn keys(site: &Site) -> Keys {
    Keys::load(&site.data().join("secret.key")).unwrap()
}

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

const YEAR_MS: i64 = 365 * super::DAY_MS;

/// The parts of a token that the server would take, to be spoiled one by one.
struct Forger {
    keys: Keys,
    header: Value,
    claims: Value,
}

impl Forger {
    fn of(site: &Site, person: &Person<'_>) -> Self {
        let token = person.token.as_ref().unwrap();
        let part = |n: usize| {
            let text = token.split('.').nth(n).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
        };
        Self {
            keys: keys(site),
            header: part(0),
            claims: part(1),
        }
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let tag = mac(&self.keys.access, &[signed.as_bytes()]);
        format!("{signed}.{}", encode(tag))
    }

    /// The header as this server writes it, to the letter.
    fn header_text(&self) -> String {
        format!(
            r#"{{"typ":"at+jwt","alg":"HS256","kid":"{}"}}"#,
            self.header["kid"].as_str().unwrap()
        )
    }

    fn with_header(&self, name: &str, value: &Value) -> String {
        let mut header = self.header.clone();
        header[name] = value.clone();
        self.sign(&header.to_string(), &self.claims.to_string())
    }

    fn with_claims(&self, changes: &[(&str, Value)]) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        self.sign(&self.header_text(), &claims.to_string())
    }

    fn without_claim(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.sign(&self.header_text(), &claims.to_string())
    }

    fn with_claims_text(&self, find: &str, put: &str) -> String {
        let claims = self.claims.to_string();
        assert!(claims.contains(find), "{find} in {claims}");
        self.sign(&self.header_text(), &claims.replace(find, put))
    }
}

async fn is_taken(site: &Site, token: &str) -> bool {
    let answer = kit::answer(site.request(Method::GET, ME).bearer_auth(token)).await;
    if answer.status == 200 {
        return true;
    }
    let answer = answer.refuses(401, "invalid_token");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
    let cookie = format!("accessToken={token}");
    let by_cookie = kit::answer(site.request(Method::GET, ME).header("cookie", cookie)).await;
    assert_eq!(by_cookie.status, 401, "nor as a cookie");
    false
}

async fn assert_refused(site: &Site, tokens: Vec<(String, String)>) {
    for (what, token) in tokens {
        assert!(!is_taken(site, &token).await, "{what}: {token}");
    }
}

fn named<T: Into<String>>(tokens: impl IntoIterator<Item = (T, String)>) -> Vec<(String, String)> {
    tokens
        .into_iter()
        .map(|(name, token)| (name.into(), token))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forger_can_make_a_token_that_is_taken() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let forger = Forger::of(&site, &asha);
    assert_eq!(forger.claims["iss"], "streamsphere");
    let names: Vec<&String> = forger.claims.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 7, "{names:?}");
    let own = forger.with_claims(&[]);
    assert!(
        is_taken(&site, &own).await,
        "else the other tests here prove nothing: {own}"
    );
    assert_eq!(
        forger.claims["exp"].as_i64().unwrap() - forger.claims["iat"].as_i64().unwrap(),
        600
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_algorithm_is_taken() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let forger = Forger::of(&site, &asha);
    let claims = forger.claims.to_string();
    let genuine = asha.token.clone().unwrap();
    let signature = genuine.rsplit('.').next().unwrap();
    let mut tokens = Vec::new();
    for alg in [
        "none", "None", "NONE", "nOnE", "", "HS1", "RS256", "ES256", "EdDSA", "hs256",
    ] {
        let mut header = forger.header.clone();
        header["alg"] = json!(alg);
        let header = header.to_string();
        let unsigned = format!("{}.{}", encode(&header), encode(&claims));
        tokens.push((format!("{alg} without a signature"), format!("{unsigned}.")));
        tokens.push((
            format!("{alg} with the genuine one"),
            format!("{unsigned}.{signature}"),
        ));
        tokens.push((format!("{alg} signed"), forger.sign(&header, &claims)));
    }
    tokens.push(("alg null".into(), forger.with_header("alg", &Value::Null)));
    tokens.push(("alg list".into(), forger.with_header("alg", &json!(["HS256"]))));
    let shape = |alg: &str| {
        let header = forger.header_text().replace("HS256", alg);
        format!("{}.{}", encode(header), encode(&claims))
    };
    let signed = shape("HS384");
    let mut tag = Hmac::<Sha384>::new_from_slice(&forger.keys.access).unwrap();
    tag.update(signed.as_bytes());
    tokens.push((
        "HS384".into(),
        format!("{signed}.{}", encode(tag.finalize().into_bytes())),
    ));
    let signed = shape("HS512");
    let mut tag = Hmac::<Sha512>::new_from_slice(&forger.keys.access).unwrap();
    tag.update(signed.as_bytes());
    tokens.push((
        "HS512".into(),
        format!("{signed}.{}", encode(tag.finalize().into_bytes())),
    ));
    assert_refused(&site, tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_header_is_taken() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let forger = Forger::of(&site, &asha);
    let mut tokens = Vec::new();
    for typ in ["JWT", "rt+jwt", "media", "AT+JWT", "application/at+jwt", ""] {
        tokens.push((format!("typ {typ}"), forger.with_header("typ", &json!(typ))));
    }
    for kid in [
        "00000000",
        "",
        "../../../../dev/null",
        "/etc/passwd",
        "x' OR '1'='1",
        "secret.key",
    ] {
        tokens.push((format!("kid {kid}"), forger.with_header("kid", &json!(kid))));
    }
    tokens.push(("kid number".into(), forger.with_header("kid", &json!(1))));
    for (name, value) in [
        ("jku", json!("https://evil.example/keys.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        (
            "jwk",
            json!({"kty": "oct", "k": encode("my own key, thank you very much")}),
        ),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("cty", json!("JWT")),
        ("anything", json!("else")),
    ] {
        tokens.push((name.to_owned(), forger.with_header(name, &value)));
    }
    let claims = forger.claims.to_string();
    let header = forger.header_text();
    for (what, header) in [
        ("no header fields", "{}".to_owned()),
        ("no typ", header.replace(r#""typ":"at+jwt","#, "")),
        ("typ twice", header.replace('{', r#"{"typ":"at+jwt","#)),
        ("a space", header.replace(':', ": ")),
        ("a line break behind", format!("{header}\n")),
        ("not JSON", "at+jwt".to_owned()),
        ("nothing", String::new()),
    ] {
        tokens.push((what.to_owned(), forger.sign(&header, &claims)));
    }
    assert_refused(&site, tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_another_issuer_form_or_time_are_not_taken() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let forger = Forger::of(&site, &asha);
    let ben_claims = Forger::of(&site, &ben).claims;
    let now = site.clock.now().as_seconds();
    let mut tokens = named([
        ("another issuer", forger.with_claims(&[("iss", json!("evil"))])),
        (
            "a list of issuers",
            forger.with_claims(&[("iss", json!(["streamsphere", "evil"]))]),
        ),
        ("another audience", forger.with_claims(&[("aud", json!("evil"))])),
        (
            "a list of audiences",
            forger.with_claims(&[("aud", json!(["evil", "streamsphere"]))]),
        ),
        (
            "another's session",
            forger.with_claims(&[("sid", ben_claims["sid"].clone())]),
        ),
        (
            "another's name",
            forger.with_claims(&[("sub", ben_claims["sub"].clone())]),
        ),
        (
            "a session that never was",
            forger.with_claims(&[("sid", json!("0".repeat(24)))]),
        ),
        (
            "a session that is no id",
            forger.with_claims(&[("sid", json!("../../x"))]),
        ),
        (
            "expired",
            forger.with_claims(&[("exp", json!(now - 100)), ("iat", json!(now - 700))]),
        ),
        ("not yet valid", forger.with_claims(&[("nbf", json!(now + 300))])),
        (
            "of the future",
            forger.with_claims(&[
                ("iat", json!(now + 300)),
                ("nbf", json!(now + 300)),
                ("exp", json!(now + 800)),
            ]),
        ),
        (
            "for a week",
            forger.with_claims(&[("exp", json!(now + 7 * 86_400))]),
        ),
        ("for ever", forger.with_claims(&[("exp", json!(i64::MAX))])),
        ("beyond for ever", forger.with_claims(&[("exp", json!(u64::MAX))])),
        ("negative expiry", forger.with_claims(&[("exp", json!(-1))])),
        (
            "all negative",
            forger.with_claims(&[("exp", json!(-1)), ("iat", json!(-2)), ("nbf", json!(-2))]),
        ),
        (
            "overflowing",
            forger.with_claims(&[("exp", json!(i64::MAX)), ("iat", json!(i64::MIN))]),
        ),
        ("least of times", forger.with_claims(&[("nbf", json!(i64::MIN))])),
        (
            "expiry as a float",
            forger.with_claims(&[("exp", json!(now as f64 + 500.5))]),
        ),
        (
            "expiry as text",
            forger.with_claims(&[("exp", json!((now + 500).to_string()))]),
        ),
        ("expiry null", forger.with_claims(&[("exp", Value::Null)])),
    ]);
    let exp = format!("\"exp\":{}", forger.claims["exp"]);
    for (what, put) in [
        ("expiry in powers of ten", "\"exp\":1e400".to_owned()),
        ("expiry not a number", "\"exp\":NaN".to_owned()),
        ("expiry twice", format!("{exp},\"exp\":{}", i64::MAX)),
        (
            "expiry twice, the other way",
            format!("\"exp\":{},{exp}", i64::MAX),
        ),
        ("subject twice", format!("{exp},\"sub\":{}", ben_claims["sub"])),
    ] {
        tokens.push((what.to_owned(), forger.with_claims_text(&exp, &put)));
    }
    for name in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        tokens.push((format!("without {name}"), forger.without_claim(name)));
    }
    for claims in ["", "{}", "null", "[]", "\"asha\"", "{"] {
        tokens.push((
            format!("claims {claims}"),
            forger.sign(&forger.header_text(), claims),
        ));
    }
    assert_refused(&site, tokens).await;
    assert!(is_signed_in(&asha).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_signature_form_or_kind_of_token_is_taken() {
    let site = kit::site().await;
    let elsewhere = kit::site().await;
    let asha = site.person("asha").await;
    let foreign = elsewhere.person("asha").await;
    let forger = Forger::of(&site, &asha);
    let genuine = asha.token.clone().unwrap();
    let parts: Vec<&str> = genuine.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts")
    };
    let signed_with = |key: &[u8; 32]| {
        let signed = format!("{header}.{claims}");
        let tag = mac(key, &[signed.as_bytes()]);
        format!("{signed}.{}", encode(tag))
    };
    let flipped = {
        let mut tag = URL_SAFE_NO_PAD.decode(signature).unwrap();
        tag[0] ^= 1;
        encode(tag)
    };
    let padded = STANDARD.encode(URL_SAFE_NO_PAD.decode(signature).unwrap());
    let with_unused_bits = {
        // 32 bytes leave two bits of the last letter unused: another letter, the same bytes.
        let (rest, last) = signature.split_at(signature.len() - 1);
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let at = letters
            .iter()
            .position(|letter| *letter == last.as_bytes()[0])
            .unwrap();
        format!("{rest}{}", char::from(letters[at ^ 1]))
    };
    let mut large = forger.claims.clone();
    large["padding"] = json!("x".repeat(4096));
    let tokens = named([
        ("the key for refresh tokens", signed_with(&forger.keys.refresh)),
        ("the key for media", signed_with(&forger.keys.media)),
        ("no key", signed_with(&[0; 32])),
        ("one bit wrong", format!("{header}.{claims}.{flipped}")),
        (
            "half a signature",
            format!("{header}.{claims}.{}", &signature[..20]),
        ),
        ("no signature", format!("{header}.{claims}.")),
        ("no signature, nor its dot", format!("{header}.{claims}")),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{claims}.{signature}")),
        ("nothing but dots", "..".to_owned()),
        ("one dot", ".".to_owned()),
        ("a fourth part", format!("{genuine}.")),
        ("a fourth and a fifth", format!("{genuine}.{claims}.{signature}")),
        ("padding", format!("{header}.{claims}.{padded}")),
        (
            "other unused bits",
            format!("{header}.{claims}.{with_unused_bits}"),
        ),
        ("cut", genuine[..genuine.len() - 1].to_owned()),
        ("a letter more", format!("{genuine}A")),
        ("twice", format!("{genuine}{genuine}")),
        ("large", forger.sign(&forger.header_text(), &large.to_string())),
        ("a refresh token", asha.refresh_token.clone()),
        ("another instance's", foreign.token.clone().unwrap()),
        ("another instance's refresh token", foreign.refresh_token.clone()),
        ("a word", "null".to_owned()),
        ("a password", kit::PASSWORD.to_owned()),
        ("percent signs", genuine.replace('.', "%2e")),
    ]);
    assert_refused(&site, tokens).await;
    for scheme in ["Basic", "Token", "JWT", "Bearer:", ""] {
        let value = format!("{scheme} {genuine}");
        let answer = kit::answer(site.request(Method::GET, ME).header("authorization", value)).await;
        assert_eq!(answer.status, 401, "{scheme}");
    }
    for empty in ["Bearer", "Bearer ", "bearer  "] {
        let answer = kit::answer(site.request(Method::GET, ME).header("authorization", empty)).await;
        assert_eq!(answer.status, 401, "{empty}");
        assert!(!answer.header("www-authenticate").is_empty());
    }
    let lower = format!("bearer {genuine}");
    kit::answer(site.request(Method::GET, ME).header("authorization", lower))
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_bearer_token_is_refused_even_where_none_is_needed() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&kit::clips::small(), &[]).await;
    for path in [
        "/api/v1/videos".to_owned(),
        format!("/api/v1/videos/{id}"),
        "/users/c/asha".to_owned(),
    ] {
        let request = site.request(Method::GET, &path).bearer_auth("nonsense");
        kit::answer(request).await.refuses(401, "invalid_token");
        let cookie = "accessToken=nonsense";
        kit::answer(site.request(Method::GET, &path).header("cookie", cookie))
            .await
            .is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_address_is_not_read() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let token = asha.token.clone().unwrap();
    for name in [
        "accessToken",
        "access_token",
        "token",
        "authorization",
        "jwt",
        "refreshToken",
    ] {
        let path = format!("{ME}?{name}={token}");
        site.anyone().get(&path).await.refuses(401, "unauthenticated");
        let path = format!("{LOGOUT}?{name}={token}");
        site.anyone()
            .post(&path, &json!({}))
            .await
            .refuses(401, "unauthenticated");
    }
    let path = format!("{}?refreshToken={}", super::REFRESH, asha.refresh_token);
    site.anyone()
        .post(&path, &json!({}))
        .await
        .refuses(401, "unauthenticated");
    assert!(is_signed_in(&asha).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_ten_minutes_and_thirty_seconds_of_grace() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    site.clock.advance(630_000);
    assert!(is_signed_in(&asha).await, "two clocks may differ a little");
    site.clock.advance(1_000);
    assert!(!is_signed_in(&asha).await);
    super::refresh(&site, &asha.refresh_token).await.is(200);
    assert!(
        !is_signed_in(&asha).await,
        "a refresh does not bring the old one back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_revives_nothing() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    assert!(is_signed_in(&asha).await);
    site.clock.advance(-31_000);
    assert!(!is_signed_in(&asha).await, "from the future");
    site.clock.advance(1_000);
    assert!(is_signed_in(&asha).await, "two clocks may differ a little");
    site.clock.advance(30_000);
    asha.post(LOGOUT, &json!({})).await.is(200);
    for jump_ms in [
        -1_000,
        -3_600_000,
        3_600_000,
        10 * YEAR_MS,
        -20 * YEAR_MS,
        10 * YEAR_MS,
    ] {
        site.clock.advance(jump_ms);
        assert!(!is_signed_in(&asha).await, "after a jump of {jump_ms} ms");
        super::refresh(&site, &asha.refresh_token)
            .await
            .refuses(401, "invalid_refresh_token");
        site.anyone().get("/api/v1/videos").await.is(200);
    }
}
