//! The order book behind an HTTP endpoint (`catalog/ORDERS.md`, "The order book as an endpoint").
//!
//! Every call has a deadline. Calls are repeated with growing pauses: a question freely, a change under the same
//! `Idempotency-Key`. Failures in a row open a circuit, so that a dead endpoint costs nobody a wait. Blocking.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder};
use serde::Deserialize;

use super::OrdersError;
use super::circuit::Circuit;
use crate::domain::identifier::OrderId;
use crate::domain::order::{ChangeRequest, Order, OrderBook, OrderBookError};

/// How an endpoint is called. Not `Debug`: it holds a secret.
#[derive(Clone)]
pub struct HttpSettings {
    /// Such as `https://shop.example/api`.
    pub url: String,
    /// Sent as a bearer token.
    pub token: Option<String>,
    /// Of one try.
    pub timeout: Duration,
    /// Tries of one call.
    pub tries: u32,
    /// Before the second try; doubled for each further one.
    pub pause: Duration,
    /// Failed calls in a row that open the circuit.
    pub failures: u32,
    /// How long it stays open.
    pub rest: Duration,
}

impl HttpSettings {
    /// The usual settings for an address: 3 s a try, 3 tries, a circuit of 5 failures and 30 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: None,
            timeout: Duration::from_secs(3),
            tries: 3,
            pause: Duration::from_millis(200),
            failures: 5,
            rest: Duration::from_secs(30),
        }
    }
}

/// Orders behind an endpoint.
pub struct HttpOrderBook {
    client: Client,
    settings: HttpSettings,
    circuit: Circuit,
}

/// What the endpoint says when it refuses.
#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
}

/// The longest answer that is read, in bytes.
const MAX_BODY: u64 = 1 << 20;

impl HttpOrderBook {
    /// A client of an endpoint; nothing is asked of it yet.
    ///
    /// # Errors
    /// The address is not one of HTTP.
    pub fn new(settings: HttpSettings) -> Result<Self, OrdersError> {
        let url = url::Url::parse(&settings.url).map_err(|_| OrdersError::Endpoint(settings.url.clone()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OrdersError::Endpoint(settings.url));
        }
        let client = Client::builder().timeout(settings.timeout).redirect(reqwest::redirect::Policy::none()).build()?;
        let circuit = Circuit::new(settings.failures, settings.rest);
        Ok(Self { client, settings, circuit })
    }

    fn path(&self, id: &OrderId, rest: &str) -> String {
        format!("{}/orders/{}{rest}", self.settings.url.trim_end_matches('/'), id.as_str())
    }

    /// Tries a call until it is answered; an answer is any status below 500 except 408 and 429.
    fn call(&self, request: impl Fn() -> RequestBuilder) -> Result<(StatusCode, Vec<u8>), OrderBookError> {
        if !self.circuit.lets_through(Instant::now()) {
            return Err(OrderBookError::Unavailable("it failed several times and is left alone for a while".into()));
        }
        let mut pause = self.settings.pause;
        let mut cause = String::new();
        for attempt in 0..self.settings.tries.max(1) {
            if attempt > 0 {
                std::thread::sleep(pause);
                pause *= 2;
            }
            let mut request = request();
            if let Some(token) = &self.settings.token {
                request = request.bearer_auth(token);
            }
            match answered(request) {
                Ok(answer) => {
                    self.circuit.note(true, Instant::now());
                    return Ok(answer);
                }
                Err(error) => cause = error,
            }
        }
        self.circuit.note(false, Instant::now());
        tracing::warn!(%cause, "the orders endpoint does not answer");
        Err(OrderBookError::Unavailable(cause))
    }
}

fn answered(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), String> {
    use std::io::Read;
    let response = request.send().map_err(|error| error.without_url().to_string())?;
    let status = response.status();
    if status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) {
        return Err(format!("status {status}"));
    }
    let mut body = Vec::new();
    response.take(MAX_BODY).read_to_end(&mut body).map_err(|error| error.to_string())?;
    Ok((status, body))
}

fn order_of(body: &[u8]) -> Result<Order, OrderBookError> {
    serde_json::from_slice(body).map_err(|cause| OrderBookError::Unavailable(format!("not an order: {cause}")))
}

/// Whether a number can be an order's: letters, digits, `-` and `_`, so that it can stand in a path.
fn is_plain(id: &OrderId) -> bool {
    let text = id.as_str();
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl OrderBook for HttpOrderBook {
    fn find(&self, id: &OrderId) -> Result<Option<Order>, OrderBookError> {
        if !is_plain(id) {
            return Ok(None);
        }
        let (status, body) = self.call(|| self.client.get(self.path(id, "")))?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let order = order_of(&body)?;
                Ok(order.id.as_str().eq_ignore_ascii_case(id.as_str()).then_some(order))
            }
            status => Err(OrderBookError::Unavailable(format!("status {status}"))),
        }
    }

    fn change(&self, request: &ChangeRequest) -> Result<Order, OrderBookError> {
        if !is_plain(&request.order_id) {
            return Err(OrderBookError::Refused("no such order".into()));
        }
        let (status, body) = self.call(|| {
            self.client
                .post(self.path(&request.order_id, "/changes"))
                .header("Idempotency-Key", &request.key)
                .json(request)
        })?;
        if status.is_success() {
            return order_of(&body);
        }
        let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
        match status {
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
                Err(OrderBookError::Refused(refusal.error))
            }
            status => Err(OrderBookError::Unavailable(format!("status {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::domain::order::{ChangeKind, OrderStatus};

    const ORDER: &str = r#"{"id":"DG1","created":"2026-11-20T10:00:00+08:00","status":"paid","contact":{"phone":"19900010237"},"items":[],"total":9.5}"#;

    /// The connection breaks once the request was read: whether it was carried out is not known.
    const LOST: u16 = 0;
    /// The answer comes too late.
    const LATE: u16 = 1;

    /// A server on the loopback interface that gives these answers in turn, the last one for ever, and notes what it was asked.
    fn serve(answers: Vec<(u16, &'static str)>) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                let (status, body) = answers[number.min(answers.len() - 1)];
                notes.lock().expect("notes").push(read_request(&stream));
                match status {
                    LOST => continue,
                    LATE => {
                        std::thread::spawn(move || {
                            std::thread::sleep(Duration::from_secs(2));
                            drop(stream);
                        });
                        continue;
                    }
                    _ => {}
                }
                let mut stream = stream;
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
            }
        });
        (url, asked)
    }

    fn read_request(stream: &TcpStream) -> String {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("body");
        head + &String::from_utf8_lossy(&body)
    }

    fn book(url: &str) -> HttpOrderBook {
        let pause = Duration::from_millis(1);
        let settings = HttpSettings { token: Some("secret".into()), pause, failures: 2, ..HttpSettings::new(url) };
        HttpOrderBook::new(settings).expect("book")
    }

    fn cancel() -> ChangeRequest {
        ChangeRequest {
            key: "chat/DG1/cancel/7".into(),
            order_id: "DG1".into(),
            change: ChangeKind::Cancel,
            detail: None,
            expected_status: OrderStatus::Paid,
        }
    }

    #[test]
    fn an_order_is_found_after_a_failed_try() {
        let (url, asked) = serve(vec![(503, ""), (200, ORDER)]);
        let order = book(&url).find(&"DG1".into()).expect("answer").expect("order");
        assert_eq!(order.status, OrderStatus::Paid);
        let asked = asked.lock().expect("asked");
        assert_eq!(asked.len(), 2);
        assert!(asked[0].starts_with("GET /orders/DG1 ") && asked[0].contains("Bearer secret"), "{}", asked[0]);
    }

    #[test]
    fn a_repeated_change_carries_the_same_key() {
        let (url, asked) = serve(vec![(500, ""), (200, ORDER)]);
        book(&url).change(&cancel()).expect("changed");
        let asked = asked.lock().expect("asked");
        assert_eq!(asked.len(), 2);
        for request in asked.iter() {
            assert!(request.starts_with("POST /orders/DG1/changes "), "{request}");
            assert!(request.to_lowercase().contains("idempotency-key: chat/dg1/cancel/7"), "{request}");
            assert!(request.contains(r#""expected_status":"paid""#), "{request}");
        }
    }

    #[test]
    fn a_change_whose_answer_is_lost_is_asked_for_again_under_its_key() {
        let (url, asked) = serve(vec![(LOST, ""), (200, ORDER)]);
        book(&url).change(&cancel()).expect("changed");
        let keys: Vec<String> = asked
            .lock()
            .expect("asked")
            .iter()
            .map(|request| {
                let lower = request.to_lowercase();
                lower.lines().find(|line| line.starts_with("idempotency-key")).expect("a key").to_owned()
            })
            .collect();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0], keys[1]);
    }

    #[test]
    fn an_endpoint_that_answers_too_late_is_tried_again_and_then_not_available() {
        let (url, asked) = serve(vec![(LATE, "")]);
        let settings = HttpSettings { timeout: Duration::from_millis(60), tries: 2, ..book(&url).settings };
        let book = HttpOrderBook::new(settings).expect("book");
        assert!(matches!(book.find(&"DG1".into()), Err(OrderBookError::Unavailable(_))));
        // The server notes a request when it has read it, on a busy machine after the shop gave up waiting.
        let (start, tries) = (Instant::now(), || asked.lock().expect("asked").len());
        while tries() < 2 && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(tries(), 2);
    }

    #[test]
    fn a_refusal_is_final_and_names_its_reason() {
        let (url, asked) = serve(vec![(409, r#"{"error":"already packed"}"#)]);
        assert_eq!(book(&url).change(&cancel()), Err(OrderBookError::Refused("already packed".into())));
        assert_eq!(asked.lock().expect("asked").len(), 1);
    }

    #[test]
    fn a_dead_endpoint_is_left_alone_after_some_calls() {
        let (url, asked) = serve(vec![(500, "")]);
        let book = book(&url);
        for _ in 0..4 {
            assert!(matches!(book.find(&"DG1".into()), Err(OrderBookError::Unavailable(_))));
        }
        assert_eq!(asked.lock().expect("asked").len(), 6, "two calls of three tries, then none");
    }

    #[test]
    fn a_number_that_is_none_never_reaches_a_path_and_another_order_is_never_taken() {
        let (url, asked) = serve(vec![(200, ORDER)]);
        let book = book(&url);
        for id in ["../admin", "DG1/../DG2", "", "DG1?x=1"] {
            assert_eq!(book.find(&id.into()), Ok(None), "{id}");
        }
        assert!(asked.lock().expect("asked").is_empty());
        assert_eq!(book.find(&"DG2".into()), Ok(None), "the endpoint answered with DG1");
    }
}
