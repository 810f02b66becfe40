//! Tables in monospace that fit a phone held upright.
//!
//! Chinese characters are two columns wide in a terminal and somewhat less beside the Latin letters of most phones. Among them,
//! cells are therefore filled up with blanks as wide as they are, so that columns stay together there as well. Column titles that are too long move above the table, as `1. title`.

use unicode_width::UnicodeWidthStr;

/// Columns that common phones show in monospace without folding.
const WIDTH: usize = 38;
const GAP: &str = "  ";
const NARROWEST: usize = 4;
const WIDE_BLANK: &str = "\u{3000}";

/// Draws the rows; every line is at most [`WIDTH`] columns wide.
pub fn draw(header: &[String], rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).chain([header.len()]).max().unwrap_or_default();
    if columns == 0 {
        return String::new();
    }
    let mut lines = Vec::new();
    let mut titles: Vec<String> = header.to_vec();
    if columns > 2 {
        for title in titles.iter_mut().filter(|title| title.width() > WIDTH / columns) {
            let Some((number, _)) = title.split_once(' ').filter(|(number, _)| number.ends_with('.')) else { continue };
            let number = number.to_owned();
            lines.extend(wrap(title, WIDTH));
            *title = number;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
    }
    let has_titles = titles.iter().any(|title| !title.is_empty());
    let all: Vec<&[String]> =
        has_titles.then_some(titles.as_slice()).into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
    let widths = fit(&all, columns);
    let is_wide = all.iter().copied().flatten().any(|cell| cell.width() > cell.chars().count());
    for (place, row) in all.iter().enumerate() {
        lines.extend(draw_row(row, &widths, is_wide));
        if place == 0 && has_titles {
            let total = widths.iter().sum::<usize>() + GAP.len() * (columns - 1);
            lines.push("─".repeat(total.min(WIDTH)));
        }
    }
    lines.join("\n")
}

/// Natural widths, the widest column narrowed until all fit.
fn fit(rows: &[&[String]], columns: usize) -> Vec<usize> {
    let natural =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(1);
    let mut widths: Vec<usize> = (0..columns).map(|column| natural(column).max(1)).collect();
    let room = WIDTH.saturating_sub(GAP.len() * (columns - 1)).max(columns);
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST) else { break };
        *widest -= 1;
    }
    widths
}

fn draw_row(row: &[String], widths: &[usize], is_wide: bool) -> Vec<String> {
    let cells: Vec<Vec<String>> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| wrap(row.get(column).map_or("", String::as_str), *width))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(1);
    (0..height)
        .map(|line| {
            let parts: Vec<String> = cells
                .iter()
                .zip(widths)
                .map(|(cell, width)| {
                    let text = cell.get(line).map_or("", String::as_str);
                    let missing = width.saturating_sub(text.width());
                    let wide = if is_wide { missing / 2 } else { 0 };
                    format!("{text}{}{}", " ".repeat(missing - 2 * wide), WIDE_BLANK.repeat(wide))
                })
                .collect();
            parts.join(GAP).trim_end().to_owned()
        })
        .collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    text.lines().flat_map(|line| textwrap::wrap(line, width)).map(|line| line.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_comparison_of_long_titles_fits_a_phone() {
        let header =
            cells(&["", "1. 男士短款连帽鹅绒羽绒服", "2. 女士长款收腰白鸭绒羽绒服", "3. Kids' light down jacket"]);
        let rows = vec![
            cells(&["价格", "¥1299", "¥899", "¥399"]),
            cells(&["材质", "尼龙，聚酯纤维里衬", "聚酯纤维", "nylon with polyester lining"]),
        ];
        let drawn = draw(&header, &rows);
        assert!(drawn.starts_with("1. 男士短款连帽鹅绒羽绒服\n2. "), "{drawn}");
        for line in drawn.lines() {
            assert!(line.width() <= WIDTH, "{line}");
        }
        insta::assert_snapshot!(drawn);
    }

    #[test]
    fn two_columns_without_titles_are_a_list() {
        let rows = vec![cells(&["材质", "尼龙"]), cells(&["季节", "冬季"])];
        assert_eq!(draw(&cells(&["", ""]), &rows), "材质  尼龙\n季节  冬季");
        let rows = vec![cells(&["fill", "down"]), cells(&["use", "trips"])];
        assert_eq!(draw(&cells(&["", ""]), &rows), "fill  down\nuse   trips");
    }
}
