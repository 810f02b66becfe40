//! The matcher's file, byte by byte: `models/train/README.md` has the specification.

const MAGIC: &[u8; 4] = b"DGMT";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 32;
const MOST: usize = 1 << 24;

/// Why bytes are not a matcher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a matcher: {0}")]
pub struct MatcherError(pub(super) &'static str);

/// The sizes at the file's beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub width: usize,
    pub hidden: usize,
    pub buckets: usize,
    pub words: usize,
    /// The first so many words are English.
    pub english: usize,
    /// The length of all words with their separators, in bytes.
    pub names: usize,
}

/// What has not been read yet.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the sizes.
    pub fn open(bytes: &'a [u8]) -> Result<(Head, Self), MatcherError> {
        let (head, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(MatcherError("too short"))?;
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if &head[..4] != MAGIC || number(4) != VERSION {
            return Err(MatcherError("wrong magic or version"));
        }
        let size = |at: usize| number(at) as usize;
        let head = Head {
            width: size(8),
            hidden: size(12),
            buckets: size(16),
            words: size(20),
            english: size(24),
            names: size(28),
        };
        let sizes = [head.width, head.hidden, head.buckets, head.words];
        if sizes.iter().any(|size| *size == 0 || *size > MOST) {
            return Err(MatcherError("an impossible header"));
        }
        Ok((head, Self(rest)))
    }

    fn take(&mut self, length: Option<usize>) -> Result<&'a [u8], MatcherError> {
        let split = length.and_then(|length| self.0.split_at_checked(length));
        let (taken, rest) = split.ok_or(MatcherError("cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn text(&mut self, length: usize) -> Result<&'a str, MatcherError> {
        std::str::from_utf8(self.take(Some(length))?).map_err(|_| MatcherError("words are not UTF-8"))
    }

    pub fn floats(&mut self, count: usize) -> Result<Vec<f32>, MatcherError> {
        let bytes = self.take(count.checked_mul(4))?;
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    pub fn steps(&mut self, count: usize) -> Result<Vec<i8>, MatcherError> {
        Ok(self.take(Some(count))?.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// Makes sure that nothing is left.
    pub fn end(self) -> Result<(), MatcherError> {
        if self.0.is_empty() { Ok(()) } else { Err(MatcherError("longer than its header says")) }
    }
}
