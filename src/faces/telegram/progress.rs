//! How far the last reply of a conversation was delivered.

use serde::{Deserialize, Serialize};

use super::journal::{Line, Step};

/// How far a reply was delivered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The update it answers.
    pub seq: i64,
    /// Its messages that are out, in order; 0 for one that Telegram refused or gave no number.
    pub messages: Vec<i64>,
    /// The message that shows it while it is written; the first message takes its place.
    pub draft: Option<i64>,
    /// Messages of this reply whose choices can be taken, with their keyboards' tokens.
    pub live: Vec<(i64, String)>,
    /// Messages of earlier replies whose choices are yet to be taken away.
    pub spent: Vec<(i64, String)>,
}

impl Progress {
    /// Turns to the reply to an update; nothing when a later one was brought already, and this one with it.
    pub fn turn_to(self, seq: i64) -> Option<Self> {
        if seq < self.seq {
            return None;
        }
        if seq == self.seq {
            return Some(self);
        }
        let spent = self.spent.into_iter().chain(self.live).collect();
        Some(Self { seq, spent, ..Self::default() })
    }

    /// Takes in what the journal tells.
    pub fn take_in(self, line: &Line) -> Self {
        let Some(mut progress) = self.clone().turn_to(line.seq) else { return self };
        match line.step {
            Step::Draft => progress.draft = Some(line.message),
            Step::Message(place) if place == progress.messages.len() => progress.messages.push(line.message),
            Step::Message(_) => {}
        }
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, step: Step, message: i64) -> Line {
        Line { seq, step, message, conversation: "telegram:41".into() }
    }

    #[test]
    fn the_journal_goes_on_where_the_table_ends_and_repeats_nothing() {
        let kept = Progress { seq: 1, messages: vec![10], live: vec![(10, "a".into())], ..Progress::default() };
        let told = [
            line(1, Step::Message(0), 10),
            line(1, Step::Message(1), 11),
            line(2, Step::Draft, 12),
            line(2, Step::Message(0), 12),
            line(1, Step::Message(2), 99),
        ];
        let progress = told.iter().fold(kept, Progress::take_in);
        assert_eq!((progress.seq, progress.messages.as_slice(), progress.draft), (2, [12].as_slice(), Some(12)));
        assert_eq!(progress.spent, [(10, "a".to_owned())]);
        assert_eq!(progress.turn_to(1), None, "an earlier reply is out already");
    }
}
