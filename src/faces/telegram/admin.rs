//! Commands of admins, who are known by their user id: load the feed again, see how the shop runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bot::Bot;
use super::courier::{Address, Undelivered};
use super::incoming::Incoming;
use super::markup::escape;
use crate::domain::language::Language;
use crate::domain::reply::Reply;
use crate::domain::wording::telegram as wording;

/// How often the progress of a reload is shown.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

impl Bot {
    /// Whether a person is an admin, in a chat of their own.
    pub(super) fn is_admin(&self, incoming: &Incoming) -> bool {
        incoming.chat > 0 && self.config.admins.contains(&incoming.person)
    }

    /// Shows how the shop runs.
    pub(super) async fn show_status(self: &Arc<Self>, incoming: &Incoming, to: &Address) -> Result<(), Undelivered> {
        let waiting = self.waiting();
        let status = self.ask(move |shop| shop.status(waiting)).await?;
        self.deliver_own(incoming, to, |language, _| Reply::new(language).text(wording::status(language, &status)))
            .await
    }

    /// Begins a reload in the background; shoppers notice nothing but new products.
    pub(super) async fn begin_reload(self: &Arc<Self>, incoming: &Incoming, to: &Address) -> Result<(), Undelivered> {
        if self.reloading.available_permits() == 0 {
            return self
                .deliver_own(incoming, to, |language, _| Reply::new(language).text(wording::reload_runs(language)))
                .await;
        }
        let conversation = incoming.conversation.clone();
        let own = incoming.language;
        let language = self
            .ask(move |shop| shop.session(&conversation).ok().flatten().map_or(own, |session| session.language))
            .await?;
        let note = self.courier.note(to.chat, &escape(&wording::reloading(language, 0))).await?;
        let (bot, chat) = (Arc::clone(self), to.chat);
        self.spawn(async move {
            if let Err(error) = bot.reload(chat, note, language).await {
                tracing::warn!(?error, "the outcome of a reload was not told");
            }
        });
        Ok(())
    }

    async fn reload(self: &Arc<Self>, chat: i64, note: i64, language: Language) -> Result<(), Undelivered> {
        let Ok(_permit) = self.reloading.try_acquire() else {
            return self.courier.change_note(chat, note, &escape(wording::reload_runs(language))).await;
        };
        let began = Instant::now();
        let loading = self.ask(|shop| shop.reload());
        tokio::pin!(loading);
        let outcome = loop {
            tokio::select! {
                outcome = &mut loading => break outcome?,
                () = tokio::time::sleep(PROGRESS_EVERY) => {
                    let so_far = wording::reloading(language, began.elapsed().as_secs());
                    self.courier.change_note(chat, note, &escape(&so_far)).await?;
                }
            }
        };
        match outcome {
            Ok((done, rejected)) => {
                self.courier.change_note(chat, note, &escape(&wording::reloaded(language, &done))).await?;
                if !rejected.is_empty() {
                    self.courier.file(chat, "rejected.txt", &rejected.join("\n")).await?;
                }
                Ok(())
            }
            Err(cause) => {
                self.courier.change_note(chat, note, &escape(&wording::reload_failed(language, &cause))).await
            }
        }
    }
}
