//! `GET /api/v1/admin/settings`.

use serde_json::{Value, json};
use streamsphere::settings::SETTINGS;

use crate::kit;

const PATH: &str = "/api/v1/admin/settings";

#[tokio::test]
async fn admins_see_what_holds_and_what_set_it_and_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("tangled.key");
    let site = kit::with("key_file", key.display().to_string())
        .with("cors_origins", "https://asha:tangled@front.example")
        .start()
        .await;
    let admin = site.admin().await;
    let found = admin.get(PATH).await.is(200).at("/data");
    let all = found.as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let known: Vec<&str> = SETTINGS.iter().map(|one| one.name).collect();
    assert_eq!(names, known, "all, in the order of the file");
    let the = |name: &str| -> &Value { all.iter().find(|one| one["name"] == name).unwrap() };

    let data = site.data().display().to_string();
    assert_eq!(
        *the("data_dir"),
        json!({
            "section": "server",
            "name": "data_dir",
            "value": data,
            "source": "flag",
            "default": "./data",
            "about": "Folder of everything the server keeps: database, media, keys.",
        })
    );
    assert_eq!(the("registration")["value"], "open");
    assert_eq!(the("registration")["source"], "default");
    assert_eq!(the("database_url")["value"], "");

    // What is secret is not among them, in whatever it stands.
    assert!(key.exists(), "the server made it there");
    assert_eq!(the("key_file")["value"], Value::Null);
    assert_eq!(the("key_file")["source"], "flag");
    assert_eq!(the("cors_origins")["value"], "https://…@front.example");
    assert!(!found.to_string().contains("tangled"), "{found}");
}

#[tokio::test]
async fn nobody_else_is_told_that_there_are_settings() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let moderator = site.moderator("moe", &admin).await;
    for person in [&site.person("asha").await, &moderator, &site.anyone()] {
        person.get(PATH).await.refuses(404, "route_not_found");
    }
}
