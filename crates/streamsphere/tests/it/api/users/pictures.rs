//! Avatars and covers: what is taken, what becomes of it, and how it is served.

use reqwest::Method;

use super::{contains, form, jpeg_size, picture};
use crate::kit::{self, Answer, Person, clips};

const AVATAR: &str = "/api/v1/users/avatar";

async fn send(person: &Person<'_>, path: &str, field: &'static str, name: &str, bytes: Vec<u8>) -> Answer {
    kit::answer(
        person
            .request(Method::PATCH, path)
            .multipart(form(field, name, bytes)),
    )
    .await
}

fn assert_served_as_a_picture(shown: &Answer) {
    assert_eq!(shown.header("content-type"), "image/jpeg");
    assert_eq!(
        shown.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(shown.header("content-security-policy").contains("sandbox"));
    assert!(!shown.header("etag").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_without_a_picture_gets_one_made_for_them() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let mut pictures = Vec::new();
    for person in [&asha, &ben] {
        let url = person
            .get("/api/v1/users/current-user")
            .await
            .text_at("/data/avatar");
        for (side, url) in [(512, url.clone()), (128, url.replace("-512.jpg", "-128.jpg"))] {
            let shown = site.anyone().get(&url).await.is(200);
            assert_served_as_a_picture(&shown);
            assert_eq!(jpeg_size(&shown.bytes), (side, side));
            pictures.push(shown.bytes);
        }
    }
    assert_ne!(pictures[0], pictures[2], "each has their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_avatar_is_cut_square_and_served_in_two_sizes() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for name in ["wide.png", "wide.jpg", "wide.webp"] {
        let user = send(&asha, AVATAR, "avatar", name, picture(name, "1200x700").bytes())
            .await
            .is(200);
        let url = user.text_at("/data/avatar");
        for side in [512, 128] {
            let shown = site
                .anyone()
                .get(&url.replace("-512.jpg", &format!("-{side}.jpg")))
                .await
                .is(200);
            assert_served_as_a_picture(&shown);
            assert_eq!(jpeg_size(&shown.bytes), (side, side), "{name}");
        }
    }
    let small = send(
        &asha,
        AVATAR,
        "avatar",
        "x.png",
        picture("tiny.png", "60x40").bytes(),
    )
    .await
    .is(200);
    let shown = site.anyone().get(&small.text_at("/data/avatar")).await.is(200);
    assert_eq!(jpeg_size(&shown.bytes), (40, 40), "never enlarged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_is_served_in_two_widths_and_replaced_like_an_avatar() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let path = "/api/v1/users/cover-image";
    let bytes = picture("banner.png", "2400x600").bytes();
    let first = send(&asha, path, "coverImage", "c.png", bytes.clone())
        .await
        .is(200)
        .text_at("/data/coverImage");
    for (width, height) in [(1920, 480), (640, 160)] {
        let shown = site
            .anyone()
            .get(&first.replace("-1920.jpg", &format!("-{width}.jpg")))
            .await;
        assert_eq!(jpeg_size(&shown.is(200).bytes), (width, height));
    }
    send(&asha, path, "coverImage", "c.png", bytes).await.is(200);
    site.anyone().get(&first).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_avatar_is_gone_from_its_old_address() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let old = asha
        .get("/api/v1/users/current-user")
        .await
        .text_at("/data/avatar");
    let sizes = [old.clone(), old.replace("-512.jpg", "-128.jpg")];
    for url in &sizes {
        site.anyone().get(url).await.is(200);
    }
    let new = send(
        &asha,
        AVATAR,
        "avatar",
        "a.png",
        picture("new.png", "600x600").bytes(),
    )
    .await
    .is(200)
    .text_at("/data/avatar");
    assert_ne!(new, old);
    for url in &sizes {
        site.anyone().get(url).await.refuses(404, "media_not_found");
    }
    site.anyone().get(&new).await.is(200);
    let files = std::fs::read_dir(site.objects().join("users").join(&asha.id))
        .unwrap()
        .count();
    assert_eq!(files, 2, "only the present picture is kept");
}

/// A JPEG with an Exif segment that names a place, and more behind its end.
fn jpeg_with_secrets() -> Vec<u8> {
    let plain = picture("plain.jpg", "640x480").bytes();
    // TIFF 6.0: orientation 6, and a GPS folder with a map datum in ASCII.
    let mut tiff = Vec::from(*b"II*\0\x08\0\0\0");
    tiff.extend_from_slice(&[2, 0]);
    tiff.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    tiff.extend_from_slice(&[0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend_from_slice(&[0; 4]);
    tiff.extend_from_slice(&[1, 0]);
    tiff.extend_from_slice(&[0x12, 0, 2, 0, 13, 0, 0, 0, 56, 0, 0, 0]);
    tiff.extend_from_slice(&[0; 4]);
    tiff.extend_from_slice(b"SECRET-PLACE\0");
    let mut segment = Vec::from(*b"Exif\0\0");
    segment.extend(tiff);
    let mut jpeg = plain[..2].to_vec();
    for segment in [segment, b"http://ns.adobe.com/xap/1.0/\0SECRET-XMP".to_vec()] {
        jpeg.extend_from_slice(&[0xff, 0xe1]);
        jpeg.extend_from_slice(&u16::try_from(segment.len() + 2).unwrap().to_be_bytes());
        jpeg.extend(segment);
    }
    jpeg.extend_from_slice(&[0xff, 0xfe, 0, 16]);
    jpeg.extend_from_slice(b"SECRET-COMMENT");
    jpeg.extend_from_slice(&plain[2..]);
    jpeg.extend_from_slice(b"<script>SECRET-TAIL</script>PK\x03\x04");
    jpeg
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_uploaded_file_but_its_pixels_is_served_or_kept() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bytes = jpeg_with_secrets();
    assert!(contains(&bytes, b"SECRET-PLACE"));
    for (path, field, pointer) in [
        (AVATAR, "avatar", "/data/avatar"),
        ("/api/v1/users/cover-image", "coverImage", "/data/coverImage"),
    ] {
        let url = send(&asha, path, field, "IMG_1234-SECRET-NAME.jpg", bytes.clone())
            .await
            .is(200)
            .text_at(pointer);
        let shown = site.anyone().get(&url).await.is(200);
        for secret in [&b"SECRET"[..], b"Exif", b"script", b"PK\x03\x04"] {
            assert!(
                !contains(&shown.bytes, secret),
                "{}",
                String::from_utf8_lossy(secret)
            );
        }
    }
    for file in std::fs::read_dir(site.objects().join("users").join(&asha.id)).unwrap() {
        let file = file.unwrap();
        assert!(!contains(&std::fs::read(file.path()).unwrap(), b"SECRET"));
        assert!(!file.file_name().to_string_lossy().contains("SECRET"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_refused_whatever_it_calls_itself() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let before = asha
        .get("/api/v1/users/current-user")
        .await
        .text_at("/data/avatar");
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let gif = picture("anim.gif", "64x64").bytes();
    let mut cut = picture("plain.png", "64x64").bytes();
    cut.truncate(60);
    for (what, bytes) in [
        ("svg", svg.to_vec()),
        ("gif", gif),
        ("html", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj".to_vec()),
        ("video", clips::small().bytes()),
        ("text", b"hello".to_vec()),
        ("half a png", cut),
        ("only the magic of a jpeg", vec![0xff, 0xd8, 0xff, 0xe0]),
        ("only the magic of a webp", b"RIFF\x04\0\0\0WEBP".to_vec()),
    ] {
        let answer = send(&asha, AVATAR, "avatar", "me.png", bytes.clone()).await;
        assert_eq!(answer.status, 415, "{what}: {}", answer.json);
        answer.refuses(415, "not_a_picture");
        let register = form("avatar", "me.png", bytes)
            .text("username", "ben")
            .text("email", "ben@example.com")
            .text("fullName", "Ben")
            .text("password", kit::PASSWORD);
        kit::answer(
            site.request(Method::POST, "/api/v1/users/register")
                .multipart(register),
        )
        .await
        .refuses(415, "not_a_picture");
    }
    site.anyone().get("/api/v1/users/c/ben").await.is(404);
    let after = asha
        .get("/api/v1/users/current-user")
        .await
        .text_at("/data/avatar");
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_too_large_in_bytes_or_pixels_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    // 256 megapixels, one bit each: a small file that unpacks to a quarter of a gigabyte.
    let bomb = clips::made(
        "bomb.png",
        &[
            "-f",
            "rawvideo",
            "-pixel_format",
            "monob",
            "-video_size",
            "16000x16000",
            "-i",
            "/dev/zero",
            "-frames:v",
            "1",
        ],
    );
    assert!(bomb.bytes().len() < 1 << 20, "{}", bomb.bytes().len());
    let answer = send(&asha, AVATAR, "avatar", "bomb.png", bomb.bytes()).await;
    answer.refuses(413, "picture_too_large");

    let mut padded = picture("plain.png", "64x64").bytes();
    padded.resize(10 * 1024 * 1024 + 1, 0);
    let answer = send(&asha, AVATAR, "avatar", "fat.png", padded.clone()).await;
    answer.refuses(413, "picture_too_large");
    padded.truncate(10 * 1024 * 1024);
    send(&asha, AVATAR, "avatar", "full.png", padded).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_picture_it_is_for_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bytes = picture("plain.png", "64x64").bytes();
    for (path, field) in [(AVATAR, "avatar"), ("/api/v1/users/cover-image", "coverImage")] {
        let other = send(&asha, path, "picture", "a.png", bytes.clone()).await;
        other.is(400).blames(field, "missing");
        let empty = send(&asha, path, field, "a.png", Vec::new()).await;
        empty.is(400).blames(field, "missing");
        let twice = form(field, "a.png", bytes.clone()).part(
            field,
            reqwest::multipart::Part::bytes(bytes.clone()).file_name("b.png"),
        );
        kit::answer(asha.request(Method::PATCH, path).multipart(twice))
            .await
            .refuses(400, "repeated_part");
        let json = asha
            .patch(path, &serde_json::json!({"avatar": "https://evil.example/a.png"}))
            .await;
        json.refuses(415, "not_multipart");
        kit::answer(
            site.request(Method::PATCH, path)
                .multipart(form(field, "a.png", bytes.clone())),
        )
        .await
        .refuses(401, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_spellings_lead_to_the_same() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bytes = picture("plain.png", "64x64").bytes();
    let mut seen = std::collections::HashSet::new();
    for path in [
        "/api/v1/users/update-avatar",
        "/users/avatar",
        "/users/update-avatar",
    ] {
        let answer = send(&asha, path, "avatar", "a.png", bytes.clone()).await.is(200);
        assert!(seen.insert(answer.text_at("/data/avatar")), "{path}");
    }
    for path in [
        "/api/v1/users/update-cover-image",
        "/users/cover-image",
        "/users/update-cover-image",
    ] {
        let answer = send(&asha, path, "coverImage", "a.png", bytes.clone())
            .await
            .is(200);
        assert!(seen.insert(answer.text_at("/data/coverImage")), "{path}");
    }
}
