//! `/api/v1/videos/{id}/thumbnails`: frames to choose the poster from.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Answer, Person, clips};

/// Ten seconds: black, a blurred picture, a sharp one, white.
fn varied() -> clips::Clip {
    let scene = "testsrc2=size=640x360:rate=10";
    let graph = format!(
        "color=black:size=640x360:rate=10:duration=2[a];{scene}:duration=2,gblur=sigma=25[b];\
         {scene}:duration=4[c];color=white:size=640x360:rate=10:duration=2[d];[a][b][c][d]concat=n=4"
    );
    clips::made(
        "varied.mp4",
        &["-filter_complex", &graph, "-pix_fmt", "yuv420p", "-g", "10"],
    )
}

async fn list(person: &Person<'_>, id: &str) -> Vec<Value> {
    let answer = person
        .get(&format!("/api/v1/videos/{id}/thumbnails"))
        .await
        .is(200);
    answer.at("/data").as_array().unwrap().clone()
}

async fn chooses(person: &Person<'_>, id: &str, candidate: &Value) -> Answer {
    let request = person.request(Method::PUT, &format!("/api/v1/videos/{id}/thumbnail"));
    kit::answer(request.json(&json!({"candidate": candidate}))).await
}

fn chosen(candidates: &[Value]) -> Vec<usize> {
    let all = candidates.iter().enumerate();
    all.filter(|(_, candidate)| candidate["chosen"] == true)
        .map(|(number, _)| number)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_frame_is_the_poster_and_its_owner_may_choose_another() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&varied(), &[]).await;
    let candidates = list(&asha, &id).await;
    assert!((2..=9).contains(&candidates.len()), "{candidates:?}");
    let at: Vec<f64> = candidates.iter().map(|one| one["at"].as_f64().unwrap()).collect();
    assert!(
        at.is_sorted() && at.iter().all(|at| (4.0..8.0).contains(at)),
        "black, white and blurred frames are no choice: {at:?}"
    );
    let best = chosen(&candidates);
    assert_eq!(best.len(), 1);
    let other = usize::from(best[0] == 0);

    let before = site
        .anyone()
        .get(&format!("/api/v1/videos/{id}"))
        .await
        .text_at("/data/thumbnail");
    let first = site.anyone().get(&before).await.is(200);
    let after = chooses(&asha, &id, &candidates[other]["id"])
        .await
        .is(200)
        .text_at("/data/thumbnail");
    assert_ne!(before, after);
    let second = site.anyone().get(&after).await.is(200);
    assert_ne!(first.bytes, second.bytes);
    site.anyone()
        .get(&after.replace("-1280.jpg", "-480.jpg"))
        .await
        .is(200);
    site.anyone().get(&before).await.refuses(404, "media_not_found");
    assert_eq!(chosen(&list(&asha, &id).await), [other]);

    // Back and forth: nothing that is shown is lost.
    chooses(&asha, &id, &candidates[best[0]]["id"]).await.is(200);
    let again = chooses(&asha, &id, &candidates[other]["id"])
        .await
        .is(200)
        .text_at("/data/thumbnail");
    site.anyone().get(&again).await.is(200);
    for bad in [json!("0"), json!(""), json!(format!("{id}-0"))] {
        chooses(&asha, &id, &bad)
            .await
            .refuses(404, "candidate_not_found");
    }
    chooses(&asha, &id, &Value::Null)
        .await
        .refuses(400, "invalid_fields")
        .blames("candidate", "missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_shown_to_the_owner_only() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let admin = site.admin().await;
    let id = asha.publishes(&varied(), &[]).await;
    for person in [&asha, &admin] {
        let url = list(person, &id).await[0]["url"].as_str().unwrap().to_owned();
        // The address is the key, as it must be for a picture in a page, and says so to caches.
        let got = site.anyone().get(&url).await.is(200);
        assert_eq!(got.header("content-type"), "image/jpeg");
        assert_eq!(got.header("cache-control"), "private, no-store");
        let file = url.rsplit('/').next().unwrap();
        let plain = format!("/media/{id}/{file}");
        person.get(&plain).await.is(200);
        for other in [&ben, &site.anyone()] {
            other.get(&plain).await.refuses(404, "media_not_found");
        }
        let missing = plain.replace("-0.jpg", "-99.jpg");
        person.get(&missing).await.refuses(404, "media_not_found");
    }
    ben.get(&format!("/api/v1/videos/{id}/thumbnails"))
        .await
        .refuses(403, "not_the_owner");
    let url = list(&asha, &id).await[0]["url"].as_str().unwrap().to_owned();
    asha.post("/api/v1/users/logout", &json!({})).await.is(200);
    site.anyone().get(&url).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_ones_own_is_nobody_elses_choice() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    assert!(
        list(&asha, &id).await.len() >= 5,
        "frames of a short clip are told apart"
    );
    let picture = clips::made(
        "own.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=c=orange:size=640x360",
            "-frames:v",
            "1",
        ],
    );
    let part = reqwest::multipart::Part::bytes(picture.bytes()).file_name("own.png");
    let form = reqwest::multipart::Form::new().part("thumbnail", part);
    let request = asha.request(Method::PATCH, &format!("/api/v1/videos/{id}"));
    kit::answer(request.multipart(form)).await.is(200);
    let candidates = list(&asha, &id).await;
    assert_eq!(chosen(&candidates), [0; 0]);
    chooses(&asha, &id, &candidates[1]["id"]).await.is(200);
    assert_eq!(chosen(&list(&asha, &id).await), [1]);
}
