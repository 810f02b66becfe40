//! What the image is built from holds everything that the program takes in when it is compiled.

use std::path::{Component, Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Sources of the build stage's `COPY` lines, relative to the project.
fn copied() -> Vec<PathBuf> {
    let text = std::fs::read_to_string(root().join("deploy/Containerfile")).expect("Containerfile");
    let build = text.split("\nFROM ").nth(1).expect("a build stage");
    let mut sources = Vec::new();
    for line in build.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        words.pop();
        for word in words {
            match word.split_once('*') {
                Some((folder, ending)) => {
                    let folder = root().join(folder);
                    let files = std::fs::read_dir(&folder).expect("folder").map(|entry| entry.expect("entry").path());
                    let fits = files.filter(|path| path.to_string_lossy().ends_with(ending));
                    sources.extend(fits.map(|path| path.strip_prefix(root()).expect("inside").to_owned()));
                }
                None => sources.push(word.into()),
            }
        }
    }
    assert!(sources.iter().all(|source| root().join(source).exists()), "{sources:?}");
    sources
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// A path without its `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn the_image_is_built_from_everything_that_is_compiled_in() {
    let copied = copied();
    let taken_in = regex::Regex::new(r#"include_(?:bytes|str)!\("([^"]+)"\)"#).expect("regex");
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut seen = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("source");
        for found in taken_in.captures_iter(&text) {
            let path = plain(&file.parent().expect("folder").join(&found[1]));
            let path = path.strip_prefix(root()).expect("inside the project");
            assert!(copied.iter().any(|source| path.starts_with(source)), "{} is not copied", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} files are taken in");
}
