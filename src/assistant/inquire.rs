//! Steps about particular products: a question, a comparison, the reviews.

use super::AssistantError;
use super::compare::comparison;
use super::explain::sentences;
use super::line::{Line, Source};
use super::opinions::opinions;
use super::present::{card, offer_comparisons};
use super::resolve::Resolved;
use super::select;
use super::understand::message::Message;
use super::understand::rules::pointing::of_the_one;
use super::understand::sayings::ONLY_A_PLACE;
use super::work::Work;
use crate::domain::attribute::display_name;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Block, Choice, Reply};
use crate::domain::review::Review;
use crate::domain::target::Target;
use crate::domain::unanswered::UnansweredCause;
use crate::domain::wording::listing;

impl Work<'_> {
    /// Answers a question about products from their listings.
    pub fn detail(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(targets)?;
        if let ([only], true, true) =
            (&products[..], missing.is_empty(), ONLY_A_PLACE.hits(&Message::new(self.message)))
        {
            // Nothing is asked of it.
            return Ok(self.listing(&only.clone()));
        }
        let mut reply = missing.into_iter().fold(self.reply(), Reply::text);
        let language = self.language;
        let mut said_anything = false;
        for product in &products {
            let title = product.title.get(language);
            let said = self.said(product);
            if said.is_empty() && products.len() > 1 {
                continue;
            }
            reply = match said.is_empty() {
                true => reply.text(listing::about(language, title)),
                false => reply.text(listing::listing_says(language, title)),
            };
            said_anything |= !said.is_empty();
            reply = said.into_iter().fold(reply, |reply, line| {
                reply.quote(
                    line.text,
                    listing::evidence(language, line.source == Source::Attribute, line.source == Source::Review, title),
                )
            });
        }
        if !products.is_empty() && !said_anything {
            self.helped = false;
            self.record_unanswered(UnansweredCause::NotListed)?;
            let person = Choice::new(listing::human_button(language), Action::Human);
            reply = reply.text(listing::not_said(language)).choices(vec![person]);
        }
        match products.as_slice() {
            [] => self.helped = false,
            [only] => {
                self.focus_on(only);
                let mut cards = vec![card(only, self.place_of(only), None, self.language)];
                offer_comparisons(&mut cards, &self.session.shown, self.language);
                reply.blocks.push(Block::Products { cards });
            }
            _ => {}
        }
        Ok(reply)
    }

    /// A product's place on the screen, from 1; 1 when it is not there.
    fn place_of(&self, product: &Product) -> usize {
        self.session.shown.iter().position(|sku| *sku == product.sku).map_or(1, |place| place + 1)
    }

    /// The whole listing of one product: its card, its description, its attributes.
    pub fn listing(&mut self, product: &Product) -> Reply {
        let language = self.language;
        let place = self.place_of(product);
        self.focus_on(product);
        let rows: Vec<Vec<String>> = product
            .attributes
            .keys()
            .filter_map(|name| Some(vec![display_name(name, language), product.show_attribute(name, language)?]))
            .collect();
        let mut cards = vec![card(product, place, None, language)];
        // These are its details.
        cards[0].choices.retain(|choice| !matches!(choice.action, Action::Detail { .. }));
        offer_comparisons(&mut cards, &self.session.shown, language);
        let mut reply = self.reply().block(Block::Products { cards }).text(product.description.get(language));
        if !rows.is_empty() {
            reply = reply.block(Block::Table { header: vec![String::new(), String::new()], rows });
        }
        reply
    }

    /// What the listing and the reviews say to the question, each line with where it stands; none when they do not say.
    pub fn said(&self, product: &Product) -> Vec<Line> {
        let (lines, choices) = self.weighed(product);
        if !choices.first().is_some_and(|best| best.speaks) {
            return Vec::new();
        }
        let (best, others) = choices.split_at(1);
        let others = others.iter().filter(|choice| choice.speaks || choice.is_named || choice.is_quoted_beside);
        best.iter().chain(others).take(MAX_LINES).map(|choice| lines[choice.place].clone()).collect()
    }

    /// Everything that is stated of a product, and how well each line answers, best first.
    fn weighed(&self, product: &Product) -> (Vec<Line>, Vec<select::Choice>) {
        let lines = lines_of(product, self.snapshot.reviews(&product.sku), self.language);
        let choices = select::select(&of_the_one(self.message), &lines, self.parts.encoder.as_deref());
        (lines, choices)
    }

    /// How sure it is that the listing or the reviews answer the question, 0–1.
    pub fn says(&self, product: &Product) -> f32 {
        let (_, choices) = self.weighed(product);
        select::any_answers(&choices)
    }

    /// Sets products side by side.
    pub fn compare(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(targets)?;
        let mut reply = missing.into_iter().fold(self.reply(), Reply::text);
        if products.len() < 2 {
            self.helped = false;
            return Ok(reply);
        }
        self.session.shown = products.iter().map(|product| product.sku.clone()).collect();
        self.session.focus = None;
        let compared: Vec<&Product> = products.iter().collect();
        reply = match comparison(&compared, self.language) {
            Some(table) => reply.text(listing::comparison(self.language)).block(table),
            None => reply.text(listing::no_difference(self.language)),
        };
        let choices = products.iter().enumerate().map(|(place, product)| {
            let label = format!("{}. {}", place + 1, product.title.get(self.language));
            Choice::new(label, Action::Detail { sku: product.sku.clone() })
        });
        Ok(reply.choices(choices.collect()))
    }

    /// Says what buyers say.
    pub fn reviews(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(targets)?;
        let mut reply = missing.into_iter().fold(self.reply(), Reply::text);
        for product in &products {
            reply = opinions(reply, product, self.snapshot.reviews(&product.sku), self.message);
        }
        match products.as_slice() {
            [] => self.helped = false,
            [only] => self.focus_on(only),
            _ => {}
        }
        Ok(reply)
    }
}

/// At most so many lines answer a question about one product.
const MAX_LINES: usize = 2;
/// Longer sentences of reviews are not quoted, in characters.
const MAX_REVIEW: usize = 240;

/// Everything that a listing and its reviews state, a line each, in the shopper's language where there is a choice.
fn lines_of(product: &Product, reviews: &[Review], language: Language) -> Vec<Line> {
    let colon = if language == Language::Zh { "：" } else { ": " };
    let line = |source, text: String| Line { source, text };
    let mut lines = Vec::new();
    let price =
        product.price.map(|price| price.to_string()).unwrap_or_else(|| listing::price_on_request(language).into());
    let facts = [
        ("price", Some(price)),
        ("brand", Some(product.brand.get(language).to_owned())),
        ("rating", product.rating.map(|rating| format!("{rating:.1}"))),
        ("stock", Some(listing::stock(language, product.stock))),
    ];
    for (name, value) in facts {
        let value = value.filter(|value| !value.is_empty());
        if let (Some(title), Some(value)) = (listing::row(language, name), value) {
            lines.push(line(Source::Attribute, format!("{title}{colon}{value}")));
        }
    }
    for name in product.attributes.keys() {
        if let Some(value) = product.show_attribute(name, language) {
            lines.push(line(Source::Attribute, format!("{}{colon}{value}", display_name(name, language))));
        }
    }
    lines.extend(sentences(product.description.get(language)).map(|text| line(Source::Description, text.to_owned())));
    let own = reviews.iter().filter(|review| review.lang == language);
    let told = own.flat_map(|review| sentences(&review.text)).filter(|text| text.chars().count() <= MAX_REVIEW);
    lines.extend(told.map(|text| line(Source::Review, text.to_owned())));
    lines
}
