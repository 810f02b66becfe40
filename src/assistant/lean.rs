//! Hears questions that were read as something else: about the shop's rules, what goes on with the question before and what a
//! passage plainly answers; about the product spoken of, what its listing answers.
//!
//! Changes a reading to a question of policy or of a product and nothing more; the answer is looked up afterwards. Called by
//! `conversation`.

use super::asks_shop::{ASKS, Heard, is_about_goods, is_question};
use super::understand::message::Message;
use super::understand::sayings::ONLY_A_PLACE;
use super::work::Work;
use crate::domain::attribute_names::is_name;
use crate::domain::intent::{Intent, IntentKind, ItemRef, Understood};
use crate::domain::search::SearchQuery;
use crate::domain::session::Pending;
use crate::domain::target::is_pointing;
use crate::knowledge::Question;

/// From this confidence a passage answers what otherwise had no answer, or what goes on with a question of policy.
const ANSWERED: f32 = 0.6;
/// From this confidence it answers beside what was read as something else of an order or a complaint.
pub(super) const PLAINLY_ANSWERED: f32 = 0.8;
/// From this confidence the listing of the product spoken of answers what was read as a wish for others.
const SAYS: f32 = 0.55;
/// From this one it is what a question put to the product's card asks, however sure a reading about goods is.
const PLAINLY_SAYS: f32 = 0.8;
/// Below this confidence an answer to a card is no wish about the cart or an order and no complaint, where the listing answers it.
const DOUBTFUL: f32 = 0.7;

impl Work<'_> {
    /// Reads a place on the screen and nothing else ("第二个") as what was asked of it, else as a wish to see that product: never as a
    /// change of the cart that nobody asked for.
    pub fn lean_on_screen(&self, understood: &mut Understood, text: &str) {
        let intent = &mut understood.intent;
        if intent.items.is_empty() || self.session.shown.is_empty() || !ONLY_A_PLACE.hits(&Message::new(text)) {
            return;
        }
        let asked = match self.session.pending {
            Some(Pending::WhichProduct { intent }) if intent != IntentKind::Compare => intent,
            _ => IntentKind::Detail,
        };
        let items = std::mem::take(&mut intent.items);
        *intent = Intent { items, quantity: intent.quantity, ..Intent::of(asked, intent.lang) };
        understood.confidence = understood.confidence.max(PLAINLY_ANSWERED);
    }

    /// Reads a message as a question of policy where it goes on with one ("台湾呢", "how long does that take"), or where it asks the shop
    /// though it was read as being about goods or nothing.
    pub fn lean_on_policies(&self, understood: &mut Understood, text: &str) {
        use IntentKind::{Complaint, Policy};
        let kind = understood.intent.intent;
        let after_policy = self.session.history.last().is_some_and(|exchange| exchange.intent == Policy);
        let is_policy = match kind {
            Policy => false,
            _ if after_policy && is_short(text) && self.goes_on_with_policy(understood, text) => true,
            Complaint if after_policy && is_short(text) => supposes(text) && self.is_answered(text, ANSWERED),
            _ => self.asks_shop(understood, text) >= ASKS,
        };
        if is_policy {
            let answering = self.answering(text, ANSWERED);
            let intent = &mut understood.intent;
            let before = self.session.policy_topic.clone().filter(|_| after_policy);
            let topic = intent.topic.take().or(before).or(answering);
            *intent = Intent { topic, ..Intent::of(Policy, intent.lang) };
            understood.confidence = understood.confidence.max(self.parts.config.clarify_below);
        }
    }

    /// Whether a short message after a question of policy goes on with it: it names no product, and opens as a follow-up does or a passage
    /// answers it.
    fn goes_on_with_policy(&self, understood: &Understood, text: &str) -> bool {
        use IntentKind::{Detail, More, OffTopic, Recommend, Refine, Search, Smalltalk, Unclear};
        let intent = &understood.intent;
        let names_nothing = intent.category.is_none()
            && intent.brand.is_empty()
            && intent.items.iter().all(|item| matches!(item, ItemRef::Name(name) if is_pointing(name)));
        let may = matches!(intent.intent, Search | Refine | Detail | More | Recommend | OffTopic | Smalltalk | Unclear);
        may && names_nothing
            && !intent.has_limit()
            && (opens_as_follow_up(text) || !self.names_goods(intent) && self.is_answered(text, ANSWERED))
    }

    /// How likely a message asks the shop about its rules, by itself, though it was read as something else. A question about a product stays
    /// one ("how much is this").
    fn asks_shop(&self, understood: &Understood, text: &str) -> f32 {
        let kind = understood.intent.intent;
        if kind == IntentKind::Detail || !is_about_goods(kind) {
            return 0.0;
        }
        let question = Question { text, language: Some(self.language), ..Question::default() };
        let answered = self.parts.service.knowledge.load().glance(&question).map_or(0.0, |(confidence, _)| confidence);
        Heard::new(understood, text, answered).map_or(0.0, |heard| heard.probability())
    }

    /// Whether what is looked for is something that the shop has: "shoes" are goods, though a passage on sizes speaks of them.
    fn names_goods(&self, intent: &Intent) -> bool {
        let Some(text) = intent.query.clone().filter(|_| intent.intent == IntentKind::Search) else { return false };
        let query = SearchQuery { text, of_its_kind: true, ..SearchQuery::default() };
        self.snapshot.count(&query).is_ok_and(|count| count > 0)
    }

    /// Reads a message as a question about the product spoken of where its listing or reviews speak of what is asked, and where it
    /// answers the product's card (`is_reply`) without wishing for another.
    pub fn lean_on_product(&self, understood: &mut Understood, text: &str, is_reply: bool) {
        use IntentKind::{CartRemove, CartShow, Compare, Complaint, OrderStatus, Reviews, Similar};
        use IntentKind::{Detail, More, OffTopic, Policy, Recommend, Refine, Search, Smalltalk, Unclear};
        let intent = &understood.intent;
        let Some(product) = self.session.focus.as_ref().and_then(|sku| self.snapshot.product(sku)) else { return };
        // "Got no grinder at the office" wishes nothing away.
        let wishes_away = || !(intent.exclude.is_empty() || is_reply && self.says(product) >= SAYS);
        // "量米的杯子有没有" names no maker.
        let wishes_for_brand = || {
            let brands = &self.snapshot.lexicon().brands;
            let is_known = |brand: &String| brands.iter().any(|known| known.text.eq_ignore_ascii_case(brand));
            intent.brand.iter().any(is_known) || !(intent.brand.is_empty() || is_reply && self.says(product) >= SAYS)
        };
        let wishes_for_another = intent.sort.is_some()
            || intent.price_min.or(intent.price_max).or(intent.price_near).is_some()
            || wishes_for_brand()
            || wishes_away();
        let names_a_kind =
            intent.category.as_ref().is_some_and(|category| !product.category.iter().any(|own| own == category));
        // "Warmer than 2 ply?" counts no products.
        let shown = self.session.shown.len();
        let is_counted = intent
            .items
            .iter()
            .any(|item| matches!(item, ItemRef::Ordinal(place) if place.unsigned_abs() as usize <= shown));
        // "And the resolution?" names no other product.
        let names_a_part = intent.items.iter().all(|item| matches!(item, ItemRef::Name(name) if is_name(name)));
        if intent.intent == Detail && !is_counted && (is_reply || names_a_part) {
            // An answer to a card is about its product: "the battery" is no other one.
            if is_reply || !intent.items.is_empty() {
                understood.intent.items = vec![ItemRef::Name("it".into())];
            }
            let least = self.parts.config.clarify_below;
            if understood.confidence < least && self.says(product) >= SAYS {
                understood.confidence = least;
            }
            return;
        }
        // "What about a sweater for her" goes on to other goods.
        let goes_on = !is_reply && opens_as_follow_up(text) && self.names_goods(intent);
        let names_others = intent.items.iter().any(|item| !matches!(item, ItemRef::Name(name) if is_pointing(name)));
        if wishes_for_another || goes_on || names_others || !(is_reply || is_question(text)) {
            return;
        }
        let is_about = match intent.intent {
            Search | Refine | Recommend | Unclear | OffTopic | Smalltalk | More if is_reply && !names_a_kind => true,
            // "Does it connect to phones" names a kind and asks about this one all the same.
            Search | Refine | Recommend if names_a_kind => is_reply && self.says(product) >= SAYS,
            // Nothing else of that name is to be had.
            Search if intent.query.is_some() && !self.names_goods(intent) => !self.said(product).is_empty(),
            Search | Refine | Recommend | Unclear | OffTopic => self.says(product) >= SAYS,
            // "Can you take the insides out and wash them" asks nothing of the cart, "skiing in this, am I mad?" complains of nothing.
            CartShow | CartRemove | Compare | Complaint | OrderStatus | Reviews | Similar
                if is_reply && understood.confidence < DOUBTFUL =>
            {
                self.says(product) >= SAYS
            }
            // "Why does mine leak?" stays a complaint, though reviews tell of leaks.
            // What one review answers is no wish for all of them.
            Reviews if is_reply && is_question(text) => self.says(product) >= SAYS,
            CartShow | CartRemove | Compare | Similar if is_reply && is_question(text) => {
                self.says(product) >= PLAINLY_SAYS
            }
            // What the policies answer no better than the listing is asked of the product.
            Policy => match self.ruled(text) {
                Some(ruled) => is_reply && self.says(product) >= ruled.min(PLAINLY_SAYS),
                None => is_reply || self.says(product) >= SAYS,
            },
            _ => false,
        };
        if is_about {
            let items = vec![ItemRef::Name("it".into())];
            understood.intent = Intent { items, ..Intent::of(Detail, intent.lang) };
            understood.confidence = understood.confidence.max(self.parts.config.clarify_below);
        }
    }

    /// Whether a passage answers a message with at least this confidence.
    fn is_answered(&self, text: &str, least: f32) -> bool {
        self.answering(text, least).is_some()
    }

    /// The topic of the passage that answers a message with at least this confidence.
    fn answering(&self, text: &str, least: f32) -> Option<String> {
        let knowledge = self.parts.service.knowledge.load();
        let best = knowledge.glance(&self.as_question(text)).filter(|(confidence, _)| *confidence >= least);
        best.map(|(_, passage)| passage.topic.clone())
    }

    /// How sure it is that a passage answers a message, where one is said to.
    fn ruled(&self, text: &str) -> Option<f32> {
        self.parts.service.knowledge.load().ask(&self.as_question(text)).map(|answer| answer.confidence)
    }

    /// A message as it is asked of the policies, after what was asked before.
    pub(super) fn as_question<'a>(&'a self, text: &'a str) -> Question<'a> {
        let last = self.session.history.last().filter(|last| last.intent == IntentKind::Policy);
        Question {
            text,
            language: Some(self.language),
            previous: last.map(|last| last.shopper.as_str()),
            topic: self.session.policy_topic.as_deref().filter(|_| last.is_some()),
        }
    }
}

fn is_short(text: &str) -> bool {
    text.chars().filter(|character| !character.is_ascii()).count() <= 12 && text.split(' ').count() <= 9
}

fn opens_as_follow_up(text: &str) -> bool {
    const STARTS: &[&str] = &["what about", "how about", "and ", "那", "how long", "is that", "does that", "who "];
    let lower = text.trim().to_lowercase();
    let ends = lower.trim_end_matches(['?', '？']).ends_with('呢');
    ends || STARTS.iter().any(|start| lower.starts_with(start))
}

/// Whether a message supposes something rather than tells it: no complaint yet.
fn supposes(text: &str) -> bool {
    const STARTS: &[&str] =
        &["如果", "要是", "万一", "那如果", "那要是", "if ", "what if", "and if", "and what if", "but if"];
    let lower = text.trim().to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_as_a_follow_up_and_what_only_supposes_are_told_apart() {
        for text in ["那台湾呢？", "what about the postage", "信用卡呢"] {
            assert!(opens_as_follow_up(text), "{text}");
        }
        assert!(!opens_as_follow_up("可以开发票吗"));
        assert!(supposes("如果是质量问题呢") && supposes("And if it's faulty?"));
        assert!(!supposes("it arrived faulty"));
    }
}
