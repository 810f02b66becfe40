//! Any OpenAI-compatible server (llama-server, vLLM, SGLang …) behind `TextGenerator`.
//!
//! Speaks `POST /chat/completions` with streaming by server-sent events, after
//! <https://platform.openai.com/docs/api-reference/chat> and, for `grammar`, llama-server's README. A server that does not know
//! `grammar` ignores it: whoever asks checks what comes back. The key is never logged. Made by `assemble`.

mod events;
mod scores;

use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use self::events::{Chunk, parse_line};
use super::error::InferenceError;
use super::manifest::{ALL_JOBS, DEFAULT_PROFILE};
use super::place::{Counts, Place};
use crate::domain::generator::{
    ChatMessage, FinishReason, Generation, GenerationEvent, GenerationRequest, GeneratorError, ModelDescription,
    ScoreRequest, TextGenerator, Usage,
};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of a server's error is passed on, in characters.
const EXCERPT: usize = 200;

/// Where the model is.
#[derive(Debug, Clone)]
pub struct RemoteSettings {
    /// Up to and with `/v1`, such as `http://127.0.0.1:8080/v1`.
    pub url: String,
    /// The model's name there.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<String>,
    /// Requests under way at the same time; one more is refused.
    pub concurrent: usize,
}

/// A model behind HTTP.
#[derive(Debug)]
pub struct Remote {
    server: Arc<Server>,
    counts: Arc<Counts>,
    limit: usize,
    description: ModelDescription,
}

#[derive(Debug)]
struct Server {
    client: Client,
    url: String,
    model: String,
    key: Option<String>,
}

impl Remote {
    /// Asks the server for its models, so that a wrong address or key is found at start-up.
    ///
    /// # Errors
    /// [`InferenceError::Remote`] naming the address.
    pub fn connect(settings: RemoteSettings) -> Result<Self, InferenceError> {
        let url = settings.url.trim_end_matches('/').to_owned();
        let failed = |reason: String| InferenceError::Remote { url: url.clone(), reason };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(failed("it starts with neither http:// nor https://".into()));
        }
        // The blocking client starts a runtime, which must not happen on a runtime's own thread.
        let client = std::thread::spawn(|| Client::builder().connect_timeout(CONNECT).timeout(None).build())
            .join()
            .map_err(|_| failed("the client did not start".into()))?
            .map_err(|error| failed(error.to_string()))?;
        let server = Server { client, url: url.clone(), model: settings.model, key: settings.key };
        let context = server.context().map_err(|error| failed(error.to_string()))?;
        let description = ModelDescription {
            name: server.model.clone(),
            device: url,
            context,
            prompt_profile: DEFAULT_PROFILE.into(),
            jobs: ALL_JOBS.to_vec(),
            ..ModelDescription::default()
        };
        Ok(Self { server: Arc::new(server), counts: Arc::default(), limit: settings.concurrent.max(1), description })
    }

    fn place(&self) -> Result<Place, GeneratorError> {
        Place::take(&self.counts, self.limit).ok_or(GeneratorError::Overloaded { limit: self.limit })
    }
}

impl TextGenerator for Remote {
    fn describe(&self) -> ModelDescription {
        self.description.clone()
    }

    /// Pieces have the logarithm of the server's probability where it gives one, else 0 (certain).
    fn generate(&self, request: GenerationRequest) -> Result<Generation, GeneratorError> {
        if request.max_tokens == 0 {
            return Err(GeneratorError::Invalid("max_tokens is 0".into()));
        }
        let place = self.place()?;
        let (events, received) = sync_channel(64);
        let cancelled = Arc::new(AtomicBool::new(false));
        let deadline = request.deadline;
        let (server, flag) = (Arc::clone(&self.server), Arc::clone(&cancelled));
        std::thread::Builder::new()
            .name("remote-model".into())
            .spawn(move || {
                let last = match server.stream(&request, &events, &flag) {
                    Ok(finished) => finished,
                    Err(error) => GenerationEvent::Failed(error),
                };
                drop(place);
                let _ = events.send(last);
            })
            .map_err(|error| GeneratorError::Unavailable(error.to_string()))?;
        Ok(Generation::cancellable(received, deadline, cancelled))
    }

    fn score(&self, request: ScoreRequest) -> Result<Vec<f32>, GeneratorError> {
        let _place = self.place()?;
        scores::score(&self.server, &request, self.limit)
    }

    fn queue_depth(&self) -> usize {
        self.counts.taken()
    }
}

impl Server {
    /// The context's size that `GET /models` gives, 0 when it gives none. A server without that list is taken as it is.
    fn context(&self) -> Result<u32, GeneratorError> {
        let request = self.authorised(self.client.get(format!("{}/models", self.url))).timeout(CONNECT);
        let response = request.send().map_err(|error| self.unreachable(&error))?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(0);
        }
        let list: Value = self.checked(response)?.json().unwrap_or_default();
        let models = list["data"].as_array().cloned().unwrap_or_default();
        let own = models.iter().find(|model| model["id"] == self.model.as_str());
        if own.is_none() && !models.is_empty() {
            tracing::warn!(model.name = %self.model, model.url = %self.url, "the server does not list this model");
        }
        let size = own
            .or(models.first())
            .and_then(|model| model["max_model_len"].as_u64().or_else(|| model["meta"]["n_ctx_train"].as_u64()));
        Ok(size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Posts a chat request; the time limit covers the whole answer.
    fn chat(&self, body: &Value, deadline: Instant) -> Result<Response, GeneratorError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(GeneratorError::Deadline);
        }
        let request = self.client.post(format!("{}/chat/completions", self.url)).timeout(left).json(body);
        let response = self.authorised(request).send().map_err(|error| self.unreachable(&error))?;
        self.checked(response)
    }

    fn body(&self, messages: &[ChatMessage], max_tokens: usize) -> Value {
        json!({ "model": self.model, "messages": messages, "max_tokens": max_tokens, "logprobs": true })
    }

    /// Streams an answer; returns the last event.
    fn stream(
        &self,
        request: &GenerationRequest,
        events: &SyncSender<GenerationEvent>,
        cancelled: &AtomicBool,
    ) -> Result<GenerationEvent, GeneratorError> {
        let started = Instant::now();
        let mut body = self.body(&request.messages, request.max_tokens);
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
        body["temperature"] = json!(request.temperature);
        body["seed"] = json!(request.seed);
        if let Some(grammar) = &request.grammar {
            body["grammar"] = json!(grammar.gbnf);
        }
        let mut lines = BufReader::new(self.chat(&body, request.deadline)?);
        let mut usage = Usage::default();
        let mut reason = None;
        let mut line = Vec::new();
        loop {
            if cancelled.load(Ordering::Acquire) {
                reason = Some(FinishReason::Cancelled);
                break;
            }
            line.clear();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(_) if Instant::now() >= request.deadline => {
                    reason = Some(FinishReason::Deadline);
                    break;
                }
                Err(error) => return Err(GeneratorError::Unavailable(format!("{} broke off: {error}", self.url))),
            }
            match parse_line(&String::from_utf8_lossy(&line)).map_err(GeneratorError::Unavailable)? {
                None => {}
                Some(Chunk::Done) => break,
                Some(Chunk::Delta(delta)) => {
                    reason = delta.reason.or(reason);
                    usage.prompt_tokens = delta.prompt_tokens.unwrap_or(usage.prompt_tokens);
                    usage.cached_tokens = delta.cached_tokens.unwrap_or(usage.cached_tokens);
                    for event in delta.pieces {
                        usage.completion_tokens += 1;
                        if events.send(event).is_err() {
                            return Err(GeneratorError::Invalid("nobody listens".into()));
                        }
                    }
                }
            }
        }
        usage.ms = started.elapsed().as_secs_f64() * 1000.0;
        let broken = || GeneratorError::Unavailable(format!("{} broke off in the middle of an answer", self.url));
        Ok(GenerationEvent::Finished { reason: reason.ok_or_else(broken)?, usage })
    }

    fn unreachable(&self, error: &reqwest::Error) -> GeneratorError {
        if error.is_timeout() && !error.is_connect() {
            return GeneratorError::Deadline;
        }
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            reason = inner.to_string();
            source = inner.source();
        }
        GeneratorError::Unavailable(format!("cannot reach {}: {reason}", self.url))
    }

    /// Turns an HTTP status into an error with the server's own words.
    fn checked(&self, response: Response) -> Result<Response, GeneratorError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().unwrap_or_default();
        let message = serde_json::from_str::<Value>(&text)
            .ok()
            .and_then(|body| body["error"]["message"].as_str().or(body["message"].as_str()).map(str::to_owned))
            .unwrap_or(text);
        let excerpt: String = message.trim().chars().take(EXCERPT).collect();
        let said = format!("{} answered {status}: {excerpt}", self.url);
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => GeneratorError::Overloaded { limit: 0 },
            StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => GeneratorError::Deadline,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PAYLOAD_TOO_LARGE => {
                GeneratorError::Invalid(said)
            }
            _ => GeneratorError::Unavailable(said),
        })
    }
}
