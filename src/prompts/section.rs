//! One prompt file: sections under level-1 headings, with `{{placeholders}}` in the last user section only.
//!
//! What stands before the first heading is a note for people. Headings of other levels belong to the text.

use super::error::PromptError;
use super::job::{candidate, placeholders};
use crate::domain::generator::{ChatMessage, Job, Role};

/// A checked prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Where it comes from, for messages.
    pub file: String,
    /// System and examples: the same for every request.
    pub shared: Vec<ChatMessage>,
    /// The request's own message.
    pub request: Vec<Part>,
    /// For jobs that are scored: the wanted answer and the opposite one.
    pub answers: Option<(String, String)>,
}

/// A stretch of the request's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// To be filled.
    Placeholder(String),
}

struct Section<'a> {
    heading: &'a str,
    line: usize,
    text: String,
}

impl Template {
    /// Parses and checks a file's text.
    ///
    /// # Errors
    /// [`PromptError`] naming the file and the line or the placeholder.
    pub fn parse(file: &str, job: Job, text: &str) -> Result<Self, PromptError> {
        let form = |line: usize, reason: &str| PromptError::Form { file: file.into(), line, reason: reason.into() };
        let mut shared = Vec::new();
        let mut request = None;
        let mut answers = None;
        for section in sections(text) {
            let twice = || form(section.line, &format!("a second section `# {}`", section.heading));
            match section.heading {
                "system" if shared.is_empty() => shared.push(ChatMessage::new(Role::System, section.text)),
                "system" => return Err(form(section.line, "`# system` is not the first section")),
                "example user" => shared.push(ChatMessage::new(Role::User, section.text)),
                "example assistant" => shared.push(ChatMessage::new(Role::Assistant, section.text)),
                "user" if request.is_none() => request = Some((section.line, section.text)),
                "answers" if answers.is_none() => {
                    let lines: Vec<&str> =
                        section.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                    let [positive, negative] = lines[..] else {
                        return Err(form(section.line, "`# answers` wants two lines"));
                    };
                    answers = Some((positive.to_owned(), negative.to_owned()));
                }
                "user" | "answers" => return Err(twice()),
                other => return Err(form(section.line, &format!("unknown section `# {other}`"))),
            }
        }
        let last_line = text.lines().count().max(1);
        let (line, request) = request.ok_or_else(|| form(last_line, "no section `# user`"))?;
        if let Some(reason) = wrong_turns(&shared) {
            return Err(form(line, reason));
        }
        for message in &shared {
            if let Some(name) = parts(&message.content).iter().find_map(placeholder_name) {
                let reason =
                    format!("`{{{{{name}}}}}` outside `# user`: the other sections are shared by all requests");
                return Err(form(line, &reason));
            }
        }
        if answers.is_some() != candidate(job).is_some() {
            let reason =
                if answers.is_some() { "`# answers` in a job that is not scored" } else { "no section `# answers`" };
            return Err(form(last_line, reason));
        }
        let request = parts(&request);
        check_placeholders(file, job, &request)?;
        if let Some(name) = candidate(job)
            && !matches!(request.last(), Some(Part::Placeholder(last)) if last == name)
        {
            return Err(form(line, &format!("`{{{{{name}}}}}` must stand at the end of `# user`")));
        }
        Ok(Self { file: file.to_owned(), shared, request, answers })
    }
}

fn placeholder_name(part: &Part) -> Option<&str> {
    match part {
        Part::Placeholder(name) => Some(name),
        Part::Text(_) => None,
    }
}

/// A chat alternates: optional system, then pairs of user and assistant.
fn wrong_turns(shared: &[ChatMessage]) -> Option<&'static str> {
    let examples = match shared.first() {
        Some(first) if first.role == Role::System => &shared[1..],
        _ => shared,
    };
    let paired = examples
        .chunks(2)
        .all(|pair| matches!(pair, [user, assistant] if user.role == Role::User && assistant.role == Role::Assistant));
    (!paired).then_some("each `# example user` wants its `# example assistant`")
}

fn check_placeholders(file: &str, job: Job, request: &[Part]) -> Result<(), PromptError> {
    let known = placeholders(job);
    let used: Vec<&str> = request.iter().filter_map(placeholder_name).collect();
    if let Some(unknown) = used.iter().find(|name| !known.contains(name)) {
        return Err(PromptError::UnknownPlaceholder {
            file: file.to_owned(),
            placeholder: (*unknown).to_owned(),
            known: known.join(", "),
        });
    }
    match known.iter().find(|name| !used.contains(name)) {
        Some(name) => Err(PromptError::UnusedPlaceholder { file: file.to_owned(), placeholder: (*name).to_owned() }),
        None => Ok(()),
    }
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("# ") {
            sections.push(Section { heading: heading.trim(), line: index + 1, text: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    for section in &mut sections {
        section.text = section.text.trim_matches('\n').trim_end().to_owned();
    }
    sections
}

/// Splits at `{{name}}`; braces around anything that is no name are text, as in JSON.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        literal.push_str(&rest[..start]);
        let inside = &rest[start + 2..];
        let name = inside.find("}}").map(|end| inside[..end].trim()).filter(|name| is_name(name));
        match (name, inside.find("}}")) {
            (Some(name), Some(end)) => {
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Placeholder(name.to_owned()));
                rest = &inside[end + 2..];
            }
            _ => {
                literal.push_str("{{");
                rest = inside;
            }
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    parts
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(job: Job, text: &str) -> String {
        Template::parse("prompts/general/x.md", job, text).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_named_with_file_and_place() {
        let unknown = error(Job::Answer, "# system\ns\n# user\n{{prise}} {{language}} {{question}} {{passages}}");
        assert!(unknown.starts_with("unknown placeholder `{{prise}}` in prompts/general/x.md"), "{unknown}");
        assert_eq!(
            error(Job::Parse, "# user\n{{message}}"),
            "placeholder `{{context}}` is missing in prompts/general/x.md"
        );
        assert_eq!(error(Job::Parse, "note\n# sistem\nx"), "prompts/general/x.md, line 2: unknown section `# sistem`");
        assert!(
            error(Job::Parse, "# system\n{{message}}\n# user\n{{message}} {{context}}").contains("outside `# user`")
        );
        assert!(error(Job::Parse, "# system\nx").contains("no section `# user`"));
        assert!(error(Job::Parse, "# example user\nx\n# user\n{{message}} {{context}}").contains("wants its"));
        assert!(error(Job::Score, "# user\n{{product}} {{request}}\n# answers\nyes\nno").contains("at the end"));
        assert!(error(Job::Score, "# user\n{{request}} {{product}}").contains("# answers"));
        assert!(error(Job::Score, "# user\n{{request}} {{product}}\n# answers\nyes").contains("two lines"));
    }

    #[test]
    fn braces_of_json_are_text() {
        let template = Template::parse(
            "x",
            Job::Parse,
            "# user\n{\"a\": {\"b\": 1}} {{ message }}\n## kept {{\"c\"}}\n{{context}}",
        )
        .unwrap();
        assert_eq!(template.request[0], Part::Text("{\"a\": {\"b\": 1}} ".into()));
        assert_eq!(template.request[1], Part::Placeholder("message".into()));
        assert_eq!(template.request[2], Part::Text("\n## kept {{\"c\"}}\n".into()));
    }
}
