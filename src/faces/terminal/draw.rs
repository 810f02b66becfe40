//! A reply as plain text for so many columns.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use textwrap::Options;

use crate::domain::language::Language;
use crate::domain::reply::{Block, Card, Reply};
use crate::domain::wording::listing;
use crate::domain::wording::terminal as wording;

/// Draws a reply; choices are numbered where there are no cards, since a number then picks one.
pub fn draw(reply: &Reply, width: usize) -> String {
    let width = width.clamp(30, 110);
    let numbered = reply.cards().next().is_none();
    let mut number = 0;
    let mut parts: Vec<String> = Vec::new();
    for block in &reply.blocks {
        parts.push(match block {
            Block::Text { text } => wrap(text, width, ""),
            Block::Quote { text, source } => format!("{}\n    — {source}", wrap(text, width, "  │ ")),
            Block::Products { cards } => {
                cards.iter().map(|card| draw_card(card, reply.lang, width)).collect::<Vec<_>>().join("\n")
            }
            Block::Table { header, rows } => draw_table(header, rows, width),
            Block::Choices { choices } => {
                let labels = choices.iter().map(|choice| {
                    number += 1;
                    if numbered { format!("[{number}] {}", choice.label) } else { format!("[{}]", choice.label) }
                });
                wrap(&labels.collect::<Vec<_>>().join("  "), width, "  ")
            }
            Block::Picture { source, caption } => format!("{caption}\n  {source}"),
        });
    }
    parts.join("\n")
}

fn wrap(text: &str, width: usize, indent: &str) -> String {
    let options = Options::new(width).initial_indent(indent).subsequent_indent(indent);
    text.lines().map(|line| textwrap::fill(line, &options)).collect::<Vec<_>>().join("\n")
}

fn draw_card(card: &Card, language: Language, width: usize) -> String {
    let brand = if card.brand.is_empty() { String::new() } else { format!(" · {}", card.brand) };
    let head = format!("{:>2}. {}{brand}", card.ordinal, card.title);
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
    let mut lines = vec![head, format!("    {}", facts.join(" · "))];
    lines.extend(card.reason.as_ref().map(|reason| wrap(reason, width, "    ")));
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
        let drawn = draw(&reply, 40);
        for line in drawn.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 40, "{line}");
        }
        assert!(drawn.contains("[6]") && drawn.contains("number 5"), "{drawn}");
    }
}
