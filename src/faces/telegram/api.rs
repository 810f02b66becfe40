//! One call of the Bot API, and what may come of it.
//!
//! teloxide names the payloads and types; the transport is ours, because teloxide's own sleeps ten seconds inside a request
//! after a 5xx. The token is part of the address and is never in an error or a log. Called by everything that talks to Telegram.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::multipart::Form;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use teloxide::requests::Payload;

use super::meter::Meter;

/// How long one call may take; long polls add their own time.
pub const CALL_LIMIT: Duration = Duration::from_secs(30);
/// Where Telegram's own Bot API server is.
pub const TELEGRAM: &str = "https://api.telegram.org";

/// Why a call was not answered as wished.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// Flood control: nothing more for this long.
    #[error("{method}: flood control for {} s", after.as_secs())]
    Flood {
        /// Which method.
        method: &'static str,
        /// How long to wait.
        after: Duration,
    },
    /// The token is not a bot's.
    #[error(
        "Telegram refuses the bot token (is TELOXIDE_TOKEN right? if TELOXIDE_API_URL is set, does a Bot API server listen there?)"
    )]
    Unauthorized,
    /// The token or the address cannot be part of a web address.
    #[error("{0} is not usable: {1}")]
    Address(&'static str, String),
    /// Refused, and a retry would be refused again.
    #[error("{method}: {code} {description}")]
    Refused {
        /// Which method.
        method: &'static str,
        /// HTTP code.
        code: u16,
        /// In Telegram's words.
        description: String,
    },
    /// No answer, or a server's failure: worth a retry.
    #[error("{method}: {cause}")]
    Unreachable {
        /// Which method.
        method: &'static str,
        /// Why; without the address.
        cause: String,
    },
}

impl CallError {
    fn says(&self, words: &[&str]) -> bool {
        let Self::Refused { description, .. } = self else { return false };
        let description = description.to_lowercase();
        words.iter().any(|word| description.contains(word))
    }

    /// Whether the chat can no longer be written to: the bot was blocked, or the chat is gone.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { code: 403, .. })
            || self.says(&[
                "chat not found",
                "user is deactivated",
                "peer_id_invalid",
                "group chat was upgraded",
                "have no rights to send",
            ])
    }

    /// Whether a message to edit is as wished already.
    pub fn is_unchanged(&self) -> bool {
        self.says(&["message is not modified"])
    }

    /// Whether a callback query is too old to be answered.
    pub fn is_late(&self) -> bool {
        self.says(&["query is too old", "query_id_invalid", "query id is invalid"])
    }

    /// Whether another process receives this bot's updates.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { code: 409, .. })
    }
}

/// The part of a sent message that the face needs. Whatever a server answers to a call that it carried out is read: calling again
/// would send the message twice.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Told")]
pub struct Sent {
    /// Its number in the chat; 0 where the server did not tell.
    pub message_id: i64,
    /// The sizes of its picture.
    pub photo: Vec<SentPhoto>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Message {
        message_id: i64,
        #[serde(default)]
        photo: Vec<SentPhoto>,
    },
    Nothing(serde::de::IgnoredAny),
}

impl From<Told> for Sent {
    fn from(told: Told) -> Self {
        match told {
            Told::Message { message_id, photo } => Self { message_id, photo },
            Told::Nothing(_) => Self::default(),
        }
    }
}

/// One size of a sent picture.
#[derive(Debug, Clone, Deserialize)]
pub struct SentPhoto {
    /// Sends the same picture again without uploading it.
    pub file_id: String,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    result: Option<Box<serde_json::value::RawValue>>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    retry_after: Option<u64>,
}

/// The Bot API of one bot.
#[derive(Clone)]
pub struct Api {
    client: reqwest::Client,
    address: String,
    meter: Arc<dyn Meter>,
}

impl Api {
    /// The API at a base address such as [`TELEGRAM`].
    ///
    /// # Errors
    /// TLS cannot be set up, or the address or the token cannot be used.
    pub fn new(base: &str, token: &str, meter: Arc<dyn Meter>) -> Result<Self, CallError> {
        check_address(base, token)?;
        let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).tcp_nodelay(true);
        // A proxy of the environment is for the world outside; no proxy reaches this machine's own ports.
        let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| unreachable("connect", error))?;
        Ok(Self { client, address: format!("{}/bot{token}", base.trim_end_matches('/')), meter })
    }

    /// Counts what is not a call.
    pub fn meter(&self) -> &dyn Meter {
        self.meter.as_ref()
    }

    /// Makes one call. Never retries.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<P: Payload + Serialize, R: DeserializeOwned>(&self, payload: &P) -> Result<R, CallError> {
        self.raw(method_name(P::NAME), payload, CALL_LIMIT).await
    }

    /// Makes one call of a method with parameters as they are.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn raw<R: DeserializeOwned>(
        &self,
        method: &'static str,
        parameters: &impl Serialize,
        limit: Duration,
    ) -> Result<R, CallError> {
        self.finish(method, self.post(method).json(parameters).timeout(limit)).await
    }

    /// Makes one call with files.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn upload<R: DeserializeOwned>(&self, method: &'static str, form: Form) -> Result<R, CallError> {
        self.finish(method, self.post(method).multipart(form).timeout(2 * CALL_LIMIT)).await
    }

    fn post(&self, method: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/{method}", self.address))
    }

    async fn finish<R: DeserializeOwned>(
        &self,
        method: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<R, CallError> {
        let start = Instant::now();
        let result = read(method, request).await;
        let outcome = match &result {
            Ok(_) => "ok",
            Err(CallError::Flood { .. }) => "flood",
            Err(CallError::Unauthorized | CallError::Address(..) | CallError::Refused { .. }) => "refused",
            Err(CallError::Unreachable { .. }) => "unreachable",
        };
        self.meter.call(method, outcome, start.elapsed());
        result
    }
}

pub(super) fn check_address(base: &str, token: &str) -> Result<(), CallError> {
    let url =
        url::Url::parse(base).map_err(|error| CallError::Address("TELOXIDE_API_URL", format!("{base:?}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(CallError::Address("TELOXIDE_API_URL", format!("{base:?} is no http or https address")));
    }
    // The token itself is never shown.
    let is_token = |character: char| character.is_ascii_graphic() && !"/?#%\\".contains(character);
    if token.is_empty() || !token.chars().all(is_token) {
        let cause = "a bot's token looks like 123456789:AAE…, as @BotFather gives it".to_owned();
        return Err(CallError::Address("TELOXIDE_TOKEN", cause));
    }
    Ok(())
}

/// Whether an address is on this machine.
pub(super) fn is_loopback(base: &str) -> bool {
    let url = url::Url::parse(base).ok();
    match url.as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A method's name as documented: teloxide's payloads begin theirs with a capital, which only Telegram's own server forgives.
fn method_name(payload: &'static str) -> &'static str {
    const NAMES: [&str; 10] = [
        "sendMessage",
        "editMessageText",
        "editMessageReplyMarkup",
        "deleteMessage",
        "sendChatAction",
        "answerCallbackQuery",
        "answerInlineQuery",
        "setMyCommands",
        "setWebhook",
        "deleteWebhook",
    ];
    let same = |name: &&&str| name.eq_ignore_ascii_case(payload);
    NAMES.iter().find(same).copied().unwrap_or(payload)
}

async fn read<R: DeserializeOwned>(method: &'static str, request: reqwest::RequestBuilder) -> Result<R, CallError> {
    let response = request.send().await.map_err(|error| unreachable(method, error))?;
    let code = response.status().as_u16();
    let body = response.bytes().await.map_err(|error| unreachable(method, error))?;
    let cause = |cause: String| CallError::Unreachable { method, cause };
    let answer: Answer = match serde_json::from_slice(&body) {
        Ok(answer) => answer,
        Err(_) if code == 401 || code == 404 => return Err(CallError::Unauthorized),
        Err(_) if code == 429 => return Err(CallError::Flood { method, after: Duration::from_secs(1) }),
        // A proxy before the server refused: too large, for instance. Again it would be refused again.
        Err(_) if (400..500).contains(&code) && code != 408 => {
            let description = "without an answer of the Bot API".to_owned();
            return Err(CallError::Refused { method, code, description });
        }
        Err(_) => return Err(cause(format!("HTTP {code} without an answer of the Bot API"))),
    };
    if answer.ok {
        let result = answer.result.as_deref().map_or("null", serde_json::value::RawValue::get);
        return serde_json::from_str(result).map_err(|error| cause(format!("unexpected result: {error}")));
    }
    let description = answer.description.unwrap_or_default();
    match (code, answer.parameters.and_then(|parameters| parameters.retry_after)) {
        (_, Some(seconds)) => Err(CallError::Flood { method, after: Duration::from_secs(seconds) }),
        (429, None) => Err(CallError::Flood { method, after: Duration::from_secs(1) }),
        // A token that is not one is answered 404 for every method, a revoked one 401.
        (401, _) => Err(CallError::Unauthorized),
        (404, _) if description == "Not Found" => Err(CallError::Unauthorized),
        (500.., _) => Err(cause(format!("{code} {description}"))),
        _ => Err(CallError::Refused { method, code, description }),
    }
}

fn unreachable(method: &'static str, error: reqwest::Error) -> CallError {
    let error = error.without_url();
    let mut cause = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        cause = format!("{cause}: {inner}");
        source = inner.source();
    }
    CallError::Unreachable { method, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_address_or_a_token_is_named_and_the_token_is_not_shown() {
        for (base, token, named) in [
            ("127.0.0.1:8081", "1:abc", "TELOXIDE_API_URL"),
            ("ftp://x.example", "1:abc", "TELOXIDE_API_URL"),
            (TELEGRAM, "1:secret/../x", "TELOXIDE_TOKEN"),
            (TELEGRAM, "1:secret x", "TELOXIDE_TOKEN"),
            (TELEGRAM, "", "TELOXIDE_TOKEN"),
        ] {
            let error = check_address(base, token).expect_err("refused").to_string();
            assert!(error.contains(named) && !error.contains("secret"), "{error}");
        }
        assert!(check_address(TELEGRAM, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw").is_ok());
        assert!(check_address("http://[::1]:8081/", "sampleToken").is_ok());
    }

    #[test]
    fn a_sent_message_is_read_from_whatever_a_server_tells_of_it() {
        let read = |text: &str| serde_json::from_str::<Sent>(text).expect("read").message_id;
        assert_eq!(read(r#"{"message_id": 7, "date": 1, "photo": [{"file_id": "A", "width": 1}]}"#), 7);
        assert_eq!((read("true"), read("null"), read(r#"{"ok": 1}"#)), (0, 0, 0));
    }
}
