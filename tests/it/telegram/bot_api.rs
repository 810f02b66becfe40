//! A Bot API server that records: keeps what each chat shows, refuses what Telegram would refuse, and fails on demand.
//!
//! HTTP is spoken by hand (`wire`), because a connection must be dropped before or after a request was carried out.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::rules::{buttons, visible};
use super::wire::{read_parameters, read_request, respond};

pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
pub const BOT: u64 = 110_201_543;

/// A message as a chat shows it now.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: i64,
    pub text: String,
    pub is_photo: bool,
    pub buttons: Vec<(String, String)>,
    pub replies_to: Option<i64>,
    pub topic: Option<i64>,
    pub file: Option<String>,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Flood {
        seconds: u64,
    },
    Status {
        code: u16,
    },
    /// The connection breaks before the call is carried out.
    DroppedBefore,
    /// The connection breaks after the call was carried out: the bot cannot know.
    DroppedAfter,
    Refused {
        code: u16,
        description: &'static str,
    },
    Slow {
        ms: u64,
    },
}

type Plan = Box<dyn FnMut(&str, &Value) -> Option<Fault> + Send>;

#[derive(Default)]
pub struct Inner {
    pending: VecDeque<(i64, Value)>,
    confirmed: Vec<(i64, Value)>,
    last_update: i64,
    last_message: i64,
    pub calls: Vec<(String, Value, Instant)>,
    pub chats: BTreeMap<i64, Vec<Shown>>,
    pub answered_queries: BTreeMap<String, Option<String>>,
    pub fault: Option<Plan>,
    pub faults: usize,
    /// Typing signs of each chat.
    pub typing: BTreeMap<i64, usize>,
    /// Every n-th poll brings an update again that was confirmed before.
    pub repeat_every: Option<usize>,
    polls: usize,
    /// The group that has topics, and theirs.
    pub forum: Option<i64>,
    pub topics: Vec<(i64, String)>,
}

#[derive(Clone)]
pub struct BotApi {
    pub address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    came: Arc<Notify>,
}

impl BotApi {
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("listen");
        let server = Self {
            address: listener.local_addr().expect("address"),
            inner: Arc::default(),
            came: Arc::new(Notify::new()),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move { server.converse(connection).await });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn plan(&self, plan: impl FnMut(&str, &Value) -> Option<Fault> + Send + 'static) {
        self.lock().fault = Some(Box::new(plan));
    }

    /// Queues an update and returns its number.
    pub fn push(&self, mut update: Value) -> i64 {
        let mut inner = self.lock();
        inner.last_update += 1;
        let id = inner.last_update;
        update["update_id"] = json!(id);
        inner.pending.push_back((id, update));
        self.came.notify_waiters();
        id
    }

    fn next_message(&self) -> i64 {
        let mut inner = self.lock();
        inner.last_message += 1;
        inner.last_message
    }

    /// A private message; returns its number.
    pub fn say(&self, person: i64, text: &str) -> i64 {
        self.send(person, json!({ "text": text }))
    }

    /// A private message of any kind.
    pub fn send(&self, person: i64, content: Value) -> i64 {
        let number = self.next_message();
        let mut message = private_message(person, number);
        merge(&mut message, &content);
        self.push(json!({ "message": message }));
        number
    }

    /// A message in a group: in a topic, or as a reply; returns its number.
    pub fn say_in(&self, group: i64, person: i64, topic: Option<i64>, reply_to: Option<i64>, text: &str) -> i64 {
        let number = self.next_message();
        let message = group_message(group, person, number, topic, reply_to, text);
        self.push(json!({ "message": message }));
        number
    }

    /// Changes an earlier message in a topic of a group.
    pub fn edit_in(&self, group: i64, person: i64, topic: i64, number: i64, text: &str) {
        let mut message = group_message(group, person, number, Some(topic), None, text);
        merge(&mut message, &json!({ "edit_date": 1_441_645_600 }));
        self.push(json!({ "edited_message": message }));
    }

    /// Someone presses the newest button with this label in a group; returns the query's name.
    pub fn press_in(&self, group: i64, person: i64, label: &str) -> String {
        let found = self.shown(group).into_iter().rev().find_map(|message| {
            let button = message.buttons.iter().find(|(text, _)| text == label)?;
            Some((message.id, button.1.clone()))
        });
        let (number, data) = found.unwrap_or_else(|| panic!("no button {label:?} in {:#?}", self.shown(group)));
        self.press_data_in(group, person, number, &data)
    }

    /// Someone sends a press of their own making.
    pub fn press_data_in(&self, chat: i64, person: i64, number: i64, data: &str) -> String {
        let query = format!("query{}", self.lock().last_update + 1);
        let place = if chat < 0 { group_chat(chat) } else { private_chat(chat) };
        let message = json!({ "message_id": number, "date": 1_441_645_532, "chat": place, "text": "…",
            "from": { "id": BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" } });
        self.push(json!({ "callback_query": { "id": query, "from": person_json(person), "message": message,
            "chat_instance": "4242", "data": data } }));
        query
    }

    /// Changes an earlier private message.
    pub fn edit(&self, person: i64, number: i64, text: &str) {
        self.edit_content(person, number, json!({ "text": text }));
    }

    /// Changes an earlier private message of any kind.
    pub fn edit_content(&self, person: i64, number: i64, content: Value) {
        let mut message = private_message(person, number);
        merge(&mut message, &content);
        merge(&mut message, &json!({ "edit_date": 1_441_645_600 }));
        self.push(json!({ "edited_message": message }));
    }

    /// Presses a button; returns the query's name.
    pub fn press(&self, person: i64, number: i64, data: &str) -> String {
        let query = format!("query{}", self.lock().last_update + 1);
        let message = json!({ "message_id": number, "date": 1_441_645_532, "chat": private_chat(person), "text": "…",
            "from": { "id": BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" } });
        self.push(json!({ "callback_query": { "id": query, "from": person_json(person), "message": message,
            "chat_instance": "4242", "data": data } }));
        query
    }

    /// Presses the button with this label below a message.
    pub fn press_label(&self, person: i64, label: &str) -> String {
        let found = self.shown(person).into_iter().rev().find_map(|message| {
            let button = message.buttons.iter().find(|(text, _)| text == label)?;
            Some((message.id, button.1.clone()))
        });
        let (number, data) = found.unwrap_or_else(|| panic!("no button {label:?} in {:#?}", self.shown(person)));
        self.press(person, number, &data)
    }

    /// What a chat shows.
    pub fn shown(&self, chat: i64) -> Vec<Shown> {
        self.lock().chats.get(&chat).cloned().unwrap_or_default()
    }

    pub fn texts(&self, chat: i64) -> Vec<String> {
        self.shown(chat).into_iter().map(|message| message.text).collect()
    }

    pub fn calls(&self, method: &str) -> Vec<Value> {
        self.lock().calls.iter().filter(|(name, _, _)| name == method).map(|(_, body, _)| body.clone()).collect()
    }

    /// When calls of a method were made in a chat, with their parameters.
    pub fn times(&self, method: &str, chat: i64) -> Vec<(Instant, Value)> {
        let inner = self.lock();
        let calls =
            inner.calls.iter().filter(|(name, body, _)| name == method && number(&body["chat_id"]) == Some(chat));
        calls.map(|(_, body, at)| (*at, body.clone())).collect()
    }

    /// Waits until something is so; panics with what was wanted when it does not become so.
    pub async fn wait(&self, wanted: &str, seconds: u64, mut is_so: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(seconds);
        while !is_so(self) {
            if Instant::now() >= end {
                let numbers: Vec<i64> = self.lock().chats.keys().copied().take(3).collect();
                let chats: Vec<(i64, Vec<String>)> = numbers.into_iter().map(|chat| (chat, self.texts(chat))).collect();
                panic!("{wanted}: not within {seconds} s; chats: {chats:#?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn wait_for_messages(&self, chat: i64, count: usize) -> Vec<Shown> {
        self.wait(&format!("{count} messages in chat {chat}"), 20, |api| api.shown(chat).len() >= count).await;
        self.shown(chat)
    }

    async fn converse(&self, mut connection: TcpStream) {
        let mut buffer = Vec::new();
        while let Some((head, body)) = read_request(&mut connection, &mut buffer).await {
            let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
            let Some(method) = path.strip_prefix(&format!("/bot{TOKEN}/")).map(str::to_owned) else {
                let unknown = json!({ "ok": false, "error_code": 401, "description": "Unauthorized" });
                if respond(&mut connection, 401, &unknown).await.is_err() {
                    return;
                }
                continue;
            };
            let parameters = read_parameters(&head, &body);
            let fault = {
                let mut inner = self.lock();
                let mut plan = inner.fault.take();
                let fault = plan.as_mut().and_then(|plan| plan(&method, &parameters));
                inner.fault = plan;
                inner.faults += usize::from(fault.is_some());
                fault
            };
            match fault {
                Some(Fault::DroppedBefore) => return,
                Some(Fault::Slow { ms }) => tokio::time::sleep(Duration::from_millis(ms)).await,
                _ => {}
            }
            let (code, answer) = match fault {
                Some(Fault::Flood { seconds }) => (
                    429,
                    json!({ "ok": false, "error_code": 429,
                    "description": format!("Too Many Requests: retry after {seconds}"), "parameters": { "retry_after": seconds } }),
                ),
                Some(Fault::Status { code }) => (code, Value::Null),
                Some(Fault::Refused { code, description }) => refusal(code, description),
                _ if method == "getUpdates" => (200, json!({ "ok": true, "result": self.updates(&parameters).await })),
                _ => self.carry_out(&method, parameters),
            };
            if fault == Some(Fault::DroppedAfter) {
                return;
            }
            if respond(&mut connection, code, &answer).await.is_err() {
                return;
            }
        }
    }

    async fn updates(&self, parameters: &Value) -> Vec<Value> {
        let offset = parameters["offset"].as_i64().unwrap_or_default();
        let hold = Duration::from_secs(parameters["timeout"].as_u64().unwrap_or_default());
        let end = Instant::now() + hold;
        loop {
            let came = self.came.notified();
            {
                let mut inner = self.lock();
                inner.polls += 1;
                while inner.pending.front().is_some_and(|(id, _)| *id < offset) {
                    let gone = inner.pending.pop_front();
                    inner.confirmed.extend(gone);
                }
                let mut ready: Vec<Value> = inner.pending.iter().take(100).map(|(_, update)| update.clone()).collect();
                let repeats = inner.repeat_every.is_some_and(|every| inner.polls.is_multiple_of(every));
                if repeats && let Some((_, again)) = inner.confirmed.last() {
                    ready.insert(0, again.clone());
                }
                if !ready.is_empty() || Instant::now() >= end {
                    return ready;
                }
            }
            tokio::select! {
                () = came => {}
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
    }

    fn carry_out(&self, method: &str, parameters: Value) -> (u16, Value) {
        let mut inner = self.lock();
        inner.calls.push((method.to_owned(), parameters.clone(), Instant::now()));
        let chat = number(&parameters["chat_id"]).unwrap_or_default();
        let markup = parse_json(&parameters["reply_markup"]);
        let ok = |result: Value| (200, json!({ "ok": true, "result": result }));
        match method {
            "getMe" => ok(json!({ "id": BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" })),
            "sendMessage" | "sendPhoto" | "sendDocument" | "sendVoice" | "sendVideo" | "sendSticker" => {
                let (text, limit) = match method {
                    "sendMessage" => (&parameters["text"], 4096),
                    _ => (&parameters["caption"], 1024),
                };
                let text = text.as_str().unwrap_or_default();
                let text = match visible(text, parameters["parse_mode"].as_str() == Some("HTML")) {
                    Ok(text) => text,
                    Err(description) => return refusal(400, &description),
                };
                if text.encode_utf16().count() > limit || (method == "sendMessage" && text.trim().is_empty()) {
                    return refusal(400, "Bad Request: message is too long or empty");
                }
                let buttons = match buttons(&markup) {
                    Ok(buttons) => buttons,
                    Err(description) => return refusal(400, &description),
                };
                inner.last_message += 1;
                let id = inner.last_message;
                let is_photo = method == "sendPhoto";
                let replies_to = number(&parameters["reply_parameters"]["message_id"]);
                let topic = number(&parameters["message_thread_id"]);
                if topic.is_some_and(|topic| !inner.topics.iter().any(|(open, _)| *open == topic)) {
                    return refusal(400, "Bad Request: message thread not found");
                }
                let file = ["photo", "voice", "video", "document", "sticker"]
                    .iter()
                    .find_map(|field| parameters[*field].as_str().map(str::to_owned));
                let shown = Shown { id, text, is_photo, buttons, replies_to, topic, file };
                inner.chats.entry(chat).or_default().push(shown);
                let mut result = json!({ "message_id": id, "date": 1_441_645_532, "chat": { "id": chat, "type": "private", "first_name": "T" } });
                if is_photo {
                    let given = parameters["photo"].as_str().unwrap_or_default();
                    let file_id = if given.starts_with("file:") { format!("AgAC{id}") } else { given.to_owned() };
                    result["photo"] = json!([{ "file_id": file_id, "file_unique_id": "u", "width": 90, "height": 90 }]);
                }
                ok(result)
            }
            "editMessageText" | "editMessageReplyMarkup" => {
                let id = number(&parameters["message_id"]).unwrap_or_default();
                let Some(message) = inner.chats.entry(chat).or_default().iter_mut().find(|message| message.id == id)
                else {
                    return refusal(400, "Bad Request: message to edit not found");
                };
                let new = match buttons(&markup) {
                    Ok(buttons) => buttons,
                    Err(description) => return refusal(400, &description),
                };
                let is_html = parameters["parse_mode"].as_str() == Some("HTML");
                let text = match (method, visible(parameters["text"].as_str().unwrap_or_default(), is_html)) {
                    ("editMessageText", Ok(text)) if text.trim().is_empty() || text.encode_utf16().count() > 4096 => {
                        return refusal(400, "Bad Request: message is too long or empty");
                    }
                    ("editMessageText", Ok(text)) => text,
                    ("editMessageText", Err(description)) => return refusal(400, &description),
                    _ => message.text.clone(),
                };
                if message.buttons == new && message.text == text {
                    return refusal(
                        400,
                        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
                    );
                }
                (message.text, message.buttons) = (text, new);
                ok(
                    json!({ "message_id": id, "date": 1_441_645_532, "chat": { "id": chat, "type": "private", "first_name": "T" } }),
                )
            }
            "deleteMessage" => {
                let id = number(&parameters["message_id"]).unwrap_or_default();
                let messages = inner.chats.entry(chat).or_default();
                let before = messages.len();
                messages.retain(|message| message.id != id);
                if messages.len() == before {
                    return refusal(400, "Bad Request: message to delete not found");
                }
                ok(json!(true))
            }
            "editMessageMedia" | "editMessageCaption" => {
                let id = number(&parameters["message_id"]).unwrap_or_default();
                let Some(message) = inner.chats.entry(chat).or_default().iter_mut().find(|message| message.id == id)
                else {
                    return refusal(400, "Bad Request: message to edit not found");
                };
                let media = parse_json(&parameters["media"]);
                let caption = if method == "editMessageMedia" { &media["caption"] } else { &parameters["caption"] };
                message.text = caption.as_str().unwrap_or_default().to_owned();
                message.file = media["media"].as_str().map(str::to_owned).or_else(|| message.file.take());
                ok(
                    json!({ "message_id": id, "date": 1_441_645_532, "chat": { "id": chat, "type": "private", "first_name": "T" } }),
                )
            }
            "createForumTopic" => {
                if inner.forum != Some(chat) {
                    return refusal(400, "Bad Request: the chat is not a forum");
                }
                inner.last_message += 1;
                let id = inner.last_message;
                let name = parameters["name"].as_str().unwrap_or_default().to_owned();
                inner.topics.push((id, name.clone()));
                ok(json!({ "message_thread_id": id, "name": name, "icon_color": 7_322_096 }))
            }
            "answerCallbackQuery" => {
                let query = parameters["callback_query_id"].as_str().unwrap_or_default().to_owned();
                inner.answered_queries.insert(query, parameters["text"].as_str().map(str::to_owned));
                ok(json!(true))
            }
            "sendChatAction" => {
                *inner.typing.entry(chat).or_default() += 1;
                ok(json!(true))
            }
            "setMyCommands" | "deleteWebhook" | "setWebhook" | "answerInlineQuery" => ok(json!(true)),
            _ => refusal(404, "Not Found"),
        }
    }
}

fn refusal(code: u16, description: &str) -> (u16, Value) {
    (code, json!({ "ok": false, "error_code": code, "description": description }))
}

pub fn person_json(person: i64) -> Value {
    json!({ "id": person, "is_bot": false, "first_name": "Test", "language_code": if person % 2 == 0 { "zh-hans" } else { "en" } })
}

fn group_chat(group: i64) -> Value {
    json!({ "id": group, "type": "supergroup", "title": "Desk", "is_forum": true })
}

fn group_message(group: i64, person: i64, number: i64, topic: Option<i64>, reply_to: Option<i64>, text: &str) -> Value {
    let chat = group_chat(group);
    let mut message =
        json!({ "message_id": number, "date": 1_441_645_532, "from": person_json(person), "chat": chat, "text": text });
    if let Some(topic) = topic {
        merge(&mut message, &json!({ "message_thread_id": topic, "is_topic_message": true }));
    }
    if let Some(replied) = reply_to {
        let bot = json!({ "id": BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" });
        let replied = json!({ "message_id": replied, "date": 1_441_645_532, "from": bot, "chat": group_chat(group), "text": "…" });
        merge(&mut message, &json!({ "reply_to_message": replied }));
    }
    message
}

fn private_chat(person: i64) -> Value {
    json!({ "id": person, "type": "private", "first_name": "Test" })
}

fn private_message(person: i64, number: i64) -> Value {
    json!({ "message_id": number, "date": 1_441_645_532, "from": person_json(person), "chat": private_chat(person) })
}

fn merge(message: &mut Value, content: &Value) {
    for (name, value) in content.as_object().expect("an object") {
        message[name] = value.clone();
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn parse_json(value: &Value) -> Value {
    value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}
