//! `daogou check`, and the program itself, on broken inputs: a clear error that names the input, exit code 1, never a crash.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/daogou-compact.gguf");

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        std::fs::write(&path, contents).expect("write");
        path
    }

    /// Runs `daogou ARGUMENTS` with a configuration, in the repository.
    fn run(&self, config: &str, arguments: &[&str]) -> Output {
        let config = self.write("daogou.toml", config);
        Command::new(env!("CARGO_BIN_EXE_daogou"))
            .args(arguments)
            .arg("--config")
            .arg(config)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("DAOGOU_DATA_DIR", self.path("data"))
            .env_remove("DAOGOU_LOG")
            .stdin(Stdio::null())
            .output()
            .expect("daogou runs")
    }

    /// `daogou check` finds a mistake: all that it printed.
    fn refused(&self, config: &str) -> String {
        let output = self.run(config, &["check"]);
        let printed = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(!printed.contains("panicked"), "{printed}");
        printed
    }
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

#[test]
fn the_sample_shop_is_good_and_every_part_is_named() {
    let place = Place::new();
    let output = place.run("", &["check"]);
    let printed = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    for part in ["configuration", "data directory", "state", "feed", "policies", "orders", "prompts", "model"] {
        assert!(printed.contains(&format!("{part}: ok")), "{part}: {printed}");
    }
}

#[test]
fn a_wrong_setting_is_named_with_its_file() {
    let printed = Place::new().refused("[assistant]\npage_sice = 3\n");
    assert!(printed.contains("page_sice") && printed.contains("daogou.toml"), "{printed}");
}

#[test]
fn a_broken_feed_is_named_with_its_line() {
    let place = Place::new();
    let feed = place.write("feed.jsonl", "{\"id\": \"A\", \"title\": \"lamp\"}\n{\"id\": \"B\", \"title\": \n");
    let printed = place.refused(&format!("[shop]\nfeed = {}\n", quoted(&feed)));
    assert!(
        printed.contains("feed: MISTAKE") && printed.contains("feed.jsonl") && printed.contains("line 2"),
        "{printed}"
    );
    assert!(printed.contains("model: ok"), "the other parts are checked all the same: {printed}");
    let printed = place.refused(&format!("[shop]\nfeed = {}\n", quoted(&place.path("nowhere.jsonl"))));
    assert!(printed.contains("nowhere.jsonl"), "{printed}");
}

#[test]
fn a_broken_model_file_is_named_and_nothing_crashes() {
    let place = Place::new();
    let whole = std::fs::read(MODEL).expect("the bundled model");
    let half = &whole[..whole.len() / 2];
    for (name, bytes) in [
        ("empty.gguf", &[][..]),
        ("half.gguf", half),
        ("head.gguf", &whole[..100]),
        ("foreign.gguf", b"PK\x03\x04 not a model at all"),
    ] {
        let model = place.write(name, bytes);
        let printed = place.refused(&format!("[model]\npath = {}\n", quoted(&model)));
        assert!(printed.contains("model: MISTAKE") && printed.contains(name), "{printed}");
    }
    let printed = place.refused("[model]\npath = \"nowhere/none.gguf\"\n");
    assert!(printed.contains("nowhere/none.gguf"), "{printed}");
    let printed = place.refused("[model]\nremote = { url = \"http://127.0.0.1:1/v1\", model = \"m\" }\n");
    assert!(printed.contains("http://127.0.0.1:1/v1"), "{printed}");
}

#[test]
fn a_broken_prompt_is_named_even_if_the_model_does_not_need_it() {
    let place = Place::new();
    place.write("prompts/compact/parse.md", "# user\n{{massage}} {{context}}");
    let printed = place.refused(&format!("[model]\nprompts = {}\n", quoted(&place.path("prompts"))));
    assert!(printed.contains("{{massage}}") && printed.contains("parse.md"), "{printed}");
    let place = Place::new();
    place.write("prompts/general/answer.md", "# user\n{{question}}");
    let printed = place.refused(&format!("[model]\nprompts = {}\n", quoted(&place.path("prompts"))));
    assert!(printed.contains("answer.md"), "{printed}");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let place = Place::new();
    let file = place.write("a-file", "");
    let output = Command::new(env!("CARGO_BIN_EXE_daogou"))
        .args(["check", "--data-dir"])
        .arg(file.join("data"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("daogou runs");
    let printed = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("data directory: MISTAKE") && printed.contains("a-file/data"), "{printed}");
}

#[test]
fn a_damaged_state_is_said_by_check_and_restored_at_the_next_start() {
    let place = Place::new();
    let config = "[store]\nforget_after_days = 0\n";
    let first = place.run(config, &["chat", "--once", "show me backpacks", "--no-model"]);
    assert!(first.status.success(), "{}", printed(&first));
    let state = place.path("data/terminal");
    let backups = || std::fs::read_dir(place.path("data/terminal-backups")).map_or(0, |entries| entries.count());
    assert_eq!(backups(), 1, "a first start backs up");
    for file in ["db", "conf"] {
        std::fs::write(state.join(file), [0x5au8; 4096]).expect("damage");
    }
    let checked = place.refused(config);
    assert!(checked.contains("state: MISTAKE") && checked.contains("terminal-backups/state-"), "{checked}");
    assert_eq!(std::fs::read(state.join("db")).expect("db").len(), 4096, "check changes nothing");
    let next = place.run(config, &["chat", "--once", "show me backpacks", "--no-model"]);
    let printed = printed(&next);
    assert!(next.status.success() && printed.contains("restored from"), "{printed}");
    assert!(!printed.contains("panicked"), "{printed}");
    assert_eq!(place.run(config, &["check"]).status.code(), Some(0));
}
