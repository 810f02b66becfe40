//! Steps that show a list of products: search, refine, more, similar, recommend, the saved list.

use std::time::Instant;

use super::explain::reason;
use super::phrase::phrase_reasons;
use super::present::{card, list_choices, offer_comparisons};
use super::retrieve::{Found, retrieve};
use super::work::Work;
use super::{AssistantError, rank};
use crate::domain::identifier::Sku;
use crate::domain::intent::IntentKind;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Block, Card, Choice, Reply};
use crate::domain::search::{AttributeFilter, Hit, SearchQuery, Sort};
use crate::domain::wording::{chat, finding, listing, shelf};

/// A message without a noun raises what shares its words: at most so many characters of it.
const MAX_BOOST: usize = 200;
/// At most so many kinds are named when the one asked for is not carried.
const MAX_KINDS: usize = 6;
/// From this rating on a product is said to be liked.
const LIKED: f32 = 4.0;

impl Work<'_> {
    /// Looks for products and shows the first page, or says that there are none and what could be given up.
    pub fn search(&mut self, wanted: SearchQuery) -> Result<Reply, AssistantError> {
        if wanted.text.is_empty() && wanted.filters.is_empty() && wanted.sort == Sort::Relevance {
            return Ok(self.reply().text(chat::reading_prompt(self.language, IntentKind::Search)));
        }
        let depth = self.parts.config.rank_candidates.max(self.parts.config.page_size);
        let boosts = if wanted.text.is_empty() && wanted.boosts.is_empty() && !wanted.filters.attributes.is_empty() {
            vec![self.message.chars().take(MAX_BOOST).collect()]
        } else {
            wanted.boosts
        };
        let wanted = SearchQuery { offset: 0, limit: depth, boosts, ..wanted };
        let mut found = self.stage("retrieve", |work| Ok(retrieve(&work.snapshot, &wanted)?))?;
        if found.result.total == 0 {
            return Ok(self.nothing_found(found));
        }
        let mut reply = self.reply();
        if !self.can_order(&found) {
            reply = reply.text(finding::no_such_order(self.language, wanted.sort));
            let wanted = SearchQuery { sort: Sort::Relevance, ..wanted };
            found = self.stage("retrieve", |work| Ok(retrieve(&work.snapshot, &wanted)?))?;
        }
        let wishes = found.query.boosts.iter().cloned();
        let request = std::iter::once(self.describe(&found.query)).chain(wishes).collect::<Vec<_>>().join(" ");
        let ranked = self.stage("rank", |work| Ok(rank::rank(work, &request, &found.query, &found.result.hits)))?;
        self.session.ranked = ranked.iter().flatten().map(|hit| hit.sku.clone()).collect();
        let hits = ranked.unwrap_or(found.result.hits);
        let total = found.result.total;
        let page = &hits[..hits.len().min(self.parts.config.page_size)];
        let what = self.describe(&found.query);
        if !found.given_up.is_empty() {
            let wishes = found.given_up.iter().map(|filter| filter.value.as_str());
            reply = reply.text(finding::wish_given_up(self.language, wishes));
        }
        reply = reply.text(finding::found(self.language, &what, total, page.len()));
        let cards = self.stage("explain", |work| Ok(work.cards(page, &found.query, 0)))?;
        self.session.look_for(found.query);
        self.session.position = cards.len();
        self.session.relaxations.clear();
        Ok(self.with_cards(reply, cards, page, total))
    }

    /// Whether any listing has what the order goes by.
    fn can_order(&self, found: &Found) -> bool {
        let products = || found.result.hits.iter().filter_map(|hit| self.snapshot.product(&hit.sku));
        match found.query.sort {
            Sort::Relevance => true,
            Sort::PriceAsc | Sort::PriceDesc => products().any(|product| product.price.is_some()),
            Sort::Rating => products().any(|product| product.rating.is_some()),
            Sort::Newest => products().any(|product| product.added.is_some()),
            Sort::Sales => products().any(|product| product.sales.is_some()),
        }
    }

    fn nothing_found(&mut self, found: Found) -> Reply {
        let what = self.describe(&found.query);
        if found.not_carried {
            let kinds = self.main_kinds();
            let reply = self.reply().text(finding::not_carried(self.language, &found.query.text));
            return if kinds.is_empty() { reply } else { reply.text(finding::carries(self.language)).choices(kinds) };
        }
        let choices = self.relaxation_choices(&found);
        let mut reply = self.reply().text(finding::none(self.language, &what));
        let is_priced = found.query.filters.price_min.is_some() || found.query.filters.price_max.is_some();
        if is_priced && self.snapshot.currency().is_none() {
            reply = reply.text(finding::no_prices(self.language));
        }
        if !choices.is_empty() {
            reply = reply.text(finding::could_relax(self.language)).choices(choices);
        }
        self.session.look_for(found.query);
        // What was shown before still stands on the screen, and can be pointed at.
        self.session.ranked.clear();
        self.session.position = 0;
        self.session.relaxations = found.relaxations;
        reply
    }

    /// A message of one thing that nothing of the last kind has, and that the shop has as a kind of its own, asks for that kind.
    pub fn kind_instead(&self, query: &SearchQuery) -> Result<Option<SearchQuery>, AssistantError> {
        let said = self.message.trim().trim_end_matches(['?', '？', '.', '。', '!', '！']).to_lowercase();
        let is_said = |filter: &&AttributeFilter| {
            matches!(filter.name.as_str(), "feature" | "use") && filter.value.to_lowercase() == said
        };
        let Some(filter) = query.filters.attributes.iter().find(is_said) else { return Ok(None) };
        let kind = SearchQuery { text: filter.value.clone(), of_its_kind: true, ..SearchQuery::default() };
        let is_kind = self.snapshot.count(query)? == 0 && self.snapshot.count(&kind)? > 0;
        Ok(is_kind.then_some(kind))
    }

    /// The kinds that the shop has most of, as requests.
    fn main_kinds(&self) -> Vec<Choice> {
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for product in self.snapshot.products() {
            let name = product.category.get(self.language);
            match kinds.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count += 1,
                None if !name.is_empty() => kinds.push((name.to_owned(), 1)),
                None => {}
            }
        }
        kinds.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        kinds
            .into_iter()
            .take(MAX_KINDS)
            .map(|(name, _)| Choice::new(&name, Action::Say { text: name.clone() }))
            .collect()
    }

    fn relaxation_choices(&self, found: &Found) -> Vec<Choice> {
        let label = |it: &crate::domain::search::Relaxation| {
            finding::relaxation(self.language, &it.change, |amount| self.print_amount(amount), it.count)
        };
        found
            .relaxations
            .iter()
            .enumerate()
            .map(|(index, it)| Choice::new(label(it), Action::Relax { index }))
            .collect()
    }

    /// The next page of the last search.
    pub fn more(&mut self) -> Result<Reply, AssistantError> {
        let Some(last) = self.session.search.clone() else {
            return Ok(self.reply().text(chat::which_product(self.language, 0)));
        };
        let page_size = self.parts.config.page_size;
        let position = self.session.position;
        // What the model ordered comes first, in its order; below that the lexical order goes on.
        let ordered = self.session.ranked.len();
        let ranked = self.session.ranked.iter().skip(position).take(page_size);
        let mut page: Vec<Hit> = ranked.map(|sku| Hit { sku: sku.clone(), score: 0.0 }).collect();
        let next = SearchQuery { offset: position.max(ordered), limit: page_size - page.len(), ..last };
        let found = self.stage("retrieve", |work| Ok(retrieve(&work.snapshot, &next)?))?;
        let total = found.result.total;
        page.extend(found.result.hits.iter().cloned());
        if total == 0 {
            return Ok(self.reply().text(chat::reading_prompt(self.language, IntentKind::Search)));
        }
        if page.is_empty() {
            return Ok(self.reply().text(finding::no_more(self.language, total)));
        }
        let cards = self.stage("explain", |work| Ok(work.cards(&page, &found.query, position)))?;
        let reply = self.reply().text(finding::more(self.language, position + 1, position + cards.len(), total));
        self.session.position = position + page.len();
        Ok(self.with_cards(reply, cards, &page, total))
    }

    /// Products like one.
    pub fn similar(&mut self, product: &Product) -> Result<Reply, AssistantError> {
        let page_size = self.parts.config.page_size;
        let sku = product.sku.clone();
        let hits = self.stage("retrieve", |work| Ok(work.snapshot.similar(&sku, page_size)?))?;
        let title = product.title.get(self.language);
        if hits.is_empty() {
            self.helped = false;
            return Ok(self.reply().text(finding::nothing_similar(self.language, title)));
        }
        let cards = self.stage("explain", |work| Ok(work.cards(&hits, &SearchQuery::default(), 0)))?;
        let reply = self.reply().text(finding::similar_to(self.language, title));
        let total = cards.len();
        self.session.position = total;
        Ok(self.with_cards(reply, cards, &hits, total))
    }

    /// Suggestions where no kind of product was named: what sells and is liked, within the limits that were named; kinds
    /// alternate so that one does not fill the page.
    pub fn recommend(&mut self, wanted: SearchQuery) -> Result<Reply, AssistantError> {
        if !wanted.text.is_empty() {
            return self.search(wanted);
        }
        let limits_stock = wanted.filters.in_stock;
        let mut broad = SearchQuery { sort: Sort::Sales, limit: 60, ..wanted };
        broad.filters.in_stock = true;
        let mut found = self.stage("retrieve", |work| Ok(retrieve(&work.snapshot, &broad)?))?;
        // A present for somebody on an occasion that nothing is listed for: what makes a present goes before whom it is for.
        for name in ["audience", "use"] {
            let place = broad.filters.attributes.iter().position(|filter| filter.name == name);
            let Some(place) = place.filter(|_| found.result.total == 0) else { continue };
            let wish = broad.filters.attributes.remove(place);
            broad.boosts.push(wish.value.clone());
            let before = std::mem::take(&mut found.given_up);
            found = self.stage("retrieve", |work| Ok(retrieve(&work.snapshot, &broad)?))?;
            found.given_up = before.into_iter().chain([wish]).chain(std::mem::take(&mut found.given_up)).collect();
        }
        if found.result.total == 0 {
            return Ok(self.nothing_found(found));
        }
        let page = self.one_of_each_kind(&found.result.hits);
        let given_up: Vec<&str> = found.given_up.iter().map(|filter| filter.value.as_str()).collect();
        found.query.filters.in_stock = limits_stock;
        let mut met = found.query.clone();
        met.sort = Sort::Relevance;
        let what = self.describe(&met);
        let mut reply = self.reply();
        if !given_up.is_empty() {
            reply = reply.text(finding::wish_given_up(self.language, given_up));
        }
        let products = || page.iter().filter_map(|hit| self.snapshot.product(&hit.sku));
        let sells = products().all(|product| product.sales.is_some());
        let is_liked = products().all(|product| product.rating.is_some_and(|rating| rating >= LIKED));
        reply = reply.text(finding::recommended(self.language, &what, sells, is_liked));
        let cards = self.stage("explain", |work| Ok(work.cards(&page, &found.query, 1)))?;
        self.session.look_for(found.query);
        self.session.ranked.clear();
        self.session.position = cards.len();
        Ok(self.with_cards(reply, cards, &page, found.result.total))
    }

    fn one_of_each_kind(&self, hits: &[Hit]) -> Vec<Hit> {
        let kind =
            |hit: &Hit| self.snapshot.product(&hit.sku).map(|product| product.category.get(self.language).to_owned());
        let mut seen = std::collections::BTreeSet::new();
        let (mut first, rest): (Vec<Hit>, Vec<Hit>) = hits.iter().cloned().partition(|hit| seen.insert(kind(hit)));
        let liked = |hit: &Hit| self.snapshot.product(&hit.sku).and_then(|product| product.rating).unwrap_or_default();
        first.sort_by(|one, other| liked(other).total_cmp(&liked(one)));
        first.into_iter().chain(rest).take(self.parts.config.page_size).collect()
    }

    /// The saved list.
    pub fn show_saved(&mut self) -> Reply {
        let skus: Vec<Sku> = self.session.saved.clone();
        let hits: Vec<Hit> = skus.into_iter().map(|sku| Hit { sku, score: 0.0 }).collect();
        let cards = self.cards(&hits, &SearchQuery::default(), 1);
        if cards.is_empty() {
            return self.reply().text(shelf::nothing_saved(self.language));
        }
        let reply = self.reply().text(shelf::saved_list(self.language, cards.len()));
        // All of them are shown: there are no more, whatever the last search left.
        self.with_cards(reply, cards, &hits, 0)
    }

    fn cards(&self, hits: &[Hit], query: &SearchQuery, first: usize) -> Vec<Card> {
        let products = hits.iter().filter_map(|hit| self.snapshot.product(&hit.sku));
        products
            .enumerate()
            .map(|(place, product)| {
                let reason = reason(product, query, first + place, &|word| self.alike(word), self.language);
                card(product, place + 1, reason, self.language)
            })
            .collect()
    }

    /// What may stand for a word.
    pub fn alike(&self, word: &str) -> Vec<String> {
        self.snapshot.synonyms_of(word).to_vec()
    }

    fn with_cards(&mut self, reply: Reply, mut cards: Vec<Card>, hits: &[Hit], total: usize) -> Reply {
        offer_comparisons(&mut cards, &[], self.language);
        let mut choices = list_choices(&cards, total > self.session.position, self.language);
        if cards.iter().all(|card| card.stock == Some(0)) {
            choices.push(Choice::new(listing::human_button(self.language), Action::Human));
        }
        let mut reply = reply.block(Block::Products { cards }).choices(choices);
        let start = Instant::now();
        phrase_reasons(self, &mut reply);
        self.timings.add("explain", start);
        let cards: Vec<Card> = reply.cards().cloned().collect();
        let scores: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
        self.show(&cards, &scores);
        reply
    }

    /// A search in the shopper's words.
    pub fn describe(&self, query: &SearchQuery) -> String {
        let print = |amount| self.print_amount(amount);
        let mut filters = query.filters.clone();
        for name in &mut filters.categories {
            let known = self.snapshot.products().iter().find(|product| product.category.iter().any(|it| it == name));
            *name = known.map_or_else(|| name.clone(), |product| product.category.get(self.language).to_owned());
        }
        finding::describe(self.language, &query.text, &filters, query.sort, print)
    }
}
