//! `/unanswered` for admins: the questions without a good answer; one is chosen, answered in the next message, shown, and added to the
//! FAQ with a tap.

use std::sync::Arc;

use super::bot::Bot;
use super::courier::{Address, Undelivered};
use super::incoming::{Incoming, What};
use super::support::now_s;
use crate::backoffice::{BackofficeError, Learning};
use crate::domain::language::Language;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::wording::learning as wording;

/// So many questions are listed.
const LISTED: usize = 8;

impl Bot {
    /// Lists the questions.
    pub(super) async fn show_unanswered(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
    ) -> Result<(), Undelivered> {
        let groups = self.learn(Learning::list).await?.unwrap_or_default();
        self.deliver_own(incoming, to, move |language, _| {
            if groups.is_empty() {
                return Reply::new(language).text(wording::none(language));
            }
            let listed = groups.iter().take(LISTED).enumerate();
            let lines: Vec<String> = listed
                .clone()
                .map(|(place, group)| wording::line(language, place + 1, group.times, &group.question, group.low_rated))
                .collect();
            let choice = |(place, group): (usize, &crate::domain::unanswered::QuestionGroup)| {
                let key = group.keys.first()?.clone();
                Some(Choice::new((place + 1).to_string(), Action::Teach { key }))
            };
            Reply::new(language)
                .text(format!("{}\n{}", wording::list(language), lines.join("\n")))
                .choices(listed.filter_map(choice).collect())
        })
        .await
    }

    /// Takes an admin's message as the answer to the question that was chosen; whether it was one.
    pub(super) async fn take_answer(self: &Arc<Self>, group: &[Incoming], to: &Address) -> Result<bool, Undelivered> {
        let Some(last) = group.last().filter(|last| self.is_admin(last)) else { return Ok(false) };
        let words: Vec<&str> = group
            .iter()
            .filter_map(|one| match &one.what {
                What::Said { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let (conversation, answer) = (last.conversation.clone(), words.join("\n"));
        let preview = self.learn(move |learning| learning.word(conversation.as_str(), &answer, now_s())).await?;
        let Some(preview) = preview.flatten() else { return Ok(false) };
        self.deliver_own(last, to, move |language, _| {
            Reply::new(language).text(wording::preview(language, &preview.question, &preview.answer)).choices(vec![
                Choice::new(wording::add_button(language), Action::TeachConfirm { yes: true }),
                Choice::new(wording::drop_button(language), Action::TeachConfirm { yes: false }),
            ])
        })
        .await?;
        Ok(true)
    }

    /// Takes an admin's press: chooses a question, adds its answer, or drops it.
    pub(super) async fn teach(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        action: Action,
    ) -> Result<(), Undelivered> {
        if !self.is_admin(incoming) {
            return Ok(());
        }
        let conversation = incoming.conversation.clone();
        let shop = Arc::clone(&self.shop);
        let say: Box<dyn FnOnce(Language) -> String + Send> = match action {
            Action::Teach { key } => {
                let begin = move |learning: &Learning| learning.begin(conversation.as_str(), &key, now_s());
                let group = self.learn(begin).await?.flatten();
                Box::new(move |language| match group {
                    Some(group) => wording::ask(language, &group.questions.join(" / ")),
                    None => wording::none(language).to_owned(),
                })
            }
            Action::TeachConfirm { yes: true } => {
                let added = self.ask(move |_| match shop.learning() {
                    Some(learning) => match learning.add(conversation.as_str()) {
                        Ok(Some(lesson)) => Ok(Some((lesson, shop.reread_policies()))),
                        Ok(None) => Ok(None),
                        Err(error) => Err(error.to_string()),
                    },
                    None => Ok(None),
                });
                let added = added.await?;
                Box::new(move |language| match added {
                    Ok(Some((lesson, read))) => {
                        let file =
                            lesson.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                        match read {
                            Ok(()) => wording::added(language, &file, lesson.questions),
                            Err(cause) => wording::added_not_live(language, &file, &cause),
                        }
                    }
                    Ok(None) => wording::none(language).to_owned(),
                    Err(cause) => wording::failed(language, &cause),
                })
            }
            _ => {
                self.learn(move |learning| learning.cancel(conversation.as_str())).await?;
                Box::new(|language| wording::dropped(language).to_owned())
            }
        };
        self.deliver_own(incoming, to, move |language, _| Reply::new(language).text(say(language))).await
    }

    /// Drops the question that was chosen.
    pub(super) async fn stop_teaching(self: &Arc<Self>, incoming: &Incoming, to: &Address) -> Result<(), Undelivered> {
        self.teach(incoming, to, Action::TeachConfirm { yes: false }).await
    }

    /// Runs blocking work of learning; nothing where the shop does not learn, or cannot now.
    async fn learn<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Learning) -> Result<T, BackofficeError> + Send + 'static,
    ) -> Result<Option<T>, Undelivered> {
        let done = self.ask(move |shop| shop.learning().map(|learning| work(&learning))).await?;
        match done {
            Some(Ok(result)) => Ok(Some(result)),
            Some(Err(error)) => {
                tracing::error!(%error, "learning failed");
                Ok(None)
            }
            None => Ok(None),
        }
    }
}
