//! Telegram, and the local address of health and metrics.

use serde::Deserialize;

/// Telegram. The bot's token is in `TELOXIDE_TOKEN`, another Bot API server's address in `TELOXIDE_API_URL`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramConfig {
    /// User ids of the admins.
    pub admins: Vec<u64>,
    /// The group of the support staff; a negative number.
    pub support_group: Option<i64>,
    /// Receives updates by webhook instead of polling.
    pub webhook: Option<WebhookConfig>,
    /// Short messages that follow one another within so many milliseconds are one turn; 0: each is its own.
    pub burst_ms: u64,
    /// Messages sent in a second, over all chats; Telegram allows about 30.
    pub messages_per_second: u32,
    /// Turns that are worked on at once.
    pub turns_at_once: usize,
    /// Larger pictures are left out, in bytes; Telegram takes 10 MB.
    pub max_photo_bytes: u64,
}

/// The webhook. Its secret is made anew at each start, or is in `DAOGOU_WEBHOOK_SECRET`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The public address, `https://…`, that the reverse proxy forwards.
    pub url: String,
    /// Where to listen, such as `127.0.0.1:8443`.
    pub listen: std::net::SocketAddr,
}

/// Health and metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpsConfig {
    /// Where to listen; keep it local: nobody is asked for a password.
    pub listen: Option<std::net::SocketAddr>,
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self {
            admins: Vec::new(),
            support_group: None,
            webhook: None,
            burst_ms: 700,
            messages_per_second: 28,
            turns_at_once: 16,
            max_photo_bytes: 10_000_000,
        }
    }
}

impl Default for OpsConfig {
    fn default() -> Self {
        Self { listen: Some(std::net::SocketAddr::from(([127, 0, 0, 1], 9464))) }
    }
}
