//! One lane a conversation: its updates are handled in order, several conversations side by side.
//!
//! Messages that follow one another within the burst window leave the lane as one group.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::incoming::{Incoming, What};
use crate::domain::identifier::ConversationId;

/// A burst ends after so many messages, or this many windows, however quickly more come.
const BURST_MESSAGES: usize = 8;
const BURST_WINDOWS: u32 = 4;
/// A message this long is complete in itself.
const LONG_MESSAGE: usize = 80;

/// The lanes.
#[derive(Default)]
pub struct Lanes {
    lanes: Mutex<HashMap<ConversationId, Lane>>,
}

#[derive(Default)]
struct Lane {
    queue: VecDeque<Incoming>,
    /// Updates that were taken out and are being answered.
    taken: usize,
    came: Arc<Notify>,
}

/// What to do next in a lane.
enum Next {
    Group(Vec<Incoming>),
    Wait(Instant, Arc<Notify>),
    Done,
}

impl Lanes {
    /// Adds an update; whether its lane is new and wants someone to work on it. A changed message replaces the one that still
    /// waits.
    pub fn push(&self, incoming: Incoming) -> Pushed {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !lanes.contains_key(&incoming.conversation);
        let lane = lanes.entry(incoming.conversation.clone()).or_default();
        let same = |waiting: &&mut Incoming| is_same_message(waiting, &incoming);
        let replaced = match lane.queue.iter_mut().find(same) {
            Some(waiting) => {
                let superseded = waiting.id;
                waiting.what = incoming.what;
                waiting.is_edit = waiting.is_edit && incoming.is_edit;
                if let (Some(old), Some(new)) = (&mut waiting.carried, incoming.carried) {
                    old.said = new.said;
                }
                waiting.id = incoming.id;
                superseded
            }
            None => {
                lane.queue.push_back(incoming);
                None
            }
        };
        lane.came.notify_one();
        Pushed { is_new, replaced }
    }

    /// The next updates of a lane to answer together; none when it is empty, and then it is gone.
    pub async fn next(&self, conversation: &ConversationId, burst: Duration) -> Option<Vec<Incoming>> {
        loop {
            match self.look(conversation, burst) {
                Next::Group(group) => return Some(group),
                Next::Done => return None,
                Next::Wait(until, came) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(until.into()) => {}
                        () = came.notified() => {}
                    }
                }
            }
        }
    }

    /// How many updates wait or are being answered.
    pub fn waiting(&self) -> usize {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.values().map(|lane| lane.queue.len() + lane.taken).sum()
    }

    fn look(&self, conversation: &ConversationId, burst: Duration) -> Next {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lane) = lanes.get_mut(conversation) else { return Next::Done };
        lane.taken = 0;
        let Some(first) = lane.queue.front() else {
            lanes.remove(conversation);
            return Next::Done;
        };
        if matches!(first.what, What::Inline { .. }) {
            // Only the newest words count: whoever types on has forgotten the earlier ones.
            let newest = lane.queue.drain(..).next_back();
            return Next::Group(newest.into_iter().collect());
        }
        let size = burst_size(&lane.queue, burst);
        let last = &lane.queue[size - 1];
        let ends = (last.came + burst).min(first.came + burst * BURST_WINDOWS);
        let is_open = size == lane.queue.len()
            && size < BURST_MESSAGES
            && may_go_on(last)
            && !last.is_left_over
            && Instant::now() < ends;
        if is_open && !burst.is_zero() {
            return Next::Wait(ends, Arc::clone(&lane.came));
        }
        lane.taken = size;
        Next::Group(lane.queue.drain(..size).collect())
    }
}

/// What became of a pushed update.
pub struct Pushed {
    /// Whether its lane is new.
    pub is_new: bool,
    /// The update whose place it took.
    pub replaced: Option<i64>,
}

fn is_same_message(waiting: &Incoming, incoming: &Incoming) -> bool {
    match (&waiting.what, &incoming.what) {
        (What::Said { message: one, .. }, What::Said { message: other, .. }) => one == other,
        _ => false,
    }
}

/// How many updates at the front of a queue belong together, at least one.
fn burst_size(queue: &VecDeque<Incoming>, burst: Duration) -> usize {
    let mut size = 1;
    while size < queue.len().min(BURST_MESSAGES) {
        let (last, next) = (&queue[size - 1], &queue[size]);
        let together = match (&last.what, &next.what) {
            (What::Said { .. }, What::Said { .. }) => may_go_on(last),
            (What::Wordless, What::Wordless) => true,
            _ => false,
        };
        let is_close = !burst.is_zero() && next.came.duration_since(last.came) <= burst;
        if !together || !is_close || last.is_left_over || next.is_left_over {
            break;
        }
        size += 1;
    }
    size
}

/// Whether more of the same message may follow.
fn may_go_on(incoming: &Incoming) -> bool {
    match &incoming.what {
        What::Said { text, .. } => {
            text.chars().count() < LONG_MESSAGE && !text.trim_end().ends_with(['?', '？', '。', '.', '!', '！'])
        }
        What::Wordless => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::domain::language::Language;

    const BURST: Duration = Duration::from_millis(60);
    /// When everything came: at once, however slow the machine.
    static CAME: LazyLock<Instant> = LazyLock::new(Instant::now);

    fn said(seq: i64, message: i64, text: &str) -> Incoming {
        Incoming {
            id: Some(seq),
            seq,
            came: *CAME,
            conversation: "telegram:1".into(),
            chat: 1,
            person: 1,
            language: Language::Zh,
            answers: None,
            thread: None,
            is_edit: false,
            is_left_over: false,
            carried: None,
            name: String::new(),
            what: What::Said { message, text: text.into(), reply_to: None },
        }
    }

    fn texts(group: &[Incoming]) -> Vec<&str> {
        group
            .iter()
            .filter_map(
                |incoming| if let What::Said { text, .. } = &incoming.what { Some(text.as_str()) } else { None },
            )
            .collect()
    }

    #[tokio::test]
    async fn a_burst_is_one_group_and_a_question_ends_it() {
        let lanes = Lanes::default();
        assert!(lanes.push(said(1, 1, "羽绒服")).is_new);
        assert!(!lanes.push(said(2, 2, "黑色的")).is_new);
        assert!(!lanes.push(said(3, 3, "有吗？")).is_new);
        lanes.push(said(4, 4, "退货要几天"));
        let conversation = ConversationId::new("telegram:1");
        assert_eq!(texts(&lanes.next(&conversation, BURST).await.expect("group")), ["羽绒服", "黑色的", "有吗？"]);
        assert_eq!(texts(&lanes.next(&conversation, BURST).await.expect("group")), ["退货要几天"]);
        assert!(lanes.next(&conversation, BURST).await.is_none());
        assert_eq!(lanes.waiting(), 0);
    }

    #[tokio::test]
    async fn a_message_changed_before_it_is_answered_is_answered_once() {
        let lanes = Lanes::default();
        lanes.push(said(1, 7, "羽绒服"));
        assert_eq!(lanes.push(said(2, 7, "羽绒服 黑色")).replaced, Some(1));
        let group = lanes.next(&"telegram:1".into(), BURST).await.expect("group");
        assert_eq!(texts(&group), ["羽绒服 黑色"]);
    }

    #[tokio::test]
    async fn commands_are_never_merged() {
        let lanes = Lanes::default();
        lanes.push(Incoming { what: What::Command { name: "cart".into(), argument: String::new() }, ..said(1, 1, "") });
        lanes.push(said(2, 2, "鞋"));
        assert_eq!(lanes.next(&"telegram:1".into(), BURST).await.expect("group").len(), 1);
    }
}
