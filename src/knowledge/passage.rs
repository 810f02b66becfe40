//! Cuts a Markdown file into passages: what stands under one heading, or answers one question of a FAQ.
//!
//! Keeps the words as they are and drops the markup. Called by [`super::Knowledge`].

use std::collections::HashMap;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::domain::language::Language;

/// What stands under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// File and heading: `returns.zh.md#退货期限`; a heading that comes again has `-2` added.
    pub id: String,
    /// The file's topic: its name without language and extension.
    pub topic: String,
    /// The language of the text.
    pub language: Language,
    /// The headings above the text, outermost first.
    pub headings: Vec<String>,
    /// The paragraphs, list items and table rows, a line each.
    pub lines: Vec<String>,
    /// Example questions that it answers, in the shop's words; never quoted.
    pub asked: Vec<String>,
}

impl Passage {
    /// Its own heading and its text, as the matcher and the encoder read it.
    pub fn with_heading(&self) -> String {
        format!("{} {}", self.headings.last().map_or("", String::as_str), self.text())
    }

    /// The words of the file, a line for each paragraph, list item or table row.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Where it stands, for people: `returns.zh.md › 退货期限`.
    pub fn source(&self) -> String {
        let file = self.id.split('#').next().unwrap_or_default();
        std::iter::once(file)
            .chain(self.headings.last().map(String::as_str).filter(|heading| !heading.is_empty()))
            .collect::<Vec<_>>()
            .join(" › ")
    }

    /// Its sentences in order.
    pub(super) fn sentences(&self) -> Vec<Sentence> {
        let mut sentences = Vec::new();
        let mut opening: Option<String> = None;
        for line in &self.lines {
            if line.ends_with([':', '：']) {
                opening = Some(line.clone());
                continue;
            }
            sentences.extend(split(line).into_iter().map(|text| Sentence { text, opening: opening.clone() }));
        }
        if sentences.is_empty() {
            sentences.extend(opening.map(|text| Sentence { text, opening: None }));
        }
        sentences
    }
}

/// One sentence of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub text: String,
    /// The line above that ends with a colon, when this is an item of its list.
    pub opening: Option<String>,
}

/// Longer sections are cut at paragraphs, in characters.
const MAX_CHARS: usize = 1400;

/// The passages of one file, in order. Sections without words of their own give none.
pub(super) fn cut(file: &str, markdown: &str) -> Vec<Passage> {
    let sections = sections(strip_front_matter(markdown));
    let (topic, named) = topic_and_language(file);
    let words: String = sections.iter().flat_map(|section| &section.lines).map(|line| format!("{line}\n")).collect();
    let language = named.or_else(|| Language::detect(&words)).unwrap_or_default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut passages = Vec::new();
    for section in sections {
        for lines in pieces(section.lines) {
            let heading = section.headings.last().cloned().unwrap_or_default();
            let count = seen.entry(heading.clone()).or_default();
            *count += 1;
            let suffix = if *count > 1 { format!("-{count}") } else { String::new() };
            passages.push(Passage {
                id: format!("{file}#{heading}{suffix}"),
                topic: topic.clone(),
                language,
                headings: section.headings.clone(),
                lines,
                asked: section.asked.clone(),
            });
        }
    }
    passages
}

/// `returns.zh.md` → (`returns`, Chinese).
fn topic_and_language(file: &str) -> (String, Option<Language>) {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let split = |separator| stem.rsplit_once(separator).map(|(topic, code): (&str, &str)| (topic, code.to_lowercase()));
    for (topic, code) in [split('.'), split('_'), split('-')].into_iter().flatten() {
        let language = match code.as_str() {
            "zh" | "cn" => Language::Zh,
            "en" => Language::En,
            _ => continue,
        };
        return (topic.to_lowercase(), Some(language));
    }
    (stem.to_lowercase(), None)
}

fn strip_front_matter(markdown: &str) -> &str {
    let text = markdown.trim_start_matches('\u{FEFF}');
    let Some(rest) = text.strip_prefix("---\n") else { return text };
    rest.split_once("\n---\n").map_or(text, |(_, body)| body)
}

struct Section {
    headings: Vec<String>,
    lines: Vec<String>,
    asked: Vec<String>,
}

/// Follows the events of one file.
#[derive(Default)]
struct Walk {
    sections: Vec<Section>,
    /// Headings in force, by level.
    path: Vec<(u8, String)>,
    lines: Vec<String>,
    line: String,
    /// Bold text that makes up the whole paragraph so far.
    bold: String,
    bold_depth: usize,
    heading: Option<u8>,
    skipping: usize,
    /// An HTML block so far: a comment may hold example questions.
    remark: String,
    asked: Vec<String>,
}

fn sections(markdown: &str) -> Vec<Section> {
    let mut walk = Walk::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        walk.step(event);
    }
    walk.end_line();
    walk.end_section();
    walk.sections
}

impl Walk {
    fn step(&mut self, event: Event) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.end_line();
                self.end_section();
                self.heading = Some(level as u8);
            }
            Event::End(TagEnd::Heading(_)) => {
                let title = std::mem::take(&mut self.line).trim().to_owned();
                self.bold.clear();
                if let Some(level) = self.heading.take() {
                    self.path.retain(|(above, _)| *above < level);
                    self.path.push((level, title));
                }
            }
            Event::Start(Tag::Strong) => self.bold_depth += 1,
            Event::End(TagEnd::Strong) => self.bold_depth = self.bold_depth.saturating_sub(1),
            Event::Start(Tag::MetadataBlock(_) | Tag::HtmlBlock) => self.skipping += 1,
            Event::End(TagEnd::MetadataBlock(_) | TagEnd::HtmlBlock) => {
                self.skipping = self.skipping.saturating_sub(1);
                self.asked.extend(asked_in(&std::mem::take(&mut self.remark)));
            }
            Event::Html(text) => self.remark.push_str(&text),
            Event::Start(Tag::Item | Tag::Paragraph | Tag::TableRow | Tag::TableHead | Tag::List(_)) => self.end_line(),
            Event::End(TagEnd::Item | TagEnd::Paragraph | TagEnd::TableRow | TagEnd::TableHead) => self.end_line(),
            Event::End(TagEnd::TableCell) => self.line.push_str(" | "),
            Event::Text(text) | Event::Code(text) if self.skipping == 0 => {
                if self.bold_depth > 0 && self.heading.is_none() {
                    self.bold.push_str(&text);
                }
                self.line.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.soft_break(),
            _ => {}
        }
    }

    /// A line end within a paragraph joins Chinese without a blank; a FAQ's `A:` begins a line.
    fn soft_break(&mut self) {
        let question = is_question(&self.line, &self.bold);
        if question {
            self.end_line();
        } else if !self
            .line
            .ends_with(|last: char| crate::domain::language::is_han(last) || "，。；：、！？".contains(last))
        {
            self.line.push(' ');
        }
    }

    fn end_line(&mut self) {
        if self.heading.is_some() {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let bold = std::mem::take(&mut self.bold);
        let line = line.trim().trim_end_matches(" |").trim();
        if line.is_empty() {
            return;
        }
        if is_question(line, &bold) {
            self.end_section();
            self.path.retain(|(level, _)| *level <= 6);
            self.path.push((7, strip_label(line, QUESTION_LABELS).to_owned()));
        } else {
            self.lines.push(strip_label(line, ANSWER_LABELS).to_owned());
        }
    }

    fn end_section(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let asked = std::mem::take(&mut self.asked);
        let headings = self.path.iter().map(|(_, title)| title.clone()).collect();
        if !lines.is_empty() {
            self.sections.push(Section { headings, lines, asked });
        }
    }
}

/// The example questions of a comment `<!-- asked: … -->`, a line each.
fn asked_in(remark: &str) -> Vec<String> {
    let inside = remark.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    let questions = inside.and_then(|inside| inside.trim_start().strip_prefix("asked:"));
    let lines = questions.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

const QUESTION_LABELS: &[&str] = &["Q:", "Q：", "问:", "问：", "q:"];
const ANSWER_LABELS: &[&str] = &["A:", "A：", "答:", "答：", "a:"];

/// A line that is a FAQ's question: labelled so, or all bold and ending with a question mark.
fn is_question(line: &str, bold: &str) -> bool {
    let line = line.trim();
    let labelled = QUESTION_LABELS.iter().any(|label| line.starts_with(label));
    labelled || (!line.is_empty() && bold.trim() == line && line.ends_with(['?', '？']))
}

fn strip_label<'a>(line: &'a str, labels: &[&str]) -> &'a str {
    labels.iter().find_map(|label| line.strip_prefix(label)).unwrap_or(line).trim()
}

/// Cuts a long section at its lines.
fn pieces(lines: Vec<String>) -> Vec<Vec<String>> {
    let mut pieces: Vec<Vec<String>> = vec![Vec::new()];
    let mut size = 0;
    for line in lines {
        let length = line.chars().count();
        if size + length > MAX_CHARS && size > 0 {
            pieces.push(Vec::new());
            size = 0;
        }
        size += length;
        if let Some(piece) = pieces.last_mut() {
            piece.push(line);
        }
    }
    pieces
}

/// The sentences of a line with their full stops; a point inside a number or an address ends nothing.
fn split(line: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        piece.push(character);
        let before_blank = characters.peek().is_none_or(|next| next.is_whitespace());
        let short = piece.trim().ends_with("e.g.") || piece.trim().ends_with("i.e.");
        if matches!(character, '。' | '！' | '？') || (matches!(character, '.' | '!' | '?') && before_blank && !short)
        {
            pieces.push(piece.trim().to_owned());
            piece.clear();
        }
    }
    pieces.push(piece.trim().to_owned());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_makes_a_passage_and_names_its_source() {
        let text = "# 退换货\n\n## 退货期限\n签收之日起 **7 天**内可退。\n\n- 吊牌完好\n- 不影响二次销售\n\n## 空\n\n## 运费\n买家承担。\n";
        let passages = cut("returns.zh.md", text);
        assert_eq!(passages.len(), 2);
        assert_eq!(passages[0].id, "returns.zh.md#退货期限");
        assert_eq!(passages[0].topic, "returns");
        assert_eq!(passages[0].headings, ["退换货", "退货期限"]);
        assert_eq!(passages[0].text(), "签收之日起 7 天内可退。\n吊牌完好\n不影响二次销售");
        assert_eq!(passages[0].source(), "returns.zh.md › 退货期限");
    }

    #[test]
    fn questions_of_a_faq_are_headings_of_their_own() {
        let text = "# FAQ\n\n**Can I pay by card?**\nYes, by any card.\n\nQ: Do you gift wrap?\nA: Yes, for $3.\n";
        let passages = cut("faq.md", text);
        let ids: Vec<&str> = passages.iter().map(|passage| passage.id.as_str()).collect();
        assert_eq!(ids, ["faq.md#Can I pay by card?", "faq.md#Do you gift wrap?"]);
        assert_eq!(passages[1].text(), "Yes, for $3.");
        assert_eq!(passages[0].language, Language::En);
    }

    #[test]
    fn a_comment_gives_a_passage_example_questions_that_are_no_part_of_it() {
        let text = "## Fees\n<!-- asked:\nis it free\nwhat does it cost\n-->\nIt costs $5.\n\n## Other\nNone.\n<!-- a remark -->\n";
        let passages = cut("shipping.en.md", text);
        assert_eq!(passages[0].asked, ["is it free", "what does it cost"]);
        assert_eq!(passages[0].text(), "It costs $5.");
        assert!(passages[1].asked.is_empty() && passages[1].text() == "None.");
    }

    #[test]
    fn tables_keep_their_rows_and_headings_that_repeat_differ() {
        let text = "## Fees\n| Area | Fee |\n|---|---|\n| City | $5 |\n\n## Fees\nNone abroad.\n";
        let passages = cut("shipping.en.md", text);
        assert_eq!(passages[0].lines, ["Area | Fee", "City | $5"]);
        assert_eq!(passages[1].id, "shipping.en.md#Fees-2");
    }
}
