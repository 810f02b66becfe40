//! Bytes of tokens as valid UTF-8: what is incomplete waits for the next token.
//!
//! Called by the engine's thread and by `remote`.

/// Holds back the incomplete end of a byte stream; what never becomes complete is dropped with it.
#[derive(Debug, Default)]
pub struct Utf8Stream {
    held: Vec<u8>,
}

impl Utf8Stream {
    /// Adds bytes and returns the text that is complete; invalid bytes become U+FFFD.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.held) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.held.clear();
                    return text;
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    text.push_str(&String::from_utf8_lossy(&self.held[..valid]));
                    let Some(invalid) = error.error_len() else {
                        self.held.drain(..valid);
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.held.drain(..valid + invalid);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_wait_for_their_last_byte() {
        let mut stream = Utf8Stream::default();
        let bytes = "羽a".as_bytes();
        assert_eq!(stream.push(&bytes[..1]), "");
        assert_eq!(stream.push(&bytes[1..2]), "");
        assert_eq!(stream.push(&bytes[2..]), "羽a");
        assert_eq!(stream.push(&[0xff, b'b', 0xe7]), "\u{fffd}b");
        assert_eq!(stream.push(&"羽".as_bytes()[1..]), "羽");
    }
}
