//! The prompts that are built into the binary.

/// Profile, job and text of every file under `prompts/`; a test holds that none is left out.
const FILES: [(&str, &str, &str); 10] = [
    ("compact", "parse", include_str!("../../prompts/compact/parse.md")),
    ("compact", "score", include_str!("../../prompts/compact/score.md")),
    ("general", "parse", include_str!("../../prompts/general/parse.md")),
    ("general", "score", include_str!("../../prompts/general/score.md")),
    ("general", "reason", include_str!("../../prompts/general/reason.md")),
    ("general", "answer", include_str!("../../prompts/general/answer.md")),
    ("general", "summarise", include_str!("../../prompts/general/summarise.md")),
    ("general", "translate", include_str!("../../prompts/general/translate.md")),
    ("general", "describe", include_str!("../../prompts/general/describe.md")),
    ("general", "sentiment", include_str!("../../prompts/general/sentiment.md")),
];

/// The text of a built-in prompt.
pub fn embedded(profile: &str, job: &str) -> Option<&'static str> {
    FILES.iter().find(|(own, name, _)| (*own, *name) == (profile, job)).map(|(_, _, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_under_prompts_is_built_in() {
        let mut found = 0;
        for profile in std::fs::read_dir("prompts").unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            for file in std::fs::read_dir(profile.path()).unwrap().flatten() {
                let job = file.path().file_stem().unwrap().to_string_lossy().into_owned();
                let profile = profile.file_name().to_string_lossy().into_owned();
                assert!(embedded(&profile, &job).is_some(), "{profile}/{job}");
                found += 1;
            }
        }
        assert_eq!(found, FILES.len());
    }
}
