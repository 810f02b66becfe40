//! Telegram's HTML: escaping, lengths, and splitting what is too long.
//!
//! Telegram counts UTF-16 units after the markup is read; the markup is counted here too, so that servers which count it all take
//! every message as well. A message of products holds a few tags: nothing is lost by it.
//! A [`Piece`] is well-formed on its own, so that no split and no product text can break the markup. Called by `render`.

/// Units of one message.
pub const MESSAGE_LIMIT: usize = 4096;
/// Units below a picture.
pub const CAPTION_LIMIT: usize = 1024;

/// Well-formed HTML and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The markup.
    pub html: String,
    /// UTF-16 units with the markup.
    pub length: usize,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// As a quotation.
    Quote,
    /// In columns.
    Monospace,
}

impl Piece {
    /// A text in a style; the caller keeps it within the limit.
    pub fn new(text: &str, style: Style) -> Self {
        let (open, close) = style.tags();
        Self::made(format!("{open}{}{close}", escape(text)))
    }

    /// Markup made by the caller from escaped parts.
    pub fn made(html: String) -> Self {
        let length = length(&html);
        Self { html, length }
    }
}

impl Style {
    fn tags(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", ""),
            Self::Quote => ("<blockquote>", "</blockquote>"),
            Self::Monospace => ("<pre>", "</pre>"),
        }
    }
}

/// Makes a text safe inside Telegram's HTML. Control characters that JSON or Telegram refuse are left out.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match entity(character) {
            Some(entity) => safe.push_str(entity),
            None => safe.push(character),
        }
    }
    safe
}

/// What stands for a character that cannot stand for itself.
fn entity(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\n' | '\t' => None,
        control if control.is_control() => Some(""),
        _ => None,
    }
}

/// A text's length as Telegram counts it: UTF-16 units.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Cuts a text to so many UTF-16 units, with an ellipsis where something is lost.
pub fn shorten(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut units = 1;
    for character in text.chars() {
        units += character.len_utf16();
        if units > limit {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// Splits a text into pieces of a style, each within `limit` units of markup (some forty at least): at line ends where possible,
/// then at blanks, then anywhere.
pub fn split(text: &str, style: Style, limit: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (open, close) = style.tags();
    let limit = limit.saturating_sub(open.len() + close.len());
    let mut rest = text.trim_matches('\n');
    while !rest.is_empty() {
        let cut = cut_at(rest, limit);
        let (head, tail) = rest.split_at(cut);
        let head = head.trim_end();
        if !head.is_empty() {
            pieces.push(Piece::new(head, style));
        }
        rest = if style == Style::Monospace { tail.trim_start_matches('\n') } else { tail.trim_start() };
    }
    pieces
}

fn cut_at(text: &str, limit: usize) -> usize {
    let mut units = 0;
    let (mut line, mut blank, mut any) = (0, 0, 0);
    for (place, character) in text.char_indices() {
        units += entity(character).map_or(character.len_utf16(), str::len);
        if units > limit {
            // A break in the first half would waste most of a message.
            return [line, blank].into_iter().find(|at| *at > any / 2).unwrap_or(any.max(1));
        }
        any = place + character.len_utf8();
        match character {
            '\n' => line = any,
            ' ' | '。' | '；' | '，' => blank = any,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn product_text_cannot_open_a_tag() {
        let piece = Piece::new("<b>5\" & up</b>\u{0}", Style::Quote);
        assert_eq!(piece.html, "<blockquote>&lt;b&gt;5&quot; &amp; up&lt;/b&gt;</blockquote>");
    }

    #[test]
    fn a_long_text_is_split_at_line_ends_first() {
        let text = format!("{}\n{}", "鞋".repeat(3000), "a".repeat(3000));
        let pieces = split(&text, Style::Plain, MESSAGE_LIMIT);
        assert_eq!(pieces.iter().map(|piece| piece.length).collect::<Vec<_>>(), [3000, 3000]);
    }

    proptest! {
        #[test]
        fn no_piece_exceeds_the_limit_and_nothing_but_blanks_is_lost(text in "(\\PC|\n){0,400}", limit in 40usize..90) {
            let pieces = split(&text, Style::Plain, limit);
            for style in [Style::Quote, Style::Monospace] {
                prop_assert!(split(&text, style, limit).iter().all(|piece| piece.length <= limit));
            }
            let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            for piece in &pieces {
                prop_assert!(piece.length <= limit && piece.length == length(&piece.html));
            }
            let joined: String = pieces.iter().map(|piece| piece.html.as_str()).collect();
            prop_assert_eq!(squeeze(&joined), squeeze(&escape(&text)));
        }
    }
}
