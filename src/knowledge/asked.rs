//! Reads example questions: what shoppers ask when a passage is the answer, written by the shop beside its policies.
//!
//! They are indexed and never quoted. `returns.en.asked.txt` lists those of `returns.en.md`: a heading as `# Heading`, then a
//! question a line. `not_covered.txt` lists questions that no passage answers, by theme; `catalog/not_covered.txt`, which comes with daogou,
//! those that few shops' policies answer. Called by [`super::Knowledge`].

use super::KnowledgeError;
use super::passage::Passage;

/// Asked of many shops, answered by the policies of few.
const OFTEN_OPEN: &str = include_str!("../../catalog/not_covered.txt");

/// A question that no passage answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Open<'a> {
    pub theme: usize,
    pub question: &'a str,
    /// Whether the shop says so itself; one that comes with daogou counts only when it speaks of what no passage knows.
    pub own: bool,
}

/// The questions that come with daogou, then those of the shop's own file.
pub(super) fn open<'a>(own: Option<&'a str>) -> Vec<Open<'a>> {
    let mut found: Vec<Open<'a>> =
        themes(OFTEN_OPEN).map(|(theme, question)| Open { theme, question, own: false }).collect();
    let next = found.last().map_or(0, |last| last.theme + 1);
    let own = own.into_iter().flat_map(themes);
    found.extend(own.map(|(theme, question)| Open { theme: next + theme, question, own: true }));
    found
}

/// The name of the file of questions beside a file of policies.
pub(super) fn file_name(policies: &str) -> String {
    format!("{}.asked.txt", policies.strip_suffix(".md").unwrap_or(policies))
}

/// Gives the passages of one file of policies the questions of the file beside it.
///
/// # Errors
/// A question stands above the first heading, or no passage has the heading.
pub(super) fn give(passages: &mut [Passage], file: &str, text: &str) -> Result<(), KnowledgeError> {
    let mut under: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let broken = |reason: String| KnowledgeError::Line { path: file.to_owned(), line: index + 1, reason };
        let line = line.trim().trim_start_matches('\u{FEFF}');
        if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            let found = passages.iter().position(|passage| passage.headings.last().is_some_and(|own| own == heading));
            under = Some(found.ok_or_else(|| broken(format!("no passage has the heading `{heading}`")))?);
        } else if !line.is_empty() {
            let place = under.ok_or_else(|| broken("`# Heading` wanted before the first question".into()))?;
            passages[place].asked.push(line.to_owned());
        }
    }
    Ok(())
}

/// The questions of a file that has one a line; a line that begins with `#` opens a new theme, and is counted.
fn themes(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut theme = 0;
    text.lines().map(str::trim).filter_map(move |line| {
        theme += usize::from(line.starts_with('#'));
        (!line.is_empty() && !line.starts_with('#')).then_some((theme, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::passage::cut;

    #[test]
    fn questions_go_to_the_passage_of_their_heading() {
        let mut passages = cut("returns.en.md", "# Returns\n\n## How long\n30 days.\n\n## Who pays\nWe do.\n");
        give(&mut passages, "returns.en.asked.txt", "# Who pays\nis it free\n\n# How long\nby when\nhow many days\n")
            .expect("questions");
        assert_eq!(passages[0].asked, ["by when", "how many days"]);
        assert_eq!(passages[1].asked, ["is it free"]);
    }

    #[test]
    fn questions_without_an_answer_come_by_theme() {
        let read: Vec<(usize, &str)> = themes("# Shop\nis there parking\n\n# Jobs\nare you hiring\n").collect();
        assert_eq!(read, [(1, "is there parking"), (2, "are you hiring")]);
    }

    #[test]
    fn a_heading_that_no_passage_has_is_named_with_its_line() {
        let mut passages = cut("returns.en.md", "## How long\n30 days.\n");
        let error = give(&mut passages, "returns.en.asked.txt", "\n# How lnog\n").expect_err("broken").to_string();
        assert_eq!(error, "returns.en.asked.txt:2: no passage has the heading `How lnog`");
        assert!(give(&mut passages, "returns.en.asked.txt", "by when\n").is_err());
    }
}
