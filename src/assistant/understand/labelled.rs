//! Labelled messages in the format of `models/train/corpus/GUIDE.md`, for evaluation and for fitting.
//!
//! `INTENT [key=value …] | CONTEXT | MESSAGE with [words](slot) marked`; never judges a label, only its form.

use sha2::{Digest, Sha256};

use super::span::{Slot, Span};
use crate::domain::intent::IntentKind;
use crate::domain::session::Context;

/// One message with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// What is wanted.
    pub intent: IntentKind,
    /// What it is read against.
    pub context: Context,
    /// The message without marks.
    pub text: String,
    /// The marked spans; positions are numbers of characters of `text`.
    pub spans: Vec<Span>,
    /// The order wanted, by name.
    pub sort: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// The part of its set, named by a line `# part: NAME` above.
    pub part: Option<String>,
}

/// A line that is not a labelled message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LabelError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Reads all labelled messages of a text; blank lines and those that start with `#` are skipped.
///
/// # Errors
/// The first line that is none, by its number.
pub fn read(text: &str) -> Result<Vec<Labelled>, LabelError> {
    let mut part = None;
    let mut found = Vec::new();
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if let Some(name) = line.strip_prefix("# part:") {
            part = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        }
        if !line.is_empty() && !line.starts_with('#') {
            let labelled = read_line(line).map_err(|problem| LabelError { line: number + 1, problem })?;
            found.push(Labelled { part: part.clone(), ..labelled });
        }
    }
    Ok(found)
}

fn read_line(line: &str) -> Result<Labelled, String> {
    let mut parts = line.splitn(3, " | ");
    let (Some(head), Some(context), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("three parts separated by ` | ` wanted: `{line}`"));
    };
    let mut words = head.split_whitespace();
    let name = words.next().unwrap_or_default();
    let intent = IntentKind::from_name(name).ok_or_else(|| format!("unknown intent `{name}`"))?;
    let (text, spans) = read_marks(body.trim())?;
    let mut labelled =
        Labelled { intent, context: read_context(context.trim())?, text, spans, sort: None, topic: None, part: None };
    for pair in words {
        match pair.split_once('=') {
            Some(("sort", value)) => labelled.sort = Some(value.to_owned()),
            Some(("topic", value)) => labelled.topic = Some(value.to_owned()),
            _ => return Err(format!("`sort=` or `topic=` wanted instead of `{pair}`")),
        }
    }
    Ok(labelled)
}

fn read_context(text: &str) -> Result<Context, String> {
    if text == "-" || text.is_empty() {
        return Ok(Context::default());
    }
    let (query, shown) = text.rsplit_once("; shown ").ok_or_else(|| format!("`QUERY; shown N` wanted: `{text}`"))?;
    let shown = shown.trim().parse().map_err(|_| format!("not a number of products: `{shown}`"))?;
    Ok(Context { query: Some(query.trim().to_owned()).filter(|query| !query.is_empty()), shown })
}

/// The text without marks, and the marked spans.
fn read_marks(body: &str) -> Result<(String, Vec<Span>), String> {
    let (mut text, mut spans, mut rest) = (String::new(), Vec::new(), body);
    let mut length = 0;
    while let Some(open) = rest.find('[') {
        let marked = rest[open + 1..].split_once("](").and_then(|(words, after)| Some((words, after.split_once(')')?)));
        let Some((words, (slot, after))) = marked else { return Err(format!("a mark without its slot in `{body}`")) };
        let slot = Slot::from_name(slot).ok_or_else(|| format!("unknown slot `{slot}`"))?;
        text.push_str(&rest[..open]);
        length += rest[..open].chars().count();
        let end = length + words.chars().count();
        spans.push(Span::new(slot, length..end));
        text.push_str(words);
        length = end;
        rest = after;
    }
    text.push_str(rest);
    Ok((text, spans))
}

impl Labelled {
    /// The words of a span.
    pub fn words(&self, span: &Span) -> String {
        self.text.chars().skip(span.range.start).take(span.range.len()).collect()
    }

    /// Whether it belongs to the part that nothing is fitted on: about 8 %, chosen by the text's own hash (as `models/train`
    /// does).
    pub fn is_held_out(&self) -> bool {
        Sha256::digest(self.text.as_bytes())[0] < 21
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_its_marks() {
        let text = "# note\n# part: brands\n\nrefine sort=price_asc | 跑鞋; shown 5 | 只看[索尼](brand)的，别超过[八百](price_max)\n";
        let labelled = read(text).expect("lines").remove(0);
        assert_eq!(labelled.text, "只看索尼的，别超过八百");
        assert_eq!(labelled.context, Context { query: Some("跑鞋".into()), shown: 5 });
        assert_eq!(labelled.spans, [Span::new(Slot::Brand, 2..4), Span::new(Slot::PriceMax, 9..11)]);
        assert_eq!(labelled.words(&labelled.spans[1]), "八百");
        assert_eq!(labelled.part.as_deref(), Some("brands"));
        assert_eq!(labelled.sort.as_deref(), Some("price_asc"));
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        let error = read("search | - | a\nserch | - | b\n").expect_err("refused").to_string();
        assert_eq!(error, "line 2: unknown intent `serch`");
        assert!(read("search | - | [a](colr)").is_err());
        assert!(read("search | somewhere | a").is_err());
    }
}
