//! Refresh tokens: each works once, a copy ends the whole session, and time ends it anyway.

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::{DAY_MS, REFRESH, clock, cookies, is_signed_in, refresh};
use crate::kit::{self, Answer, Person};

#[track_caller]
fn successor(answer: &Answer) -> String {
    let token = answer.text_at("/data/refreshToken");
    assert_eq!(answer.text_at("/data/newRefreshToken"), token);
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_exchanged_in_a_body_or_a_cookie() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let first = refresh(&site, &asha.refresh_token).await.is(200);
    assert_eq!(first.at("/data/user/username"), "asha");
    let second = successor(&first);
    assert_ne!(second, asha.refresh_token);
    let cookie = format!("accessToken=old; refreshToken={second}");
    let request = site
        .request(Method::POST, REFRESH)
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin");
    let answer = kit::answer(request).await.is(200);
    let third = successor(&answer);
    assert_ne!(third, second);
    let set = cookies(&answer);
    let access = answer.text_at("/data/accessToken");
    assert!(set[0].starts_with(&format!("accessToken={access}; HttpOnly; Path=/; SameSite=Lax")));
    assert!(set[1].starts_with(&format!("refreshToken={third}; HttpOnly; Path=/; SameSite=Lax")));
    let fresh = Person {
        token: Some(access),
        ..site.anyone()
    };
    assert!(is_signed_in(&fresh).await);
    assert!(
        is_signed_in(&asha).await,
        "access tokens live on until they expire"
    );
    let listed = asha.get(super::SESSIONS).await.at("/data");
    assert_eq!(listed.as_array().unwrap().len(), 1, "it is the same session");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_before_gives_the_same_successor_for_ten_seconds() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let next = successor(&refresh(&site, &asha.refresh_token).await.is(200));
    site.clock.advance(10_000);
    let again = refresh(&site, &asha.refresh_token).await.is(200);
    assert_eq!(successor(&again), next, "two tabs, or an answer that was lost");
    refresh(&site, &next).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_comes_back_later_ends_the_whole_session() {
    let site = kit::with_clock(clock()).start().await;
    let laptop = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    let next = successor(&refresh(&site, &laptop.refresh_token).await.is(200));
    assert!(is_signed_in(&laptop).await);
    site.clock.advance(10_001);
    refresh(&site, &laptop.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    refresh(&site, &next).await.refuses(401, "invalid_refresh_token");
    assert!(!is_signed_in(&laptop).await, "whoever has it, thief or owner");
    assert!(is_signed_in(&phone).await, "other sign-ins are not touched");
    refresh(&site, &phone.refresh_token).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_two_steps_back_ends_the_session_even_within_ten_seconds() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let second = successor(&refresh(&site, &asha.refresh_token).await.is(200));
    let third = successor(&refresh(&site, &second).await.is(200));
    refresh(&site, &asha.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    refresh(&site, &third).await.refuses(401, "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tabs_that_refresh_at_once_get_one_successor() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let mut tabs = JoinSet::new();
    for _ in 0..50 {
        let body = json!({"refreshToken": asha.refresh_token});
        tabs.spawn(kit::answer(site.request(Method::POST, REFRESH).json(&body)));
    }
    let mut successors: Vec<String> = tabs
        .join_all()
        .await
        .into_iter()
        .map(|answer| successor(&answer.is(200)))
        .collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    site.clock.advance(60_000);
    let next = successor(&refresh(&site, &successors[0]).await.is(200));
    assert_ne!(next, successors[0], "nobody was signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_rests_for_thirty_days_has_ended() {
    let site = kit::with_clock(clock()).start().await;
    let asha = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    site.clock.advance(30 * DAY_MS);
    let fresh = refresh(&site, &asha.refresh_token).await.is(200);
    site.clock.advance(1);
    refresh(&site, &phone.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    let asha = Person {
        token: Some(fresh.text_at("/data/accessToken")),
        ..site.anyone()
    };
    let listed = asha.get(super::SESSIONS).await.is(200).at("/data");
    assert_eq!(
        listed.as_array().unwrap().len(),
        1,
        "what has ended is not listed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ninety_days_even_a_busy_session_ends() {
    let site = kit::with_clock(clock()).start().await;
    let mut token = site.person("asha").await.refresh_token;
    for _ in 0..4 {
        site.clock.advance(20 * DAY_MS);
        token = successor(&refresh(&site, &token).await.is(200));
    }
    site.clock.advance(10 * DAY_MS - 1_000);
    let last = refresh(&site, &token).await.is(200);
    let asha = Person {
        token: Some(last.text_at("/data/accessToken")),
        ..site.anyone()
    };
    assert!(is_signed_in(&asha).await);
    site.clock.advance(1_000);
    refresh(&site, &successor(&last))
        .await
        .refuses(401, "invalid_refresh_token");
    kit::until("the access token is dead too", async || {
        !is_signed_in(&asha).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_of_ours_is_refused() {
    let site = kit::site().await;
    let other = kit::site().await;
    let asha = site.person("asha").await;
    let foreign = other.person("asha").await.refresh_token;
    let good = asha.refresh_token.clone();
    // A single wrong character in each of its parts: session, generation, authentication.
    let with_other = |at: usize| {
        let letter = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{letter}{}", &good[..at], &good[at + 1..])
    };
    for token in [
        String::new(),
        "null".to_owned(),
        foreign,
        asha.token.clone().unwrap(),
        good[..63].to_owned(),
        format!("{good}A"),
        with_other(0),
        with_other(18),
        with_other(40),
        with_other(63),
        good.to_lowercase(),
        "A".repeat(64),
        "x".repeat(60_000),
    ] {
        let answer = refresh(&site, &token).await;
        assert_eq!(answer.status, 401, "{token}: {}", answer.json);
    }
    let none = site
        .anyone()
        .post(REFRESH, &json!({}))
        .await
        .refuses(401, "unauthenticated");
    assert_eq!(none.header("www-authenticate"), "Bearer");
    kit::answer(site.request(Method::POST, REFRESH))
        .await
        .refuses(401, "unauthenticated");
    refresh(&site, &good).await.is(200);
}
