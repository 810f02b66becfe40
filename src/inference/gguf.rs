//! The header of a GGUF file, read and checked before llama.cpp sees it.
//!
//! llama.cpp says only "null" of a file that it refuses; this says what is wrong. Never reads tensor data. The layout is
//! <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>. Called by `engine` and `daogou model info`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::error::InferenceError;

const MAGIC: &[u8; 4] = b"GGUF";
const MAX_STRING: u64 = 64 << 20;
const MAX_DIMS: u32 = 8;

/// A value of the metadata; of arrays only the length is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum MetaValue {
    /// Any integer type.
    Integer(i128),
    /// Either float type.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// UTF-8 text; invalid bytes are replaced.
    Text(String),
    /// How many elements an array has.
    Array(u64),
}

/// What a GGUF says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct GgufHeader {
    /// Key-value pairs.
    pub metadata: BTreeMap<String, MetaValue>,
    /// Number of tensors in this file.
    pub tensors: u64,
    /// Number of weights in this file.
    pub parameters: u64,
    /// Size of the file in bytes.
    pub file_bytes: u64,
}

impl GgufHeader {
    /// A text value.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key) {
            Some(MetaValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer value.
    pub fn integer(&self, key: &str) -> Option<i128> {
        match self.metadata.get(key) {
            Some(MetaValue::Integer(value)) => Some(*value),
            _ => None,
        }
    }

    /// `general.architecture`, such as "qwen2".
    pub fn architecture(&self) -> &str {
        self.text("general.architecture").unwrap_or("unknown")
    }
}

/// Reads and checks a header: magic, version, metadata, and that every tensor lies within the file.
///
/// # Errors
/// [`InferenceError::Read`] and [`InferenceError::NotGguf`], both naming the path.
pub fn read_header(path: &Path) -> Result<GgufHeader, InferenceError> {
    let file = File::open(path).map_err(|source| InferenceError::read(path, source))?;
    let meta = file.metadata().map_err(|source| InferenceError::read(path, source))?;
    if meta.is_dir() {
        return Err(InferenceError::not_gguf(path, "it is a folder"));
    }
    if meta.len() == 0 {
        return Err(InferenceError::not_gguf(path, "the file is empty"));
    }
    let mut reader = HeaderReader { input: BufReader::new(file), file_bytes: meta.len() };
    reader.header().map_err(|reason| InferenceError::not_gguf(path, reason))
}

struct HeaderReader {
    input: BufReader<File>,
    file_bytes: u64,
}

impl HeaderReader {
    fn header(&mut self) -> Result<GgufHeader, String> {
        let magic: [u8; 4] = self.bytes()?;
        if &magic != MAGIC {
            return Err(format!("it starts with \"{}\" and not with \"GGUF\"", magic.escape_ascii()));
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(format!("GGUF version {version} is not supported (2 and 3 are)"));
        }
        let tensors = self.u64()?;
        let pairs = self.u64()?;
        // A tensor's entry takes at least 24 bytes and a pair at least 13: a larger count cannot be true.
        if tensors > self.file_bytes / 24 || pairs > self.file_bytes / 13 {
            return Err(format!(
                "{tensors} tensors and {pairs} metadata pairs do not fit in {} bytes",
                self.file_bytes
            ));
        }
        let mut metadata = BTreeMap::new();
        for _ in 0..pairs {
            let key = self.string()?;
            let kind = self.u32()?;
            let value = self.value(kind).map_err(|reason| format!("{reason} in the value of {key:?}"))?;
            metadata.insert(key, value);
        }
        let mut parameters: u64 = 0;
        let mut data_bytes: u64 = 0;
        for _ in 0..tensors {
            let (weights, end) = self.tensor()?;
            parameters = parameters.saturating_add(weights);
            data_bytes = data_bytes.max(end);
        }
        let alignment = match metadata.get("general.alignment") {
            Some(MetaValue::Integer(value)) if *value > 0 => *value as u64,
            _ => 32,
        };
        let position = self.input.stream_position().map_err(|error| error.to_string())?;
        let needed = position.next_multiple_of(alignment).saturating_add(data_bytes);
        if needed > self.file_bytes {
            return Err(format!("it is truncated: {needed} bytes are needed and it has {}", self.file_bytes));
        }
        Ok(GgufHeader { metadata, tensors, parameters, file_bytes: self.file_bytes })
    }

    /// Number of weights, and where the tensor's data ends relative to the data section.
    fn tensor(&mut self) -> Result<(u64, u64), String> {
        let name = self.string()?;
        let dims = self.u32()?;
        if dims > MAX_DIMS {
            return Err(format!("tensor {name:?} has {dims} dimensions"));
        }
        let mut weights: u64 = 1;
        for _ in 0..dims {
            weights = weights.checked_mul(self.u64()?).ok_or_else(|| format!("tensor {name:?} is too large"))?;
        }
        let kind = self.u32()?;
        let offset = self.u64()?;
        let bytes = match block_layout(kind) {
            Some((block, bytes)) => (weights / block).checked_mul(bytes),
            None => Some(1),
        };
        let end = bytes.and_then(|bytes| offset.checked_add(bytes));
        Ok((weights, end.ok_or_else(|| format!("tensor {name:?} is too large"))?))
    }

    fn value(&mut self, kind: u32) -> Result<MetaValue, String> {
        Ok(match kind {
            0 => MetaValue::Integer(u8::from_le_bytes(self.bytes()?).into()),
            1 => MetaValue::Integer(i8::from_le_bytes(self.bytes()?).into()),
            2 => MetaValue::Integer(u16::from_le_bytes(self.bytes()?).into()),
            3 => MetaValue::Integer(i16::from_le_bytes(self.bytes()?).into()),
            4 => MetaValue::Integer(self.u32()?.into()),
            5 => MetaValue::Integer(i32::from_le_bytes(self.bytes()?).into()),
            6 => MetaValue::Float(f32::from_le_bytes(self.bytes()?).into()),
            7 => MetaValue::Bool(u8::from_le_bytes(self.bytes()?) != 0),
            8 => MetaValue::Text(self.string()?),
            9 => {
                let inner = self.u32()?;
                let length = self.u64()?;
                if length > self.file_bytes {
                    return Err(format!("an array of {length} elements does not fit in the file"));
                }
                self.skip_array(inner, length)?;
                MetaValue::Array(length)
            }
            10 => MetaValue::Integer(self.u64()?.into()),
            11 => MetaValue::Integer(i64::from_le_bytes(self.bytes()?).into()),
            12 => MetaValue::Float(f64::from_le_bytes(self.bytes()?)),
            other => return Err(format!("unknown value type {other}")),
        })
    }

    fn skip_array(&mut self, kind: u32, length: u64) -> Result<(), String> {
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => {
                for _ in 0..length {
                    let bytes = self.u64()?;
                    self.skip(bytes)?;
                }
                return Ok(());
            }
            other => return Err(format!("unsupported array of type {other}")),
        };
        self.skip(length.checked_mul(width).ok_or("an array is too large")?)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), String> {
        if bytes > self.file_bytes {
            return Err("a length points beyond the end of the file".into());
        }
        self.input.seek_relative(bytes as i64).map_err(|error| error.to_string())
    }

    fn string(&mut self) -> Result<String, String> {
        let length = self.u64()?;
        if length > MAX_STRING.min(self.file_bytes) {
            return Err(format!("a text of {length} bytes does not fit in the file"));
        }
        let mut text = vec![0; length as usize];
        self.input.read_exact(&mut text).map_err(|_| "it ends within its header")?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|_| "it ends within its header")?;
        Ok(bytes)
    }
}

/// Weights and bytes of one block of a ggml type; `None` for types that this table does not know.
/// From `type_traits` in <https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml.c>.
fn block_layout(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        20 => (32, 18),
        23 => (256, 136),
        _ => return None,
    })
}
