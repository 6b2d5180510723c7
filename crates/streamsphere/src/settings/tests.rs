use super::chosen::read_file;
use super::*;

#[test]
fn the_example_file_names_every_setting_and_changes_nothing() {
    let uncommented: String = example()
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        })
        .collect::<Vec<_>>()
        .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("streamsphere.toml");
    std::fs::write(&path, uncommented).unwrap();
    let read = read_file(&path).unwrap();
    assert_eq!(read.len(), SETTINGS.len());
    for setting in SETTINGS {
        assert_eq!(read[setting.name], setting.default, "{}", setting.name);
    }
}

#[test]
fn the_committed_example_file_is_the_present_one() {
    let committed = include_str!("../../../../streamsphere.example.toml");
    assert!(
        committed == example(),
        "run: streamsphere config print --example > streamsphere.example.toml"
    );
}

#[test]
fn the_readme_shows_the_present_table() {
    let readme = include_str!("../../../../README.md");
    assert!(
        readme.contains(&table()),
        "run: streamsphere config print --table, and paste it into README.md"
    );
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    std::fs::write(&path, "[server]\nlisen = \"1\"\n").unwrap();
    assert!(read_file(&path).unwrap_err().to_string().contains("server.lisen"));
}

#[test]
fn a_value_of_the_wrong_form_is_refused_with_what_would_do() {
    let chosen = Chosen::with(&[("listen", "here".into())]);
    assert!(
        chosen
            .settings()
            .unwrap_err()
            .to_string()
            .contains("127.0.0.1:8000")
    );
    let chosen = Chosen::with(&[("database_url", "mysql://x".into())]);
    assert!(
        chosen
            .settings()
            .unwrap_err()
            .to_string()
            .contains("not supported")
    );
}
