//! Fetching a model from a loopback server that speaks the Hugging Face hub's conventions.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;

use daogou::inference::hub::{HubError, HubModel, pull};
use daogou::inference::manifest::{Manifest, sha256_of};
use sha2::{Digest, Sha256};

const SIZE: usize = 300_000;
const MODEL: HubModel =
    HubModel { name: "tiny", repository: "owner/tiny-GGUF", files: &["tiny.gguf"], licence: "Apache-2.0", gib: 0.0 };

/// What the server does, and what it was asked for.
#[derive(Default)]
struct Plan {
    content: Vec<u8>,
    sum: String,
    /// How many downloads break off after a third.
    breaks: usize,
    /// Where each download started.
    starts: Vec<usize>,
}

fn hub(content: Vec<u8>, sum: String, breaks: usize) -> (String, Arc<Mutex<Plan>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let plan = Arc::new(Mutex::new(Plan { content, sum, breaks, starts: Vec::new() }));
    let shared = Arc::clone(&plan);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &shared);
        }
    });
    (url, plan)
}

fn serve(mut stream: TcpStream, plan: &Mutex<Plan>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    let headers: Vec<String> =
        lines.map(|line| line.unwrap().to_lowercase()).take_while(|line| !line.is_empty()).collect();
    if !request.starts_with("GET /owner/tiny-GGUF/resolve/main/tiny.gguf ") {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        return;
    }
    let mut plan = plan.lock().unwrap();
    let range = headers.iter().find_map(|line| line.strip_prefix("range: bytes=")).unwrap();
    let (start, last) = range.split_once('-').unwrap();
    let start: usize = start.parse().unwrap();
    let end = last.parse().map_or(plan.content.len(), |last: usize| last + 1);
    let mut sent = end;
    if last.is_empty() {
        plan.starts.push(start);
        if plan.breaks > 0 {
            plan.breaks -= 1;
            sent = start + (end - start) / 3;
        }
    }
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nx-repo-commit: c0ffee\r\nx-linked-etag: \"{}\"\r\ncontent-range: bytes {start}-{}/{}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        plan.sum,
        end - 1,
        plan.content.len(),
        end - start
    );
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(&plan.content[start..sent]);
}

fn content() -> (Vec<u8>, String) {
    let content: Vec<u8> = (0..SIZE).map(|index| (index * index / 7) as u8).collect();
    let sum = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    (content, sum)
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let (content, sum) = content();
    let (url, plan) = hub(content.clone(), sum.clone(), 2);
    let folder = tempfile::tempdir().unwrap();
    let last = Mutex::new((0, 0));
    let report = |file: &str, done: u64, size: u64| {
        assert_eq!(file, "tiny.gguf");
        *last.lock().unwrap() = (done, size);
    };
    let path = pull(&MODEL, folder.path(), Some(url.clone()), None, &report).unwrap();
    assert_eq!(*last.lock().unwrap(), (SIZE as u64, SIZE as u64));
    assert_eq!(std::fs::read(&path).unwrap(), content);
    assert_eq!(plan.lock().unwrap().starts, [0, SIZE / 3, SIZE / 3 + (SIZE - SIZE / 3) / 3]);
    let manifest = Manifest::beside(&path).unwrap().unwrap();
    assert_eq!((manifest.name.as_str(), manifest.sha256.as_deref()), ("tiny", Some(sum.as_str())));
    manifest.verify(&path).unwrap();
    // Asked for again, nothing is fetched.
    assert_eq!(pull(&MODEL, folder.path(), Some(url), None, &|_, _, _| ()).unwrap(), path);
    assert_eq!(plan.lock().unwrap().starts.len(), 3);
}

#[test]
fn a_later_attempt_goes_on_where_the_first_gave_up() {
    let (content, sum) = content();
    let (url, plan) = hub(content, sum.clone(), 6);
    let folder = tempfile::tempdir().unwrap();
    let error = pull(&MODEL, folder.path(), Some(url.clone()), None, &|_, _, _| ()).unwrap_err();
    assert!(matches!(&error, HubError::Fetch { file, .. } if file == "tiny.gguf"), "{error}");
    let path = pull(&MODEL, folder.path(), Some(url), None, &|_, _, _| ()).unwrap();
    assert_eq!(sha256_of(&path).unwrap(), sum);
    let starts = &plan.lock().unwrap().starts;
    assert_eq!(starts.len(), 7);
    assert!(starts.is_sorted() && starts[6] > SIZE / 2, "{starts:?}");
}

#[test]
fn a_last_attempt_that_succeeds_counts() {
    let (content, sum) = content();
    let (url, plan) = hub(content, sum.clone(), 5);
    let folder = tempfile::tempdir().unwrap();
    let path = pull(&MODEL, folder.path(), Some(url), None, &|_, _, _| ()).unwrap();
    assert_eq!((sha256_of(&path).unwrap(), plan.lock().unwrap().starts.len()), (sum, 6));
}

#[test]
fn what_is_not_as_the_hub_states_is_thrown_away() {
    let (content, sum) = content();
    let (url, _plan) = hub(content.clone(), "0".repeat(64), 0);
    let folder = tempfile::tempdir().unwrap();
    let error = pull(&MODEL, folder.path(), Some(url), None, &|_, _, _| ()).unwrap_err().to_string();
    assert!(error.contains("tiny.gguf arrived with SHA-256") && error.contains(&sum), "{error}");
    assert!(!folder.path().join("tiny.gguf").exists());
    let (url, plan) = hub(content, sum, 0);
    pull(&MODEL, folder.path(), Some(url), None, &|_, _, _| ()).unwrap();
    assert_eq!(plan.lock().unwrap().starts, [0]);
}

#[test]
fn a_file_that_the_hub_does_not_have_is_named() {
    let (content, sum) = content();
    let (url, _plan) = hub(content, sum, 0);
    let folder = tempfile::tempdir().unwrap();
    let missing = HubModel { files: &["other.gguf"], ..MODEL };
    let error = pull(&missing, folder.path(), Some(url), None, &|_, _, _| ()).unwrap_err().to_string();
    assert!(error.contains("other.gguf") && error.contains("404"), "{error}");
}
