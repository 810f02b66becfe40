//! A reply as plain text for so many columns.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use textwrap::Options;
use textwrap::core::display_width;

use crate::domain::language::Language;
use crate::domain::reply::{Block, Card, Reply};
use crate::domain::wording::listing;
use crate::domain::wording::terminal as wording;

/// How text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Not at all, for files and pipes.
    Plain,
    /// By a terminal's bold, faint and colour.
    Ansi,
}

impl Style {
    fn set(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => {
                text.lines().map(|line| format!("\u{1b}[{code}m{line}\u{1b}[0m")).collect::<Vec<_>>().join("\n")
            }
        }
    }

    fn bold(self, text: &str) -> String {
        self.set("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.set("2", text)
    }

    fn button(self, text: &str) -> String {
        self.set("36", text)
    }
}

/// Draws a reply; choices are numbered where there are no cards, since a number then picks one.
pub fn draw(reply: &Reply, width: usize, style: Style) -> String {
    let width = width.clamp(30, 110);
    let numbered = reply.cards().next().is_none();
    let mut number = 0;
    let mut parts: Vec<String> = Vec::new();
    for block in &reply.blocks {
        parts.push(match block {
            Block::Text { text } => wrap(text, width, "", ""),
            Block::Quote { text, source } => {
                let source = style.faint(&wrap(source, width, "    — ", "      "));
                format!("{}\n{source}", wrap(text, width, "  │ ", "  │ "))
            }
            Block::Products { cards } => {
                cards.iter().map(|card| draw_card(card, reply.lang, width, style)).collect::<Vec<_>>().join("\n")
            }
            Block::Table { header, rows } => draw_table(header, rows, width),
            Block::Choices { choices } => {
                let labels = choices.iter().map(|choice| {
                    number += 1;
                    if numbered { format!("[{number}] {}", choice.label) } else { format!("[{}]", choice.label) }
                });
                style.button(&fill_choices(labels, width))
            }
            Block::Picture { source, caption } => format!("{caption}\n  {source}"),
        });
    }
    parts.join("\n")
}

fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = Options::new(width).initial_indent(first).subsequent_indent(rest);
    text.lines()
        .map(|line| {
            if display_width(line) <= width && first.is_empty() {
                line.to_owned()
            } else {
                textwrap::fill(line, &options)
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Choices side by side as far as they fit; one that is too long by itself is folded.
fn fill_choices(labels: impl Iterator<Item = String>, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for label in labels {
        match lines.last_mut() {
            Some(line) if display_width(line) + 2 + display_width(&label) <= width => {
                line.push_str("  ");
                line.push_str(&label);
            }
            _ => lines.push(format!("  {label}")),
        }
    }
    lines.iter().map(|line| wrap(line.trim_start(), width, "  ", "      ")).collect::<Vec<_>>().join("\n")
}

fn draw_card(card: &Card, language: Language, width: usize, style: Style) -> String {
    let brand = if card.brand.is_empty() { String::new() } else { format!(" · {}", card.brand) };
    let ordinal = format!("{:>2}. ", card.ordinal);
    let head = wrap(&format!("{}{brand}", card.title), width, &ordinal, "    ");
    let mut facts = Vec::new();
    let price = card.price.map_or_else(|| listing::price_on_request(language).to_owned(), |price| price.to_string());
    let was = card.list_price.map(|price| wording::was(language, &price.to_string())).unwrap_or_default();
    facts.push(format!("{price}{was}"));
    if let Some(rating) = card.rating {
        let count = card.review_count.map(|count| format!(" ({count})")).unwrap_or_default();
        facts.push(format!("★{rating:.1}{count}"));
    }
    facts.push(listing::stock(language, card.stock));
    facts.push(card.sku.to_string());
    let mut lines = vec![style.bold(&head), style.faint(&wrap(&facts.join(" · "), width, "    ", "    "))];
    lines.extend(card.reason.as_ref().map(|reason| wrap(reason, width, "    ", "    ")));
    lines.join("\n")
}

fn draw_table(header: &[String], rows: &[Vec<String>], width: usize) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_width(width as u16);
    if header.iter().any(|title| !title.is_empty()) {
        table.set_header(header);
    }
    table.add_rows(rows);
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reply::{Action, Choice};

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let reply = Reply::new(Language::Zh)
            .text("这里有一句很长的话，用来看看在很窄的终端里是不是会按照宽度折行而不是溢出去。".repeat(2))
            .block(Block::Table {
                header: vec!["".into(), "1. 长长的商品名长长的商品名".into(), "2. a rather long English title".into()],
                rows: vec![vec!["材质".into(), "尼龙面料，聚酯纤维里衬，白鹅绒填充".into(), "nylon".into()]],
            })
            .choices((0..6).map(|n| Choice::new(format!("choice number {n}"), Action::More)).collect());
        let drawn = draw(&reply, 40, Style::Plain);
        for line in drawn.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 40, "{line}");
        }
        assert!(drawn.contains("[6] choice number 5"), "{drawn}");
    }
}
