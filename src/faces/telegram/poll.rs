//! Receives updates by long polling. Telegram is told to forget an update only after it is kept here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use teloxide::payloads::DeleteWebhook;
use tokio_util::sync::CancellationToken;

use super::TelegramError;
use super::api::CallError;
use super::bot::{Bot, ENOUGH_WAITING};

/// How long Telegram holds a poll that has nothing to tell.
const HOLD_S: u64 = 25;
/// A server that does not hold a poll is asked no more often than this.
const SHORTEST_POLL: Duration = Duration::from_millis(300);
/// After a week without an update, Telegram's numbers may begin anew, lower than before.
const NUMBERS_LAST: Duration = Duration::from_secs(6 * 86_400);
/// The kinds of updates that the face reads.
pub const ALLOWED: [&str; 4] = ["message", "edited_message", "callback_query", "inline_query"];

/// The number of an update; the rest is read later.
#[derive(Deserialize)]
pub struct Numbered {
    /// Telegram's number.
    pub update_id: i64,
}

/// Polls until asked to stop.
///
/// # Errors
/// The token is refused, or updates cannot be kept.
pub async fn receive(bot: &Arc<Bot>, closing: &CancellationToken) -> Result<(), TelegramError> {
    let mut offset = 0i64;
    let mut pause = Duration::from_millis(500);
    let mut has_webhook = true;
    let mut last_update = Instant::now();
    while !closing.is_cancelled() {
        if bot.waiting() > ENOUGH_WAITING {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        if has_webhook {
            // A webhook left by an earlier set-up would refuse polling.
            let deleted: Result<serde_json::Value, CallError> = bot.api.call(&DeleteWebhook::new()).await;
            has_webhook = deleted.is_err();
        }
        if last_update.elapsed() > NUMBERS_LAST {
            offset = 0;
        }
        let asked = Instant::now();
        let parameters =
            serde_json::json!({ "offset": offset, "timeout": HOLD_S, "limit": 100, "allowed_updates": ALLOWED });
        let poll = bot.api.raw::<Vec<Box<RawValue>>>("getUpdates", &parameters, Duration::from_secs(HOLD_S + 15));
        let polled = tokio::select! {
            () = closing.cancelled() => return Ok(()),
            polled = poll => polled,
        };
        match polled {
            Ok(updates) => {
                pause = Duration::from_millis(500);
                let numbered: Vec<(i64, String)> = updates.iter().filter_map(|raw| number(raw)).collect();
                let next = numbered.iter().map(|(id, _)| id + 1).max();
                if let Err(error) = bot.take_in(numbered).await {
                    tracing::error!(%error, "updates cannot be kept; asking for them again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
                match next {
                    // Never backwards: an update that is told again must not bring back what was confirmed.
                    Some(next) => (offset, last_update) = (offset.max(next), asked),
                    None if asked.elapsed() < SHORTEST_POLL => tokio::time::sleep(SHORTEST_POLL).await,
                    None => {}
                }
                continue;
            }
            Err(CallError::Unauthorized) => return Err(CallError::Unauthorized.into()),
            Err(CallError::Flood { after, .. }) => pause = after,
            Err(error) if error.is_conflict() => {
                tracing::error!("another process receives this bot's updates; waiting for it to stop");
                has_webhook = true;
                pause = pause.max(Duration::from_secs(5));
            }
            Err(error) => tracing::warn!(%error, pause.ms = pause.as_millis() as u64, "polling failed, trying again"),
        }
        tokio::select! {
            () = closing.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(30)),
        }
    }
    Ok(())
}

fn number(raw: &RawValue) -> Option<(i64, String)> {
    let numbered: Numbered = serde_json::from_str(raw.get()).ok()?;
    Some((numbered.update_id, raw.get().to_owned()))
}
