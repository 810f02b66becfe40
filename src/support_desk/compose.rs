//! From what a case has to send to the message that shows it, for either side. Every word comes from `wording`, a person, or the shop.

use super::desk::Desk;
use crate::domain::handoff::{Case, DeskAction, Draft, HandoffState, Notice, Outgoing, Parcel, Speaker, StaffId};
use crate::domain::language::Language;
use crate::domain::outbox::{Content, DeskButton, MediaKind, ShopperPost, StaffPost};
use crate::domain::reply::{Action, Block, Card, Choice, Reply};
use crate::domain::wording::desk_buttons::{self as buttons, Label};
use crate::domain::wording::desk_staff::HeadPart;
use crate::domain::wording::{desk as to_shopper, desk_staff as to_staff};

/// So many of the last turns open a topic.
const TURNS: usize = 4;
/// So many products open a topic.
const PRODUCTS: usize = 5;
/// A part of a topic's first message is cut to so many characters.
const PART_CHARS: usize = 600;

impl Desk {
    /// The name of a topic.
    pub(super) fn topic_title(&self, case: &Case) -> String {
        let language = self.language();
        let why = to_staff::reason(language, case.request.reason);
        format!("{} · {why}", self.who(case)).chars().take(120).collect()
    }

    /// The shopper's name for the staff.
    pub(super) fn who(&self, case: &Case) -> String {
        let name = case.who.trim();
        if name.is_empty() { to_staff::shopper(self.language()).to_owned() } else { name.chars().take(60).collect() }
    }

    pub(super) fn name(&self, staff: StaffId, language: Language) -> &str {
        self.parts.config.name(staff, language)
    }

    /// A message for the staff.
    pub(super) fn staff_post(&self, case: &Case, outgoing: &Outgoing, now: i64) -> StaffPost {
        let (content, about, buttons) = match &outgoing.parcel {
            Parcel::Relay { content, .. } | Parcel::Edit { content, .. } => {
                (self.for_staff(case, content), None, Vec::new())
            }
            Parcel::Cards { cards, .. } => (Content::text(titles(cards)), None, Vec::new()),
            Parcel::Notice { notice, about } => {
                let (text, buttons) = self.staff_notice(case, notice, now);
                (Content::text(text), *about, buttons)
            }
        };
        let content = match outgoing.maybe_again {
            true => content.with_words(format!("{}{}", to_staff::maybe_again(self.language()), content.words())),
            false => content,
        };
        let reply_to = about.or(if case.topic.is_none() { case.head } else { None });
        StaffPost { content, reply_to, buttons }
    }

    /// A message for the shopper.
    pub(super) fn shopper_post(&self, case: &Case, outgoing: &Outgoing, now: i64) -> ShopperPost {
        let language = case.request.language;
        match &outgoing.parcel {
            Parcel::Relay { by, content, .. } | Parcel::Edit { by, content, .. } => {
                ShopperPost::Relay(self.for_shopper(case, *by, content))
            }
            Parcel::Cards { by, cards } => {
                let says = to_shopper::recommends(language, self.name(*by, language));
                let products = Block::Products { cards: cards.clone() };
                ShopperPost::Say(Reply::new(language).text(says).block(products))
            }
            Parcel::Notice { notice, .. } => ShopperPost::Say(self.shopper_notice(case, notice, now)),
        }
    }

    /// A person's words as the shopper sees them: with the name that the shop chose, translated when the topic is.
    pub(super) fn for_shopper(&self, case: &Case, by: Speaker, content: &Content) -> Content {
        let language = case.request.language;
        let name = match by {
            Speaker::Staff(staff) => self.name(staff, language),
            Speaker::Shopper => return content.clone(),
        };
        if let Content::Media { kind: MediaKind::Sticker | MediaKind::VideoNote, .. } = content {
            return content.clone();
        }
        let words = match self.translated(case, content.words(), language) {
            Some(Some(translation)) => {
                format!("{translation}\n\n{}{}", to_shopper::original(language), content.words())
            }
            _ => content.words().to_owned(),
        };
        content.with_words(to_shopper::spoken(language, name, &words))
    }

    fn for_staff(&self, case: &Case, content: &Content) -> Content {
        let words = content.words();
        let translation = match self.translated(case, words, self.language()) {
            Some(Some(translation)) => format!("\n🌐 {translation}"),
            Some(None) => format!("\n🌐 {}", to_staff::untranslated(self.language())),
            None => String::new(),
        };
        content.with_words(format!("👤 {}: {words}{translation}", self.who(case)))
    }

    fn shopper_notice(&self, case: &Case, notice: &Notice, now: i64) -> Reply {
        let language = case.request.language;
        let name = |staff: StaffId| self.name(staff, language);
        let reply = Reply::new(language);
        match notice {
            Notice::OutOfHours => reply.text(to_shopper::closed_meanwhile(language, self.hours.next_opening(now))),
            Notice::Claimed { by } => reply.text(to_shopper::joined(language, name(*by))),
            Notice::Transferred { to, .. } => reply.text(to_shopper::taken_over(language, name(*to))),
            Notice::PutBack { by } => reply.text(to_shopper::put_back(language, name(*by))),
            Notice::Requeued { by } => reply.text(to_shopper::requeued(language, name(*by))),
            Notice::GivenUp => reply.text(to_shopper::given_up(language)),
            Notice::Released { by } => with_rating(case, reply.text(to_shopper::released(language, name(*by)))),
            Notice::Closed { by, reason } => {
                with_rating(case, reply.text(to_shopper::closed(language, name(*by), *reason)))
            }
            Notice::NotDelivered { excerpt } => reply.text(to_shopper::not_delivered(language, excerpt)),
            // Never addressed to the shopper.
            Notice::Opened
            | Notice::AskedAgain
            | Notice::Quiet { .. }
            | Notice::Unclaimed { .. }
            | Notice::Rated { .. }
            | Notice::Uncertain { .. }
            | Notice::Refused { .. }
            | Notice::Draft { .. }
            | Notice::DraftSent
            | Notice::Translating { .. } => reply,
        }
    }

    fn staff_notice(&self, case: &Case, notice: &Notice, now: i64) -> (String, Vec<DeskButton>) {
        let language = self.language();
        let name = |staff: &StaffId| self.name(*staff, language);
        let claim = || vec![button(language, Label::Claim, DeskAction::Claim)];
        let config = &self.parts.config;
        let text = match notice {
            Notice::Opened => return (self.head(case), self.buttons(case)),
            Notice::AskedAgain => to_staff::asked_again(language, case.request.reason),
            Notice::Claimed { by } => return (to_staff::claimed(language, name(by)), self.buttons(case)),
            Notice::Transferred { from, to } => {
                return (to_staff::transferred(language, name(from), name(to)), self.buttons(case));
            }
            Notice::PutBack { by } => return (to_staff::put_back(language, name(by)), claim()),
            Notice::Quiet { by, minutes } => to_staff::quiet(language, name(by), *minutes, config.requeue_minutes),
            Notice::Requeued { by } => return (to_staff::requeued(language, name(by)), claim()),
            Notice::Unclaimed { minutes } => {
                return (to_staff::unclaimed(language, *minutes, config.give_up_minutes), claim());
            }
            Notice::GivenUp => to_staff::given_up(language).to_owned(),
            Notice::Released { by } => to_staff::released(language, name(by)),
            Notice::Closed { by, reason } => to_staff::closed(language, name(by), *reason),
            Notice::Rated { stars } => to_staff::rated(language, *stars),
            Notice::NotDelivered { excerpt } => to_staff::not_delivered(language, excerpt),
            Notice::Uncertain { excerpt, draft } => {
                let again = button(language, Label::SendAgain, DeskAction::SendDraft { id: *draft });
                let drop = button(language, Label::Drop, DeskAction::DropDraft { id: *draft });
                return (to_staff::uncertain(language, excerpt), vec![again, drop]);
            }
            Notice::Refused { refusal } => {
                let owner = case.owner().map(|owner| name(&owner).to_owned()).unwrap_or_default();
                buttons::not_passed_on(language, *refusal, &owner)
            }
            Notice::Draft { id } => return self.draft_post(case, *id),
            Notice::DraftSent => buttons::label(language, Label::Send).to_owned() + " ✓",
            Notice::Translating { on } => to_staff::translating(language, *on).to_owned(),
            Notice::OutOfHours => to_shopper::closed_meanwhile(language, self.hours.next_opening(now)),
        };
        (text, Vec::new())
    }

    /// The first message of a topic: who, in which language, why, a summary, the last turns, products and orders.
    fn head(&self, case: &Case) -> String {
        let language = self.language();
        let request = &case.request;
        let mut parts = vec![to_staff::head(language, &self.who(case), request.language, request.reason)];
        let mut add = |part: HeadPart, lines: Vec<String>| {
            if !lines.is_empty() {
                parts.push(format!("{}\n{}", to_staff::part(language, part), cut(&lines.join("\n"), PART_CHARS)));
            }
        };
        add(HeadPart::Summary, self.summary(request).into_iter().collect());
        add(
            HeadPart::Last,
            Some(request.message.clone()).filter(|message| !message.trim().is_empty()).into_iter().collect(),
        );
        let turns = request.history.iter().rev().take(TURNS).rev();
        add(
            HeadPart::Turns,
            turns
                .map(|turn| format!("👤 {}\n🤖 {}", one_line(&turn.shopper, 120), one_line(&turn.reply, 160)))
                .collect(),
        );
        let skus = &request.products[..request.products.len().min(PRODUCTS)];
        let cards = self.parts.adviser.cards(skus, language);
        add(HeadPart::Products, if cards.is_empty() { Vec::new() } else { vec![titles(&cards)] });
        let orders = self.orders_of(case).into_iter().map(|id| {
            self.parts.adviser.order(&id, language).map_or_else(|| format!("• {id}"), |card| format!("• {card}"))
        });
        add(HeadPart::Orders, orders.collect());
        parts.push(to_staff::how_to(language).to_owned());
        parts.join("\n\n")
    }

    /// What can be done with a conversation, by who has it.
    pub(super) fn buttons(&self, case: &Case) -> Vec<DeskButton> {
        let language = self.language();
        let of = |label, action| button(language, label, action);
        match case.state {
            HandoffState::Waiting { .. } => {
                vec![of(Label::Claim, DeskAction::Claim), of(Label::History, DeskAction::History)]
            }
            HandoffState::Claimed { .. } => vec![
                of(Label::Draft, DeskAction::Draft),
                of(Label::Suggest, DeskAction::Suggest),
                of(Label::Canned, DeskAction::Canned),
                of(Label::Translate, DeskAction::Translate { on: !case.translates }),
                of(Label::Transfer, DeskAction::Transfer),
                of(Label::History, DeskAction::History),
                of(Label::Release, DeskAction::Release),
                of(Label::Close, DeskAction::Close),
            ],
            HandoffState::Released | HandoffState::Closed { .. } => Vec::new(),
        }
    }

    fn draft_post(&self, case: &Case, id: u64) -> (String, Vec<DeskButton>) {
        let language = self.language();
        let Some(Draft { offered, .. }) = case.drafts.iter().find(|draft| draft.id == id) else {
            let gone = buttons::refused(language, crate::domain::handoff::Refusal::NoDraft, "");
            return (gone, Vec::new());
        };
        let mut text = to_staff::draft(language).to_owned();
        for part in offered
            .content
            .iter()
            .map(|content| content.words().to_owned())
            .chain(Some(titles(&offered.cards)).filter(|titles| !titles.is_empty()))
        {
            text = format!("{text}\n{part}");
        }
        if !offered.basis.is_empty() {
            text = format!("{text}\n\n{}\n{}", to_staff::basis(language), offered.basis.join("\n"));
        }
        let send = button(language, Label::Send, DeskAction::SendDraft { id });
        let drop = button(language, Label::Drop, DeskAction::DropDraft { id });
        (cut(&text, 3800), vec![send, drop])
    }
}

pub(super) fn button(language: Language, label: Label, action: DeskAction) -> DeskButton {
    DeskButton::new(buttons::label(language, label), action)
}

/// Products as lines: title, price, number.
fn titles(cards: &[Card]) -> String {
    let line = |card: &Card| {
        let price = card.price.map(|price| format!(" — {price}")).unwrap_or_default();
        format!("• {}{price} ({})", cut(&card.title, 80), card.sku)
    };
    cards.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Asks how the help was, if a person said anything.
fn with_rating(case: &Case, reply: Reply) -> Reply {
    if !case.lines.iter().any(|line| line.round == case.round && line.by != Speaker::Shopper) {
        return reply;
    }
    let language = reply.lang;
    let stars = to_shopper::rate_buttons().map(|(label, stars)| Choice::new(label, Action::Rate { stars }));
    reply.text(to_shopper::rate_question(language)).choices(stars.into())
}

/// A text on one line.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    cut(&text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / "), limit)
}

pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}
