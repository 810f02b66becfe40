//! Steps about particular products: a question, a comparison, the reviews.

use super::AssistantError;
use super::compare::comparison;
use super::explain::sentences;
use super::opinions::opinions;
use super::present::card;
use super::resolve::Resolved;
use super::work::Work;
use crate::domain::attribute::display_name;
use crate::domain::dialogue::Target;
use crate::domain::product::Product;
use crate::domain::reply::{Block, Reply};
use crate::domain::wording::listing;

impl Work<'_> {
    /// Answers a question about products from their listings.
    pub fn detail(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(targets)?;
        let mut reply = missing.into_iter().fold(self.reply(), Reply::text);
        for product in &products {
            reply = self.about(reply, product);
        }
        match products.as_slice() {
            [] => self.helped = false,
            [only] => {
                self.focus_on(only);
                reply
                    .blocks
                    .push(Block::Products { cards: vec![card(only, self.place_of(only), None, self.language)] });
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
        let cards = vec![card(product, place, None, language)];
        let mut reply = self.reply().block(Block::Products { cards }).text(product.description.get(language));
        if !rows.is_empty() {
            reply = reply.block(Block::Table { header: vec![String::new(), String::new()], rows });
        }
        reply
    }

    fn about(&self, reply: Reply, product: &Product) -> Reply {
        let language = self.language;
        let title = product.title.get(language);
        let asked = self.message.to_lowercase();
        let attributes: Vec<String> = product
            .attributes
            .keys()
            .filter(|name| asked.contains(&display_name(name, language).to_lowercase()))
            .filter_map(|name| {
                Some(format!("{}: {}", display_name(name, language), product.show_attribute(name, language)?))
            })
            .collect();
        if !attributes.is_empty() {
            return attributes
                .into_iter()
                .fold(reply.text(listing::listing_says(language, title)), |reply, line| reply.quote(line, title));
        }
        let all: Vec<&str> = sentences(product.description.get(language)).collect();
        all.into_iter().fold(reply.text(listing::listing_says(language, title)), |reply, line| reply.quote(line, title))
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
        Ok(reply)
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
