//! The buttons below one message: what each does, how they are laid out, and how a press names one.
//!
//! A press carries a random token and a place, never an action: what it does is looked up in the record that was kept when the
//! message was sent, under the chat it was sent to. A forged, foreign or outdated press therefore finds nothing.

use serde::{Deserialize, Serialize};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};
use unicode_width::UnicodeWidthStr;

use super::markup::shorten;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::reply::{Action, Card, Choice};
use crate::domain::wording::{listing, telegram as wording};

/// Longer labels, such as titles of products, are cut.
const LABEL_LIMIT: usize = 60;
/// Columns of text that a row of buttons shows on a phone.
const ROW_WIDTH: usize = 30;

/// The buttons of one message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Keyboard {
    /// In which language its toggles speak.
    pub lang: Language,
    /// The buttons of each product in the message.
    pub cards: Vec<CardButtons>,
    /// Which product's buttons are open, where there are several.
    pub open: Option<usize>,
    /// Buttons that are spent by one press.
    pub choices: Vec<Choice>,
}

/// The buttons of one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardButtons {
    /// Its place in the list.
    pub ordinal: usize,
    /// Which product.
    pub sku: Sku,
    /// Its title as shown.
    pub title: String,
    /// What can be done with it.
    pub choices: Vec<Choice>,
    /// Its page.
    pub url: Option<String>,
}

/// A button of a keyboard, as a press names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Opens the buttons of the n-th product.
    Open(usize),
    /// The m-th button of the n-th product.
    Card(usize, usize),
    /// The n-th choice.
    Choice(usize),
}

/// What a press does.
#[derive(Debug, Clone, PartialEq)]
pub enum Press {
    /// Opens or closes the buttons of a product; the face's own.
    Open(usize),
    /// Does something with a product and leaves the message as it is.
    OnCard(Action),
    /// Takes one of the choices, which are spent then.
    Take(Action),
}

impl CardButtons {
    /// The buttons of a card; what is saved or in the cart already says so.
    pub fn of(card: &Card, lang: Language, is_saved: bool, is_in_cart: bool) -> Self {
        let url = card.url.clone().filter(|url| is_web_address(url));
        let mut buttons = Self {
            ordinal: card.ordinal,
            sku: card.sku.clone(),
            title: card.title.clone(),
            choices: card.choices.clone(),
            url,
        };
        if is_saved {
            buttons.toggle(&Action::Save { sku: card.sku.clone() }, lang);
        }
        if is_in_cart {
            buttons.toggle(&Action::CartAdd { sku: card.sku.clone() }, lang);
        }
        buttons
    }

    /// Shows that an action was carried out; whether a button changed.
    fn toggle(&mut self, done: &Action, lang: Language) -> bool {
        let Some(choice) = self.choices.iter_mut().find(|choice| choice.action == *done) else { return false };
        let new = match done.clone() {
            Action::Save { sku } => Choice::new(wording::unsave_button(lang), Action::Unsave { sku }),
            Action::Unsave { sku } => Choice::new(listing::save_button(lang), Action::Save { sku }),
            Action::CartAdd { sku } => Choice::new(wording::in_cart_button(lang), Action::CartAdd { sku }),
            _ => return false,
        };
        let changed = *choice != new;
        *choice = new;
        changed
    }
}

impl Keyboard {
    /// Whether there is nothing to press.
    pub fn is_empty(&self) -> bool {
        self.cards.iter().all(|card| card.choices.is_empty() && card.url.is_none()) && self.choices.is_empty()
    }

    /// What the button at a place does.
    pub fn press(&self, place: Place) -> Option<Press> {
        match place {
            Place::Open(card) => self.cards.get(card).map(|_| Press::Open(card)),
            Place::Card(card, button) => {
                self.cards.get(card)?.choices.get(button).map(|choice| Press::OnCard(choice.action.clone()))
            }
            Place::Choice(index) => self.choices.get(index).map(|choice| Press::Take(choice.action.clone())),
        }
    }

    /// Shows that an action was carried out; whether a button changed.
    pub fn toggle(&mut self, done: &Action) -> bool {
        let lang = self.lang;
        self.cards.iter_mut().filter_map(|card| card.toggle(done, lang).then_some(())).count() > 0
    }

    /// The product that a reply to the message means: its only one, or the one whose buttons are open.
    pub fn meant(&self) -> Option<&Sku> {
        match self.cards.as_slice() {
            [only] => Some(&only.sku),
            several => several.get(self.open?).map(|card| &card.sku),
        }
    }

    /// The product whose title holds, or is held by, the words that were quoted; none when there are several.
    pub fn quoted(&self, quote: &str) -> Option<&Sku> {
        let quote = quote.trim();
        let mut held = self.cards.iter().filter(|card| {
            !quote.is_empty() && !card.title.is_empty() && (card.title.contains(quote) || quote.contains(&card.title))
        });
        let only = held.next()?;
        held.next().is_none().then_some(&only.sku)
    }

    /// The buttons as Telegram draws them.
    pub fn draw(&self, token: &str) -> InlineKeyboardMarkup {
        let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
        let shown = if self.cards.len() == 1 { Some(0) } else { self.open };
        if self.cards.len() > 1 {
            let numbers = self.cards.iter().enumerate().map(|(place, card)| {
                let label =
                    if shown == Some(place) { format!("▾ {}", card.ordinal) } else { card.ordinal.to_string() };
                callback(label, token, Place::Open(place))
            });
            rows.push(numbers.collect());
        }
        if let Some((place, card)) = shown.and_then(|place| Some((place, self.cards.get(place)?))) {
            let mut buttons: Vec<InlineKeyboardButton> = card
                .choices
                .iter()
                .enumerate()
                .map(|(button, choice)| callback(choice.label.clone(), token, Place::Card(place, button)))
                .collect();
            if let Some(url) = card.url.as_deref().and_then(|url| url.parse().ok()) {
                buttons.push(InlineKeyboardButton::url(wording::open_button(self.lang), url));
            }
            rows.extend(lay_out(buttons));
        }
        let choices = self.choices.iter().enumerate();
        rows.extend(lay_out(
            choices.map(|(index, choice)| callback(choice.label.clone(), token, Place::Choice(index))).collect(),
        ));
        InlineKeyboardMarkup::new(rows)
    }
}

impl Place {
    /// What a press of the button carries; at most 64 bytes.
    pub fn encode(self, token: &str) -> String {
        match self {
            Self::Open(card) => format!("{token}.o{card}"),
            Self::Card(card, button) => format!("{token}.b{card}.{button}"),
            Self::Choice(index) => format!("{token}.c{index}"),
        }
    }

    /// Reads the token and the place of a press; nothing when they are not of this form.
    pub fn decode(data: &str) -> Option<(&str, Self)> {
        let (token, place) = data.split_once('.')?;
        let is_token = token.len() == TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let kind = place.chars().next().filter(|_| is_token)?;
        let numbers = &place[kind.len_utf8()..];
        let place = match kind {
            'o' => Self::Open(numbers.parse().ok()?),
            'b' => {
                let (card, button) = numbers.split_once('.')?;
                Self::Card(card.parse().ok()?, button.parse().ok()?)
            }
            'c' => Self::Choice(numbers.parse().ok()?),
            _ => return None,
        };
        Some((token, place))
    }
}

const TOKEN_CHARS: usize = 16;

/// A new random token: 16 characters of 62, some 95 bits.
///
/// # Errors
/// The system has no randomness to give.
pub fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; TOKEN_CHARS];
    getrandom::fill(&mut bytes)?;
    Ok(token_of(&bytes))
}

/// The token that random bytes spell: as many as it has characters, or more.
pub fn token_of(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    bytes.iter().take(TOKEN_CHARS).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

fn callback(label: String, token: &str, place: Place) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(shorten(&label, LABEL_LIMIT), place.encode(token))
}

/// Rows of up to three buttons, as many as their words leave room for.
fn lay_out(buttons: Vec<InlineKeyboardButton>) -> Vec<Vec<InlineKeyboardButton>> {
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    for button in buttons {
        let fits = rows.last().is_some_and(|row| {
            let columns = row.len() + 1;
            let widest = row.iter().chain([&button]).map(|button| button.text.width()).max().unwrap_or_default();
            columns <= 3 && widest * columns <= ROW_WIDTH
        });
        match rows.last_mut() {
            Some(row) if fits => row.push(button),
            _ => rows.push(vec![button]),
        }
    }
    rows
}

/// Telegram takes web addresses only; a link of another kind would refuse the whole message.
fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyboard() -> Keyboard {
        let card = |ordinal: usize| CardButtons {
            ordinal,
            sku: Sku::new(format!("S{ordinal}")),
            title: format!("Shoe {ordinal}"),
            choices: vec![
                Choice::new("Details", Action::Detail { sku: Sku::new(format!("S{ordinal}")) }),
                Choice::new("Save", Action::Save { sku: Sku::new(format!("S{ordinal}")) }),
            ],
            url: None,
        };
        Keyboard {
            lang: Language::En,
            cards: vec![card(1), card(2)],
            open: None,
            choices: vec![Choice::new("More", Action::More)],
        }
    }

    #[test]
    fn a_press_survives_the_way_to_telegram_and_back() {
        let token = new_token().expect("token");
        for place in [Place::Open(3), Place::Card(12, 7), Place::Choice(0)] {
            let data = place.encode(&token);
            assert!(data.len() <= 64);
            assert_eq!(Place::decode(&data), Some((token.as_str(), place)));
        }
    }

    #[test]
    fn what_is_not_a_press_is_nothing() {
        for data in [
            "",
            ".",
            "abc",
            "0123456789abcdef",
            "0123456789abcdef.",
            "0123456789abcdef.羽",
            "0123456789abcdef.c-1",
            "0123456789abcde/.c1",
        ] {
            assert_eq!(Place::decode(data), None, "{data}");
        }
    }

    #[test]
    fn buttons_of_one_product_open_at_a_time() {
        let mut keyboard = keyboard();
        let rows = |keyboard: &Keyboard| -> Vec<Vec<String>> {
            let drawn = keyboard.draw("0123456789abcdef").inline_keyboard;
            drawn.into_iter().map(|row| row.into_iter().map(|button| button.text).collect()).collect()
        };
        assert_eq!(rows(&keyboard), [vec!["1", "2"], vec!["More"]]);
        keyboard.open = Some(1);
        assert_eq!(rows(&keyboard), [vec!["1", "▾ 2"], vec!["Details", "Save"], vec!["More"]]);
        assert_eq!(keyboard.meant(), Some(&"S2".into()));
        assert_eq!(keyboard.quoted("Shoe 1"), Some(&"S1".into()));
        assert_eq!(keyboard.quoted("Shoe"), None);
    }

    #[test]
    fn saving_turns_the_button_around_and_back() {
        let mut keyboard = keyboard();
        let save = Action::Save { sku: "S2".into() };
        assert!(keyboard.toggle(&save));
        assert_eq!(keyboard.press(Place::Card(1, 1)), Some(Press::OnCard(Action::Unsave { sku: "S2".into() })));
        assert!(keyboard.toggle(&Action::Unsave { sku: "S2".into() }));
        assert_eq!(keyboard.press(Place::Card(1, 1)), Some(Press::OnCard(save)));
    }
}
