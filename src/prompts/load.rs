//! Loading a profile: files of a folder over those built in, each checked.

use std::collections::BTreeMap;
use std::path::Path;

use super::embedded::embedded;
use super::error::PromptError;
use super::job::file_name;
use super::section::Template;
use crate::domain::generator::Job;

/// A profile's checked prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompts {
    profile: String,
    templates: BTreeMap<Job, Template>,
}

impl Prompts {
    /// Loads the prompts that a model needs: `profile` and `jobs` as its description names them. Files under
    /// `overrides/PROFILE` go before the built-in ones.
    ///
    /// # Errors
    /// [`PromptError`] naming the first file that is missing or wrong.
    pub fn load(profile: &str, jobs: &[Job], overrides: Option<&Path>) -> Result<Self, PromptError> {
        let mut templates = BTreeMap::new();
        for job in jobs {
            let (file, text) = text_of(profile, *job, overrides)?;
            templates.insert(*job, Template::parse(&file, *job, &text)?);
        }
        Ok(Self { profile: profile.to_owned(), templates })
    }

    /// The profile's name.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    pub(super) fn template(&self, job: Job) -> Result<&Template, PromptError> {
        self.templates
            .get(&job)
            .ok_or_else(|| PromptError::NoJob { profile: self.profile.clone(), job: file_name(job).to_owned() })
    }
}

fn text_of(profile: &str, job: Job, overrides: Option<&Path>) -> Result<(String, String), PromptError> {
    let name = format!("{}.md", file_name(job));
    let path = overrides.map(|folder| folder.join(profile).join(&name));
    if let Some(path) = &path {
        match std::fs::read_to_string(path) {
            Ok(text) => return Ok((path.display().to_string(), text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(PromptError::Read { file: path.display().to_string(), reason: error.to_string() });
            }
        }
    }
    let built_in = format!("prompts/{profile}/{name}");
    match embedded(profile, file_name(job)) {
        Some(text) => Ok((built_in, text.to_owned())),
        None => Err(PromptError::Missing { file: path.map_or(built_in, |path| path.display().to_string()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;
    use crate::domain::generator::Role;

    const ALL: [Job; 8] = [
        Job::Parse,
        Job::Score,
        Job::Reason,
        Job::Answer,
        Job::Summarise,
        Job::Translate,
        Job::Describe,
        Job::Sentiment,
    ];

    #[test]
    fn the_compact_prompt_is_what_the_bundled_model_was_trained_on() {
        let prompts = Prompts::load("compact", &[Job::Parse, Job::Score], None).unwrap();
        let values = vec![("context", "跑鞋; shown 5".into()), ("message", "只看{{context}}的".into())];
        let filled = prompts.fill(Job::Parse, values, 400).unwrap();
        let texts: Vec<&str> = filled.messages.iter().map(|message| message.content.as_str()).collect();
        assert_eq!(texts, ["parse", "ctx: 跑鞋; shown 5\nmsg: 只看{{context}}的"]);
        assert_eq!(filled.shared_messages, 1);
        let scoring = prompts.scoring(Job::Score, vec![("request", "羽绒服".into())], 400).unwrap();
        assert_eq!(scoring.prefix[1].content, "want: 羽绒服\nitem: ");
        assert_eq!((scoring.positive.as_str(), scoring.negative.as_str()), ("yes", "no"));
    }

    #[test]
    fn the_general_profile_has_every_job() {
        let prompts = Prompts::load("general", &ALL, None).unwrap();
        let passages = Value::Ranked(vec!["- one".into(), "- two".into()]);
        let values = vec![("language", "English".into()), ("question", "returns?".into()), ("passages", passages)];
        let filled = prompts.fill(Job::Answer, values, 2000).unwrap();
        assert_eq!(filled.messages[0].role, Role::System);
        assert!(filled.messages[filled.shared_messages].content.ends_with("passages:\n- one\n- two"));
    }

    #[test]
    fn the_examples_of_parse_are_copied_from_their_messages() {
        let keys = "intent query brand price_min price_max price_near colour size material season use audience feature exclude sort items order_id topic quantity";
        let keys: Vec<&str> = keys.split(' ').collect();
        let prompts = Prompts::load("general", &[Job::Parse], None).unwrap();
        let shared = &prompts.template(Job::Parse).unwrap().shared;
        assert!(shared.len() >= 9);
        for pair in shared[1..].chunks(2) {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&pair[1].content).unwrap();
            let places: Vec<usize> =
                object.keys().map(|key| keys.iter().position(|known| known == key).unwrap()).collect();
            assert!(places.is_sorted(), "{}", pair[1].content);
            for (key, value) in object.iter().filter(|(key, _)| !["intent", "sort", "topic"].contains(&key.as_str())) {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                for span in values {
                    assert!(pair[0].content.contains(span.as_str().unwrap()), "{key}: {span}");
                }
            }
        }
    }

    #[test]
    fn a_folder_goes_before_what_is_built_in_and_mistakes_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("compact");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("parse.md"), "# user\n{{message}} / {{context}}").unwrap();
        let prompts = Prompts::load("compact", &[Job::Parse, Job::Score], Some(folder.path())).unwrap();
        let values = vec![("context", "-".into()), ("message", "hi".into())];
        assert_eq!(prompts.fill(Job::Parse, values, 100).unwrap().messages[0].content, "hi / -");
        std::fs::write(own.join("parse.md"), "# user\n{{massage}} {{context}}").unwrap();
        let error = Prompts::load("compact", &[Job::Parse], Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("`{{massage}}`") && error.contains("compact/parse.md"), "{error}");
        let error = Prompts::load("compact", &[Job::Answer], None).unwrap_err().to_string();
        assert_eq!(error, "missing prompt prompts/compact/answer.md");
    }

    #[test]
    fn wrong_values_and_too_small_a_budget_are_errors() {
        let prompts = Prompts::load("compact", &[Job::Parse], None).unwrap();
        let error = prompts.fill(Job::Parse, vec![("message", "hi".into())], 100).unwrap_err();
        assert!(matches!(error, PromptError::Values { .. }));
        let values = vec![("context", "-".into()), ("message", "hi".into())];
        assert!(matches!(prompts.fill(Job::Parse, values, 5), Err(PromptError::Budget { .. })));
        let error = prompts.fill(Job::Answer, Vec::new(), 100).unwrap_err();
        assert_eq!(error.to_string(), "the prompt profile compact has no answer");
    }
}
