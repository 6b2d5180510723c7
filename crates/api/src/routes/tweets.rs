//! Routes of what channels say.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::limits::Class;
use crate::tweets::{self, TweetBody, TweetPageBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/tweets",
            Reader,
            "list_tweets",
            "Tweets: of all, of an author, about a video, with some words",
            tweets::list_tweets,
        )
        .asks::<tweets::TweetsQuery>()
        .gives::<TweetPageBody<'static>>(200)
        .or_slice::<TweetBody<'static>>()
        .refuses(&[400, 401, 503]),
        Route::new(
            Method::POST,
            "/api/v1/tweets",
            SignedIn,
            "add_tweet",
            "Write a tweet, perhaps about a video and a place in it",
            tweets::add_tweet,
        )
        .costs(Class::Post)
        .takes::<tweets::AddTweetRequest>()
        .gives::<TweetBody<'static>>(201)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::GET,
            "/api/v1/tweets/user/{userId}",
            Reader,
            "list_user_tweets",
            "The newest tweets of an author",
            tweets::list_user_tweets,
        )
        .asks::<tweets::UserTweetsQuery>()
        .gives_list::<TweetBody<'static>>(200)
        .or_slice::<TweetBody<'static>>()
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/tweets/{tweetId}",
            SignedIn,
            "update_tweet",
            "Write another text; its author only",
            tweets::update_tweet,
        )
        .takes::<tweets::UpdateTweetRequest>()
        .gives::<TweetBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/tweets/{tweetId}",
            SignedIn,
            "remove_tweet",
            "Remove a tweet",
            tweets::remove_tweet,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
    ]
}
