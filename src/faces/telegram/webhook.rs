//! Receives updates by webhook, behind a reverse proxy that ends TLS. Telegram is answered 200 only after an update is kept.
//!
//! Whoever does not know the secret is answered 403 and nothing more.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::digest::Output;
use sha2::{Digest, Sha256};
use teloxide::payloads::{SetWebhook, SetWebhookSetters};
use teloxide::types::AllowedUpdate;
use tokio_util::sync::CancellationToken;

use super::TelegramError;
use super::api::{CallError, is_loopback};
use super::bot::{Bot, ENOUGH_WAITING};
use super::keyboard::new_token;
use super::poll::Numbered;
use crate::config::WebhookConfig;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Updates are a few kilobytes.
const BODY_LIMIT: usize = 1 << 20;

struct Door {
    bot: Arc<Bot>,
    secret: Output<Sha256>,
}

/// Listens, tells Telegram where, and receives until asked to stop.
///
/// # Errors
/// The address cannot be listened on, is no https address, or Telegram refuses it.
pub async fn receive(bot: &Arc<Bot>, config: &WebhookConfig, closing: &CancellationToken) -> Result<(), TelegramError> {
    let url: url::Url = config.url.parse().map_err(|_| TelegramError::WebhookAddress(config.url.clone()))?;
    if url.scheme() != "https" && !is_loopback(url.as_str()) {
        return Err(TelegramError::WebhookAddress(config.url.clone()));
    }
    let secret = match std::env::var("DAOGOU_WEBHOOK_SECRET") {
        Ok(secret) if !is_secret(&secret) && !secret.is_empty() => return Err(TelegramError::WebhookSecret),
        Ok(secret) if !secret.is_empty() => secret,
        _ => format!("{}{}", random()?, random()?),
    };
    let door = Arc::new(Door { bot: Arc::clone(bot), secret: Sha256::digest(secret.as_bytes()) });
    let routes = Router::new().route(url.path(), post(enter)).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(door);
    let listen = |cause| TelegramError::Listen { address: config.listen, cause };
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(listen)?;
    tracing::info!(address = %config.listen, "webhook: listening");
    let server = axum::serve(listener, routes).with_graceful_shutdown(closing.clone().cancelled_owned());
    let server = tokio::spawn(async move { server.await });
    let allowed = [
        AllowedUpdate::Message,
        AllowedUpdate::EditedMessage,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::InlineQuery,
    ];
    let call = SetWebhook::new(url).secret_token(secret).allowed_updates(allowed).max_connections(40);
    announce(bot, &call, closing).await?;
    closing.cancelled().await;
    let ended = tokio::time::timeout(Duration::from_secs(3), server).await;
    if ended.is_err() {
        tracing::warn!("webhook: a connection did not end in time");
    }
    Ok(())
}

async fn announce(bot: &Arc<Bot>, call: &SetWebhook, closing: &CancellationToken) -> Result<(), TelegramError> {
    let mut pause = Duration::from_secs(1);
    loop {
        // With no certificate to upload, the parameters go as JSON like those of any other call.
        let set: Result<serde_json::Value, CallError> = bot.api.call(call).await;
        match set {
            Ok(_) => return Ok(()),
            Err(CallError::Flood { after, .. }) => pause = after,
            Err(error @ CallError::Unreachable { .. }) => tracing::warn!(%error, "webhook not set, trying again"),
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = closing.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(30)),
        }
    }
}

async fn enter(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Digests are compared, so that the time taken tells nothing of the secret.
    let given = headers.get(SECRET_HEADER).map(|given| Sha256::digest(given.as_bytes()));
    if given != Some(door.secret) {
        return StatusCode::FORBIDDEN;
    }
    if door.bot.waiting() > ENOUGH_WAITING {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let Ok(text) = String::from_utf8(body.to_vec()) else { return StatusCode::BAD_REQUEST };
    let Ok(numbered) = serde_json::from_str::<Numbered>(&text) else { return StatusCode::BAD_REQUEST };
    match door.bot.take_in(vec![(numbered.update_id, text)]).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "an update cannot be kept; Telegram will bring it again");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// Telegram takes 1 to 256 letters, digits, `_` and `-`.
fn is_secret(secret: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=256).contains(&secret.len()) && secret.bytes().all(fits)
}

fn random() -> Result<String, TelegramError> {
    new_token().map_err(|_| TelegramError::Randomness)
}
