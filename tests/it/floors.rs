//! Imports point down the floors of `src/`, and the folders of one floor never import each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FLOORS: &[(u8, &[&str])] = &[
    (0, &["domain", "config"]),
    (1, &["catalog", "knowledge", "inference", "prompts", "store", "orders"]),
    (2, &["assistant", "support_desk", "backoffice"]),
    (3, &["faces", "ops", "evaluation"]),
    (4, &["assemble"]),
    (5, &["cli"]),
];

/// Which folder may name which library.
const OWNERS: &[(&str, &str)] =
    &[("tantivy", "catalog"), ("llama_cpp_2", "inference"), ("sled", "store"), ("teloxide", "faces/telegram")];

fn floor_of(folder: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, folders)| folders.contains(&folder)).map(|(floor, _)| *floor)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
        if entry.is_dir() {
            found.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

/// Each source file by its path under `src`, with its text.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = |path: &Path| path.strip_prefix(&root).expect("under src").to_string_lossy().into_owned();
    rust_files(&root).into_iter().map(|path| (name(&path), std::fs::read_to_string(&path).expect("source"))).collect()
}

/// The folders of the crate that a text imports: `crate::x` in any place, and the `x` of `use crate::{x::…, y::…}`.
fn imports(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.match_indices("crate::")
        .map(|(start, found)| word(&code[start + found.len()..]))
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_down_the_floors() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let folder = path.split(['/', '.']).next().expect("name");
        let Some(floor) = floor_of(folder) else {
            assert!(["lib", "main"].contains(&folder), "{path} stands on no floor");
            continue;
        };
        for imported in imports(&text) {
            let Some(below) = floor_of(&imported) else { continue };
            if imported != folder && (below > floor || (below == floor && floor > 0)) {
                wrong.push(format!("{path} imports {imported}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_library_is_known_to_one_folder() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (library, owner) in OWNERS {
            let named =
                text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(&format!("{library}::")));
            if named && !path.starts_with(owner) {
                wrong.push(format!("{path} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
