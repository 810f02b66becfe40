//! As much HTTP as a Bot API server needs, spoken by hand.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub async fn read_request(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let body_end = end + 4 + length.unwrap_or_default();
            while buffer.len() < body_end {
                read_more(connection, buffer).await?;
            }
            let body = buffer[end + 4..body_end].to_vec();
            buffer.drain(..body_end);
            return Some((head, body));
        }
        read_more(connection, buffer).await?;
    }
}

async fn read_more(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0u8; 16 * 1024];
    let count = connection.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
    buffer.extend_from_slice(&chunk[..count]);
    Some(())
}

pub async fn respond(connection: &mut TcpStream, code: u16, answer: &Value) -> std::io::Result<()> {
    let body = if answer.is_null() { "upstream failed".to_owned() } else { answer.to_string() };
    let head = format!("HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all(format!("{head}{body}").as_bytes()).await
}

/// JSON, or the parts of a form; a file's part is its name after `file:`.
pub fn read_parameters(head: &str, body: &[u8]) -> Value {
    let boundary =
        head.lines().find_map(|line| line.split_once("boundary=").map(|(_, boundary)| boundary.trim().to_owned()));
    let Some(boundary) = boundary else { return serde_json::from_slice(body).unwrap_or_else(|_| json!({})) };
    let text = String::from_utf8_lossy(body);
    let mut form = json!({});
    for part in text.split(&format!("--{boundary}")) {
        let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
        let field = |name: &str| {
            let (_, after) = head.split_once(&format!("{name}=\""))?;
            after.split_once('"').map(|(value, _)| value.to_owned())
        };
        let Some(name) = field(" name") else { continue };
        let content = content.trim_end_matches("\r\n");
        form[name] = match field("filename") {
            Some(file) => json!(format!("file:{file}:{content}")),
            None => json!(content),
        };
    }
    form
}
