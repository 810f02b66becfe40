//! From a reply to the messages that show it: pure, tested without Telegram.
//!
//! Blocks are joined into as few messages as the limits allow. Products with a picture are a photo each; those without share
//! one message whose numbers open a product's buttons. Buttons go below what they belong to.

use std::collections::BTreeSet;

use super::keyboard::{CardButtons, Keyboard};
use super::markup::{CAPTION_LIMIT, MESSAGE_LIMIT, Piece, Style, escape, shorten, split};
use super::table;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::reply::{Block, Card, Choice, Reply};
use crate::domain::session::Session;
use crate::domain::wording::{listing, telegram as wording};

/// Titles and reasons in a card are cut to so many characters.
const TITLE_LIMIT: usize = 160;
const REASON_LIMIT: usize = 300;

/// One message to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its text, or what stands below its picture.
    pub html: String,
    /// The picture's path or address.
    pub picture: Option<String>,
    /// Its buttons.
    pub keyboard: Keyboard,
}

/// What the buttons need to know: which products are saved or in the cart.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    saved: BTreeSet<Sku>,
    cart: BTreeSet<Sku>,
}

impl Kept {
    /// The products of a session.
    pub fn of(session: &Session) -> Self {
        let cart = session.cart.lines().iter().map(|line| line.sku.clone()).collect();
        Self { saved: session.saved.iter().cloned().collect(), cart }
    }
}

/// The messages of a reply. `has_picture` tells whether a card's picture can be sent.
pub fn render(reply: &Reply, kept: &Kept, has_picture: &dyn Fn(&str) -> bool) -> Vec<Part> {
    let mut page = Page { lang: reply.lang, parts: Vec::new(), current: None };
    for block in &reply.blocks {
        match block {
            Block::Text { text } => page.add_all(split(text, Style::Plain, MESSAGE_LIMIT)),
            Block::Quote { text, source } => {
                page.add_all(split(text, Style::Quote, MESSAGE_LIMIT));
                let source = shorten(source, TITLE_LIMIT);
                page.add(Piece::made(format!("<i>— {}</i>", escape(&source))));
            }
            Block::Table { header, rows } => {
                page.add_all(split(&table::draw(header, rows), Style::Monospace, MESSAGE_LIMIT));
            }
            Block::Products { cards } => page.add_cards(cards, kept, has_picture),
            Block::Choices { choices } => page.add_choices(choices),
            Block::Picture { source, caption } => page.add_picture(source, caption, has_picture),
        }
    }
    page.finish()
}

/// A card as one line of facts below its title.
pub fn card_text(card: &Card, lang: Language, numbered: bool) -> Piece {
    let title = shorten(&card.title, TITLE_LIMIT);
    let number = if numbered { format!("{}. ", card.ordinal) } else { String::new() };
    let brand = if card.brand.is_empty() { String::new() } else { format!(" · {}", shorten(&card.brand, 60)) };
    let price = card.price.map_or_else(|| listing::price_on_request(lang).to_owned(), |price| price.to_string());
    let was = card.list_price.filter(|was| card.price.is_some_and(|price| price.minor < was.minor));
    let mut facts = Vec::new();
    if let Some(rating) = card.rating {
        let count = card.review_count.map(|count| format!(" ({count})")).unwrap_or_default();
        facts.push(format!("★{rating:.1}{count}"));
    }
    facts.push(listing::stock(lang, card.stock));
    let facts = facts.join(" · ");
    let was_html = was.map(|was| format!(" <s>{}</s>", escape(&was.to_string()))).unwrap_or_default();
    let mut html = format!(
        "<b>{number}{}</b>{}\n{}{was_html} · {}",
        escape(&title),
        escape(&brand),
        escape(&price),
        escape(&facts)
    );
    if let Some(reason) = &card.reason {
        let reason = shorten(reason, REASON_LIMIT);
        html.push_str(&format!("\n<i>{}</i>", escape(&reason)));
    }
    Piece::made(html)
}

/// The message being filled, and those that are full.
struct Page {
    lang: Language,
    parts: Vec<Part>,
    current: Option<Draft>,
}

struct Draft {
    html: String,
    length: usize,
    keyboard: Keyboard,
}

impl Page {
    fn add_all(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            self.add(piece);
        }
    }

    fn add(&mut self, piece: Piece) {
        const BETWEEN: &str = "\n\n";
        if let Some(draft) = &mut self.current
            && draft.length + BETWEEN.len() + piece.length <= MESSAGE_LIMIT
        {
            draft.html.push_str(if is_source(&piece.html) { "\n" } else { BETWEEN });
            draft.html.push_str(&piece.html);
            draft.length += BETWEEN.len() + piece.length;
            return;
        }
        self.close();
        let keyboard = Keyboard { lang: self.lang, ..Keyboard::default() };
        self.current = Some(Draft { html: piece.html, length: piece.length, keyboard });
    }

    fn close(&mut self) {
        if let Some(Draft { html, keyboard, .. }) = self.current.take() {
            self.parts.push(Part { html, picture: None, keyboard });
        }
    }

    fn add_cards(&mut self, cards: &[Card], kept: &Kept, has_picture: &dyn Fn(&str) -> bool) {
        let lang = self.lang;
        let numbered = cards.len() > 1;
        for card in cards {
            let text = card_text(card, lang, numbered);
            let buttons = CardButtons::of(card, lang, kept.saved.contains(&card.sku), kept.cart.contains(&card.sku));
            let picture = card.image.as_ref().filter(|image| has_picture(image) && text.length <= CAPTION_LIMIT);
            if let Some(picture) = picture {
                self.close();
                let keyboard = Keyboard { lang, cards: vec![buttons], ..Keyboard::default() };
                self.parts.push(Part { html: text.html, picture: Some(picture.clone()), keyboard });
                continue;
            }
            self.add(text);
            if let Some(draft) = &mut self.current {
                draft.keyboard.cards.push(buttons);
            }
        }
    }

    fn add_picture(&mut self, source: &str, caption: &str, has_picture: &dyn Fn(&str) -> bool) {
        if !has_picture(source) {
            return self.add_all(split(caption, Style::Plain, MESSAGE_LIMIT));
        }
        self.close();
        // No caption is this long; should one be, its beginning stands below the picture.
        let caption = split(caption, Style::Plain, CAPTION_LIMIT).into_iter().next();
        let caption = caption.map(|caption| caption.html).unwrap_or_default();
        let keyboard = Keyboard { lang: self.lang, ..Keyboard::default() };
        self.parts.push(Part { html: caption, picture: Some(source.to_owned()), keyboard });
    }

    fn add_choices(&mut self, choices: &[Choice]) {
        if self.current.is_none() && self.parts.last().is_none_or(|part| part.keyboard.cards.is_empty()) {
            self.add(Piece::new(wording::choose(self.lang), Style::Plain));
        }
        let keyboard = match (&mut self.current, self.parts.last_mut()) {
            (Some(draft), _) => &mut draft.keyboard,
            (None, Some(part)) => &mut part.keyboard,
            (None, None) => return,
        };
        keyboard.choices.extend(choices.iter().cloned());
    }

    fn finish(mut self) -> Vec<Part> {
        self.close();
        self.parts
    }
}

fn is_source(html: &str) -> bool {
    html.starts_with("<i>— ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::{Currency, Money};
    use crate::domain::reply::Action;

    fn card(ordinal: usize, image: Option<&str>) -> Card {
        let sku = Sku::new(format!("S{ordinal}"));
        Card {
            ordinal,
            sku: sku.clone(),
            title: format!("跑鞋 <{ordinal}>"),
            brand: "A&B".into(),
            price: Money::from_major(299.0, Currency::CNY),
            list_price: Money::from_major(399.0, Currency::CNY),
            rating: Some(4.6),
            review_count: Some(123),
            stock: Some(2),
            reason: Some("¥299，在预算内".into()),
            image: image.map(str::to_owned),
            url: Some("https://shop.example/s".into()),
            choices: vec![Choice::new("详情", Action::Detail { sku })],
        }
    }

    fn render_all(reply: &Reply) -> Vec<Part> {
        render(reply, &Kept::default(), &|_| true)
    }

    #[test]
    fn products_without_pictures_share_a_message_with_numbers() {
        let reply = Reply::new(Language::Zh)
            .text("共 12 款，先看这 2 款。")
            .block(Block::Products { cards: vec![card(1, None), card(2, None)] })
            .choices(vec![Choice::new("更多", Action::More)]);
        let parts = render_all(&reply);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].keyboard.cards.len(), 2);
        assert_eq!(parts[0].keyboard.choices.len(), 1);
        insta::assert_snapshot!(parts[0].html);
    }

    #[test]
    fn products_with_pictures_are_a_photo_each_and_the_choices_go_below_the_last() {
        let reply = Reply::new(Language::Zh)
            .text("共 12 款")
            .block(Block::Products { cards: vec![card(1, Some("1.jpg")), card(2, Some("2.jpg"))] })
            .choices(vec![Choice::new("更多", Action::More)]);
        let parts = render_all(&reply);
        let pictures: Vec<Option<&str>> = parts.iter().map(|part| part.picture.as_deref()).collect();
        assert_eq!(pictures, [None, Some("1.jpg"), Some("2.jpg")]);
        assert!(parts[1].keyboard.choices.is_empty());
        assert_eq!(parts[2].keyboard.choices.len(), 1);
    }

    #[test]
    fn a_picture_that_cannot_be_sent_leaves_its_text() {
        let reply = Reply::new(Language::Zh).block(Block::Products { cards: vec![card(1, Some("missing.jpg"))] });
        let parts = render(&reply, &Kept::default(), &|_| false);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].picture, None);
        assert!(parts[0].html.contains("跑鞋 &lt;1&gt;"));
    }

    #[test]
    fn a_reply_of_choices_alone_has_words() {
        let reply = Reply::new(Language::En).choices(vec![Choice::new("More", Action::More)]);
        let parts = render_all(&reply);
        assert_eq!(parts[0].html, "Please choose:");
    }

    #[test]
    fn no_message_exceeds_the_limit() {
        let mut reply = Reply::new(Language::Zh);
        for _ in 0..40 {
            reply = reply.text("羽绒服".repeat(100)).quote("x".repeat(2000), "returns.zh.md › 退货期限");
        }
        reply = reply.block(Block::Products { cards: (1..=40).map(|n| card(n, None)).collect() });
        for part in render_all(&reply) {
            assert!(super::super::markup::length(&part.html) <= MESSAGE_LIMIT);
        }
    }

    #[test]
    fn what_is_saved_already_says_so() {
        let mut session = Session::default();
        session.saved.push("S1".into());
        let mut saved = card(1, None);
        saved.choices.push(Choice::new("收藏", Action::Save { sku: "S1".into() }));
        let reply = Reply::new(Language::Zh).block(Block::Products { cards: vec![saved] });
        let parts = render(&reply, &Kept::of(&session), &|_| true);
        assert_eq!(parts[0].keyboard.cards[0].choices[1].action, Action::Unsave { sku: "S1".into() });
    }
}
