//! What one chat shows in the model, and what its other side is owed.

use std::collections::BTreeMap;

use crate::domain::handoff::{Notice, Outgoing, Parcel};

/// What one chat shows, and what its other side is owed.
#[derive(Debug, Default)]
pub struct Chat {
    /// By message: the words, and whether they were marked as perhaps repeated.
    pub shown: BTreeMap<i64, (String, bool)>,
    /// How often each message was to arrive here; by its first words.
    pub wanted: BTreeMap<String, usize>,
    /// How often the sender was told that one did not arrive here, or perhaps not; by its first words.
    pub reported: BTreeMap<String, usize>,
    /// How often it was not known whether one arrived.
    pub doubted: BTreeMap<String, usize>,
    /// The words of each as they were changed last.
    pub latest: BTreeMap<String, String>,
    /// Changes of hands: to be told here, told, and perhaps told twice.
    pub turns: (usize, usize, usize),
    /// Tellings of them that can never arrive.
    pub turns_lost: usize,
}

impl Chat {
    /// Whether each message stands there as often as it was to, or its sender knows better.
    pub fn check(&self, may_repeat: bool) {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut fresh = Vec::new();
        for (words, again) in self.shown.values() {
            let count = counts.entry(root(words)).or_default();
            if *again {
                count.1 += 1;
            } else {
                count.0 += 1;
                fresh.push(root(words));
            }
        }
        for (words, wanted) in &self.wanted {
            let of = |counted: &BTreeMap<String, usize>| counted.get(words).copied().unwrap_or_default();
            let (reported, doubted) = (of(&self.reported), of(&self.doubted));
            let (shown, marked) = counts.remove(words).unwrap_or_default();
            assert!(shown + marked + reported >= *wanted, "{words} is lost and nobody was told");
            assert!(shown <= *wanted, "{words} is doubled: {shown} for {wanted}");
            assert!(marked <= if may_repeat { doubted } else { 0 }, "{words} is repeated without need");
            if reported == 0
                && doubted == 0
                && let Some(latest) = self.latest.get(words)
            {
                assert!(self.shown.values().any(|(now, _)| now == latest), "the change to {latest} is lost");
            }
        }
        assert!(counts.is_empty(), "said by nobody who may: {counts:?}");
        fresh.retain(|words| self.wanted.get(words) == Some(&1) && !words.starts_with('d'));
        let numbers: Vec<i64> = fresh.iter().map(|words| words[1..].parse().expect("number")).collect();
        assert!(numbers.is_sorted(), "out of order: {fresh:?}");
        let (wanted, told, doubted) = self.turns;
        assert!(told + self.turns_lost >= wanted, "{wanted} changes of hands, {told} told");
        assert!(told <= wanted + doubted, "{wanted} changes of hands, {told} told");
    }
}

/// The message that words stand for, whatever was changed in them since.
pub fn root(words: &str) -> String {
    words.split('+').next().unwrap_or(words).to_owned()
}

/// Whether something tells of a message that did not arrive. Who cannot be reached even with that has left: the model counts it as told.
pub fn is_report(outgoing: &Outgoing) -> bool {
    let Parcel::Notice { notice, .. } = &outgoing.parcel else { return false };
    matches!(notice, Notice::NotDelivered { .. } | Notice::Uncertain { .. })
}

/// Whether something tells of a change of hands, to either side.
pub fn is_turn(parcel: &Parcel) -> bool {
    let Parcel::Notice { notice, .. } = parcel else { return false };
    matches!(
        notice,
        Notice::Claimed { .. }
            | Notice::Transferred { .. }
            | Notice::PutBack { .. }
            | Notice::Requeued { .. }
            | Notice::GivenUp
            | Notice::Released { .. }
            | Notice::Closed { .. }
    )
}
