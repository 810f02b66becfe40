//! Which of several products stand out, and in what: what was asked for, the rating, the price. Facts of the listings only.

use std::collections::BTreeSet;

use super::AssistantError;
use super::compare::comparison;
use super::explain::states;
use super::resolve::Resolved;
use super::work::Work;
use crate::domain::attribute::{AttributeValue, display_name};
use crate::domain::attribute_names::split_unit;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::target::Target;
use crate::domain::wording::{choosing, listing};

/// At most so many products are set side by side below the verdict.
const MAX_COMPARED: usize = 3;

/// At most so many measures are listed.
const MAX_MEASURES: usize = 2;

/// Parts of attribute names, with words of questions about them.
const MEASURES: &[(&str, &[&str])] = &[
    ("weight", &["light", "heav", "weigh", "轻", "重"]),
    ("battery", &["last", "long", "battery", "续航", "耐用", "电池"]),
    ("keep_warm", &["warm", "hot", "long", "保温", "保暖", "热"]),
    ("capacity", &["big", "larg", "small", "hold", "fit", "大", "小", "装"]),
    ("noise", &["quiet", "loud", "nois", "silent", "安静", "吵", "静音", "声音"]),
    ("power", &["powerful", "strong", "fast", "功率", "快"]),
    ("fill_power", &["warm", "保暖", "暖"]),
    ("fill", &["warm", "保暖", "暖", "厚"]),
    ("thickness", &["thick", "thin", "厚", "薄"]),
    ("screen", &["big", "larg", "small", "screen", "屏", "大"]),
    ("waterproof", &["waterproof", "rain", "防水"]),
    ("suction", &["strong", "suction", "powerful", "吸力"]),
];

impl Work<'_> {
    /// Names the products that stand out among these, and sets the first of them side by side.
    pub fn choose_among(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(targets)?;
        let mut reply = missing.into_iter().fold(self.reply(), Reply::text);
        if products.len() < 2 {
            self.helped = false;
            return Ok(reply);
        }
        let lines = self.verdict(&products);
        if !lines.is_empty() {
            reply = reply.text(choosing::heading(self.language)).text(lines.join("\n"));
        }
        let compared: Vec<&Product> = products.iter().take(MAX_COMPARED).collect();
        if lines.is_empty()
            && let Some(table) = comparison(&compared, self.language)
        {
            reply = reply.text(listing::comparison(self.language)).block(table);
        }
        let skus = compared.iter().map(|product| product.sku.clone()).collect();
        let compare = Choice::new(listing::compare_button(self.language, compared.len()), Action::Compare { skus });
        Ok(if lines.is_empty() { reply } else { reply.choices(vec![compare]) })
    }

    /// A line for each way in which one or some of the products stand out.
    fn verdict(&self, products: &[Product]) -> Vec<String> {
        let language = self.language;
        let place = |product: &Product| {
            self.session.shown.iter().position(|sku| *sku == product.sku).map_or(0, |place| place + 1)
        };
        let name = |product: &Product| choosing::name(place(product), product.title.get(language));
        let mut lines = Vec::new();
        for word in self.asked_words(products) {
            let fitting: Vec<String> = products
                .iter()
                .filter(|product| states(product, &word, &|word| self.alike(word), language))
                .map(name)
                .collect();
            lines.push(choosing::states(language, &word, fitting));
        }
        lines.extend(self.measured(products, &name));
        let rated = products.iter().filter(|product| product.is_in_stock() && product.rating.is_some());
        let best = rated.max_by(|one, other| {
            let key =
                |product: &Product| (product.rating.unwrap_or_default(), product.review_count.unwrap_or_default());
            key(one).partial_cmp(&key(other)).unwrap_or(std::cmp::Ordering::Equal)
        });
        if let Some((best, rating)) = best.and_then(|best| Some((best, best.rating?))) {
            lines.push(choosing::best_rated(language, &name(best), rating, best.review_count));
        }
        let priced = products.iter().filter(|product| product.is_in_stock() && product.price.is_some());
        if let Some((cheapest, price)) = priced
            .min_by_key(|product| product.price.map(|price| price.minor))
            .and_then(|cheapest| Some((cheapest, cheapest.price?)))
        {
            lines.push(choosing::cheapest(language, &name(cheapest), price));
        }
        lines
    }

    /// A line for each measure that the message asks about and at least two of the listings give, the highest first.
    fn measured(&self, products: &[Product], name: &dyn Fn(&Product) -> String) -> Vec<String> {
        let message = self.message.to_lowercase();
        let mut lines = Vec::new();
        let names: BTreeSet<&String> = products.iter().flat_map(|product| product.attributes.keys()).collect();
        for attribute in names {
            let plain = split_unit(attribute, self.language).0;
            let told = plain.split('_').any(|word| word.len() > 3 && message.contains(word));
            let asked = MEASURES
                .iter()
                .any(|(part, words)| plain.contains(part) && words.iter().any(|word| message.contains(word)));
            let number = |product: &Product| match product.attribute(attribute) {
                [AttributeValue::Number(number)] => Some(*number),
                _ => None,
            };
            let mut known: Vec<(&Product, f64)> =
                products.iter().filter_map(|product| Some((product, number(product)?))).collect();
            if known.len() < 2 || !(told || asked) {
                continue;
            }
            known.sort_by(|one, other| other.1.total_cmp(&one.1));
            let values = known.into_iter().map(|(product, number)| format!("{} {number}", name(product))).collect();
            lines.push(choosing::measures(&display_name(attribute, self.language), self.language, values));
        }
        lines.truncate(MAX_MEASURES);
        lines
    }

    /// The known words of the message that some of the products state and others do not.
    fn asked_words(&self, products: &[Product]) -> Vec<String> {
        let values = self.snapshot.lexicon().attributes.iter().filter(|(name, _)| {
            matches!(name.as_str(), "use" | "feature" | "audience" | "material" | "season" | "colour")
        });
        let message = self.message.to_lowercase();
        let mut words: Vec<String> = Vec::new();
        for value in values.flat_map(|(_, values)| values) {
            let word = value.text.to_lowercase();
            let count = || {
                products
                    .iter()
                    .filter(|product| states(product, &word, &|word| self.alike(word), self.language))
                    .count()
            };
            let is_telling = word.chars().count() > 1 && message.contains(&word);
            if is_telling && !words.contains(&word) && (1..products.len()).contains(&count()) {
                words.push(word);
            }
        }
        let inner: Vec<String> = words.clone();
        words.retain(|word| !inner.iter().any(|other| other != word && other.contains(word.as_str())));
        words
    }
}
