//! Splits an input, plain or gzip, into numbered lines of bounded length.
//!
//! Never holds more than one line. Called by `feed` and `reviews`.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// One line that is not blank.
pub struct Line {
    /// From 1, counting blank lines.
    pub number: u64,
    /// Without the line end.
    pub text: String,
}

/// Why there is no line where one should be.
pub enum LineError {
    /// This line is unusable; the next may be good.
    Bad {
        /// From 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// Nothing more can be read.
    Unreadable(String),
}

/// The lines of an input.
pub struct Lines<'a> {
    input: Option<Box<dyn BufRead + 'a>>,
    failure: Option<io::Error>,
    limit: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    /// Lines of at most `limit` bytes.
    pub fn new(mut input: impl Read + 'a, limit: usize) -> Self {
        let mut head = Vec::new();
        match input.by_ref().take(2).read_to_end(&mut head) {
            Ok(_) => {
                let zipped = head == [0x1f, 0x8b];
                let whole = Cursor::new(head).chain(input);
                let input: Box<dyn BufRead + 'a> = match zipped {
                    true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole))),
                    false => Box::new(BufReader::with_capacity(1 << 16, whole)),
                };
                Self { input: Some(input), failure: None, limit, number: 0 }
            }
            Err(error) => Self { input: None, failure: Some(error), limit, number: 0 },
        }
    }

    /// The next line that is not blank; nothing at the end.
    pub fn next_line(&mut self) -> Option<Result<Line, LineError>> {
        loop {
            if let Some(error) = self.failure.take() {
                self.input = None;
                return Some(Err(LineError::Unreadable(format!("after line {}: {error}", self.number))));
            }
            let input = self.input.as_mut()?;
            self.number += 1;
            let mut bytes = Vec::new();
            let too_long = match read_bounded(input, self.limit, &mut bytes) {
                Ok(None) => {
                    self.input = None;
                    return None;
                }
                Ok(Some(too_long)) => too_long,
                Err(error) => {
                    self.number -= 1;
                    self.failure = Some(error);
                    continue;
                }
            };
            let line = self.number;
            if too_long {
                let reason = format!("longer than {} bytes", self.limit);
                return Some(Err(LineError::Bad { line, reason }));
            }
            let bytes = if line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) } else { &bytes };
            match std::str::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok(Line { number: line, text: text.trim().to_owned() })),
                Err(error) => {
                    let reason = format!("invalid UTF-8 at byte {}", error.valid_up_to() + 1);
                    return Some(Err(LineError::Bad { line, reason }));
                }
            }
        }
    }
}

/// Reads up to and without the next line end, keeping at most `limit` bytes; whether there were more. Nothing at the end.
fn read_bounded(input: &mut Box<dyn BufRead + '_>, limit: usize, bytes: &mut Vec<u8>) -> io::Result<Option<bool>> {
    let mut too_long = false;
    let mut any = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(any.then_some(too_long));
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = end.map_or(buffer, |end| &buffer[..end]);
        if bytes.len() + part.len() > limit {
            too_long = true;
        } else if !too_long {
            bytes.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(Some(too_long));
        }
    }
}
