//! From a step or a button to the work that answers it.

use super::AssistantError;
use super::examples::examples;
use super::resolve::Resolved;
use super::shelf::{add_to_cart, change_pieces, remove_from_cart, save, show_cart};
use super::understand;
use super::work::Work;
use crate::domain::dialogue::Step;
use crate::domain::handoff::HandoffReason;
use crate::domain::identifier::Sku;
use crate::domain::intent::IntentKind;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::session::Pending;
use crate::domain::target::Target;
use crate::domain::wording::{chat, shelf};

impl Work<'_> {
    /// Carries out a step.
    pub fn take(&mut self, step: Step) -> Result<Reply, AssistantError> {
        let language = self.language;
        let shop = self.parts.shop.get(language).to_owned();
        Ok(match step {
            Step::Search(query) => self.search(query)?,
            Step::Refine(query) => {
                let kind = self.kind_instead(&query)?;
                self.search(kind.unwrap_or(query))?
            }
            Step::More => self.more()?,
            Step::Compare(targets) => self.compare(&targets)?,
            Step::Choose(targets) => self.choose_among(&targets)?,
            Step::Detail(targets) => self.detail_or_listing(&targets)?,
            Step::Similar(target) => self.with_product(&target, Self::similar)?,
            Step::Reviews(targets) => self.reviews(&targets)?,
            Step::Recommend(query) => self.recommend(query)?,
            Step::CartAdd(targets, quantity) => self.each_product(&targets, |work, reply, product| {
                add_to_cart(reply, &mut work.session.cart, product, quantity)
            })?,
            Step::CartPieces(targets, pieces, quantity) => self.each_product(&targets, |work, reply, product| {
                change_pieces(reply, &mut work.session.cart, product, pieces, quantity)
            })?,
            Step::CartClear => self.clear_cart(),
            Step::CartRemove(targets) => {
                let is_unnamed = targets.is_empty();
                let targets = if is_unnamed { vec![Target::Named(self.message.to_owned())] } else { targets };
                let resolved = self.resolve_in_cart(&targets)?;
                // "Take it out" that names nothing of the cart: what is in it is what can be named.
                if self.session.cart.lines().is_empty() || is_unnamed && resolved.products.is_empty() {
                    return Ok(show_cart(self.reply(), &self.session.cart, &self.snapshot));
                }
                self.each_of(resolved, |work, reply, product| remove_from_cart(reply, &mut work.session.cart, product))
            }
            Step::CartShow => show_cart(self.reply(), &self.session.cart, &self.snapshot),
            Step::Save(targets) => {
                self.each_product(&targets, |work, reply, product| save(reply, &mut work.session.saved, product))?
            }
            Step::Unsave(targets) if targets.is_empty() => self.unsave_all(),
            Step::Unsave(targets) => self.each_product(&targets, unsave)?,
            Step::SavedShow => self.show_saved(),
            Step::Policy(topic) => self.policy(topic)?,
            Step::OrderStatus(None) => self.order_status(None).map(|reply| self.with_rule(reply))?,
            Step::OrderStatus(order) => self.order_status(order)?,
            Step::OrderChange(None, change) => self.order_change(None, change).map(|reply| self.with_rule(reply))?,
            Step::OrderChange(order, change) => self.order_change(order, change)?,
            Step::Complaint => {
                let reply = self.complaint();
                self.with_rule(reply)
            }
            Step::Human => self.human(HandoffReason::Asked),
            Step::Privacy => {
                let reply = self.privacy();
                self.with_rule(reply)
            }
            Step::Greet => self.greet(&shop),
            Step::Thanks => self.reply().text(chat::goodbye(language)),
            Step::Leave => self.reply().text(chat::no_hurry(language)),
            Step::Smalltalk => self.reply().text(chat::small_talk(language, &shop)),
            Step::OffTopic => self.reply().text(chat::off_topic(language, &shop)),
            Step::Clarify(readings) => self.clarify(&readings),
            Step::AskWhich(intent) => {
                self.session.pending = Some(Pending::WhichProduct { intent });
                self.reply().text(chat::which_product(language, self.session.shown.len()))
            }
        })
    }

    /// Carries out what a button does. What a button names is looked up again; what no longer exists is said to be stale.
    pub fn press(&mut self, action: Action) -> Result<Reply, AssistantError> {
        let language = self.language;
        let shown = |sku| vec![Target::Shown(sku)];
        Ok(match action {
            Action::Say { .. } => self.reply().text(chat::stale_button(language)),
            Action::Detail { sku } => match self.snapshot.product(&sku).cloned() {
                Some(product) => self.listing(&product),
                None => self.reply().text(chat::no_such_product(language, sku.as_str())),
            },
            Action::Similar { sku } => self.take(Step::Similar(Target::Shown(sku)))?,
            Action::Reviews { sku } => self.take(Step::Reviews(shown(sku)))?,
            Action::Compare { skus } => self.compare_shown(skus)?,
            Action::CartAdd { sku } => self.take(Step::CartAdd(shown(sku), 1))?,
            Action::CartRemove { sku } => self.take(Step::CartRemove(shown(sku)))?,
            Action::CartShow => self.take(Step::CartShow)?,
            Action::CartClear => self.take(Step::CartClear)?,
            Action::Save { sku } => self.take(Step::Save(shown(sku)))?,
            Action::Unsave { sku } => self.take(Step::Unsave(shown(sku)))?,
            Action::SavedShow => self.show_saved(),
            Action::More => self.take(Step::More)?,
            Action::Relax { index } => match self.session.relaxations.get(index).cloned() {
                Some(relaxation) => self.search(relaxation.query)?,
                None => self.reply().text(chat::stale_button(language)),
            },
            Action::Choose { index } => self.choose(index)?,
            Action::Human => self.human(HandoffReason::Asked),
            Action::Passage { id } => self.passage(&id),
            Action::Language { language } => {
                self.session.language = language;
                self.session.language_chosen = true;
                self.language = language;
                self.reply().text(chat::language_set(language))
            }
            Action::PrivacyShow => self.privacy(),
            Action::PrivacyErase { confirmed } => match self.session.pending.take() {
                Some(Pending::ConfirmErase) => self.erase(confirmed)?,
                _ => self.reply().text(chat::stale_button(language)),
            },
            Action::Confirm { id, yes } => self.confirm_change(id, yes)?,
            Action::Order { id } => self.order_status(Some(id))?,
            Action::ChangeOrder { id, change } => self.order_change(Some(id), Some(change.topic().to_owned()))?,
            Action::Rate { .. } => self.reply().text(chat::goodbye(language)),
            // The face's own, for admins.
            Action::Teach { .. } | Action::TeachConfirm { .. } => self.reply().text(chat::stale_button(language)),
        })
    }

    /// Compares these, or the first few on the screen when none are named.
    fn compare_shown(&mut self, skus: Vec<Sku>) -> Result<Reply, AssistantError> {
        let skus = if skus.is_empty() { self.session.shown.iter().take(3).cloned().collect() } else { skus };
        match skus.len() {
            0 | 1 => self.take(Step::AskWhich(IntentKind::Compare)),
            _ => self.take(Step::Compare(skus.into_iter().map(Target::Shown).collect())),
        }
    }

    /// Asked about one product in general, shows its whole listing; else answers the question.
    fn detail_or_listing(&mut self, targets: &[Target]) -> Result<Reply, AssistantError> {
        let [only] = targets else { return self.detail(targets) };
        if !understand::asks_in_general(self.message) {
            return self.detail(targets);
        }
        self.with_product(only, |work, product| Ok(work.listing(product)))
    }

    /// Requests to press.
    pub fn examples(&self) -> Vec<Choice> {
        let has_rules = !self.parts.service.knowledge.load().passages().is_empty();
        let texts = examples(&self.snapshot, has_rules, self.language);
        texts.into_iter().map(|text| Choice::new(text.clone(), Action::Say { text })).collect()
    }

    fn greet(&mut self, shop: &str) -> Reply {
        let examples = self.examples();
        self.reply().text(chat::greeting(self.language, shop)).choices(examples)
    }

    fn clarify(&mut self, readings: &[IntentKind]) -> Reply {
        let language = self.language;
        let mut choices: Vec<Choice> = Vec::new();
        for kind in readings.iter().copied().chain([IntentKind::Search, IntentKind::Policy, IntentKind::Human]) {
            let label = chat::reading(language, kind);
            if choices.len() < 4 && choices.iter().all(|choice| choice.label != label) {
                choices
                    .push(Choice::new(label, reading_action(kind).unwrap_or(Action::Choose { index: choices.len() })));
            }
        }
        self.helped = false;
        self.session.pending = Some(Pending::Clarify { message: self.message.to_owned(), choices: choices.clone() });
        self.reply().text(chat::clarify(language)).choices(choices)
    }

    fn choose(&mut self, index: usize) -> Result<Reply, AssistantError> {
        let language = self.language;
        let Some(Pending::Clarify { choices, .. }) = self.session.pending.take() else {
            return Ok(self.reply().text(chat::stale_button(language)));
        };
        let Some(choice) = choices.get(index) else { return Ok(self.reply().text(chat::stale_button(language))) };
        let kind = IntentKind::ALL.into_iter().find(|kind| chat::reading(language, *kind) == choice.label);
        Ok(self.reply().text(chat::reading_prompt(language, kind.unwrap_or(IntentKind::Unclear))))
    }

    fn unsave_all(&mut self) -> Reply {
        self.session.saved.clear();
        self.reply().text(shelf::nothing_saved(self.language))
    }

    fn clear_cart(&mut self) -> Reply {
        self.session.cart.clear();
        self.reply().text(shelf::cleared(self.language))
    }

    fn with_product(
        &mut self,
        target: &Target,
        run: impl FnOnce(&mut Self, &Product) -> Result<Reply, AssistantError>,
    ) -> Result<Reply, AssistantError> {
        let Resolved { products, missing } = self.resolve(std::slice::from_ref(target))?;
        match products.first() {
            Some(product) => run(self, product),
            None => {
                self.helped = false;
                Ok(missing.into_iter().fold(self.reply(), Reply::text))
            }
        }
    }

    fn each_product(
        &mut self,
        targets: &[Target],
        run: impl FnMut(&mut Self, Reply, &Product) -> Reply,
    ) -> Result<Reply, AssistantError> {
        let resolved = self.resolve(targets)?;
        Ok(self.each_of(resolved, run))
    }

    fn each_of(&mut self, resolved: Resolved, mut run: impl FnMut(&mut Self, Reply, &Product) -> Reply) -> Reply {
        let mut reply = resolved.missing.into_iter().fold(self.reply(), Reply::text);
        for product in &resolved.products {
            self.focus_on(product);
            reply = run(self, reply, product);
        }
        self.helped = !resolved.products.is_empty();
        reply
    }
}

fn unsave(work: &mut Work<'_>, reply: Reply, product: &Product) -> Reply {
    let (language, title) = (work.language, product.title.get(work.language));
    let before = work.session.saved.len();
    work.session.saved.retain(|saved| *saved != product.sku);
    let was_saved = work.session.saved.len() < before;
    reply.text(if was_saved { shelf::unsaved(language, title) } else { shelf::not_saved(language, title) })
}

/// Readings that a button can carry out at once; the others need words first.
fn reading_action(kind: IntentKind) -> Option<Action> {
    Some(match kind {
        IntentKind::More => Action::More,
        IntentKind::CartAdd | IntentKind::CartRemove | IntentKind::CartShow => Action::CartShow,
        IntentKind::Save => Action::SavedShow,
        IntentKind::Complaint | IntentKind::Human => Action::Human,
        IntentKind::Privacy => Action::PrivacyShow,
        _ => return None,
    })
}
