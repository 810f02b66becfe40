//! Which products a message points at, given what is on the screen and what was last spoken of.
//!
//! Pure; called by [`super::dialogue`].

use serde::{Deserialize, Serialize};

use super::identifier::Sku;
use super::intent::{Intent, IntentKind, ItemRef};
use super::session::Session;

/// A product that a step is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// On the screen, or last spoken of.
    Shown(Sku),
    /// To be looked up by its name.
    Named(String),
    /// The n-th of a list that has no such place; from 1.
    Missing(i32),
}

/// The products that the message points at; without words for it, the one in focus, or the only one shown.
pub fn targets(session: &Session, intent: &Intent) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    for item in &intent.items {
        let target = match item {
            ItemRef::Ordinal(number) => at_ordinal(session, *number),
            ItemRef::Name(name) if is_all(name) => {
                found.extend(session.shown.iter().cloned().map(Target::Shown));
                None
            }
            ItemRef::Name(name) if is_pointing(name) => in_focus(session).map(Target::Shown),
            ItemRef::Name(name) => Some(Target::Named(name.clone())),
        };
        if let Some(target) = target
            && !found.contains(&target)
        {
            found.push(target);
        }
    }
    if found.is_empty() && intent.items.is_empty() {
        let named = intent.query.clone().filter(|_| intent.intent != IntentKind::CartRemove).map(Target::Named);
        let by_brand = intent.brand.first().cloned().map(Target::Named);
        let focus = in_focus(session).filter(|_| intent.intent != IntentKind::CartRemove).map(Target::Shown);
        found.extend(focus.or(named).or(by_brand));
    }
    found
}

fn at_ordinal(session: &Session, number: i32) -> Option<Target> {
    let count = session.shown.len() as i32;
    let index = if number < 0 { count + number } else { number - 1 };
    match usize::try_from(index).ok().and_then(|index| session.shown.get(index)) {
        Some(sku) => Some(Target::Shown(sku.clone())),
        None => Some(Target::Missing(number)),
    }
}

fn in_focus(session: &Session) -> Option<Sku> {
    session.focus.clone().or_else(|| match session.shown.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

/// Words that point without naming.
pub fn is_pointing(words: &str) -> bool {
    let plain = words.trim().to_lowercase();
    const WORDS: &[&str] = &[
        "这个",
        "那个",
        "这款",
        "那款",
        "它",
        "这件",
        "那件",
        "这双",
        "那双",
        "这台",
        "那台",
        "这只",
        "这条",
        "那条",
        "这本",
        "该款",
        "刚才那个",
        "刚刚那个",
        "刚才那款",
        "上面那个",
        "这",
        "那",
        "此款",
        "这把",
        "这套",
        "这瓶",
        "这包",
        "it",
        "this",
        "that",
        "this one",
        "one",
        "another",
        "another one",
        "one more",
        "一件",
        "一个",
        "一份",
        "一双",
        "一台",
        "一款",
        "一条",
        "一瓶",
        "一包",
        "that one",
        "them",
        "those",
        "these",
        "the one",
        "this product",
        "that product",
        "the product",
        "the item",
        "this item",
    ];
    WORDS.contains(&plain.as_str())
}

fn is_all(words: &str) -> bool {
    let plain = words.trim().to_lowercase();
    const WORDS: &[&str] = &[
        "都",
        "全部",
        "所有",
        "这几个",
        "这几款",
        "这些",
        "它们",
        "all",
        "all of them",
        "both",
        "两个",
        "两款",
        "这两个",
        "这两款",
        "everything",
    ];
    WORDS.contains(&plain.as_str())
}
