//! Writes tiny GGUFs with random weights, so that tests run llama.cpp for real without a download or Python.
//!
//! The layout is <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, version 3. What such a model says is nonsense;
//! its structure is a Qwen2's (byte-level BPE, ChatML) or a Llama's (SentencePiece pieces with byte fallback).

use std::io::Write;
use std::path::Path;

const ALIGNMENT: usize = 32;
const WIDTH: u64 = 32;
const KV_WIDTH: u64 = 16;
const FEED_FORWARD: u64 = 64;
const BLOCKS: u32 = 2;
const NORMAL: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;
const BYTE: i32 = 6;

/// Qwen2.5's template without its tools.
pub const CHATML: &str = "{%- if messages[0]['role'] != 'system' %}\n    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}\n{%- endif %}\n{%- for message in messages %}\n    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n";

/// Which vocabulary and architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `qwen2` with byte-level BPE.
    Qwen,
    /// `llama` with SentencePiece pieces.
    Llama,
}

/// What to write.
#[derive(Debug, Clone)]
pub struct TinyGguf {
    /// Architecture.
    pub shape: Shape,
    /// Trained context in tokens.
    pub context: u32,
    /// Of the weights.
    pub seed: u64,
    /// The Jinja template, if any.
    pub template: Option<String>,
    /// The custom key `daogou.prompt_profile`, if any.
    pub profile: Option<String>,
}

impl TinyGguf {
    /// A model with the ChatML template.
    pub fn new(shape: Shape) -> Self {
        Self { shape, context: 1024, seed: 7, template: Some(CHATML.into()), profile: None }
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) {
        let bytes = self.bytes();
        std::fs::File::create(path).expect("create the tiny GGUF").write_all(&bytes).expect("write the tiny GGUF");
    }

    fn bytes(&self) -> Vec<u8> {
        let vocabulary = match self.shape {
            Shape::Qwen => bpe_vocabulary(),
            Shape::Llama => spm_vocabulary(),
        };
        let tensors = self.tensors(vocabulary.len() as u64);
        let metadata = self.metadata(&vocabulary);
        let mut file = Vec::new();
        file.extend(b"GGUF");
        file.extend(3_u32.to_le_bytes());
        file.extend((tensors.len() as u64).to_le_bytes());
        file.extend((metadata.len() as u64).to_le_bytes());
        for (key, value) in &metadata {
            text(&mut file, key);
            file.extend(value);
        }
        let mut offset = 0_u64;
        for (name, dims, _) in &tensors {
            text(&mut file, name);
            file.extend((dims.len() as u32).to_le_bytes());
            dims.iter().for_each(|dim| file.extend(dim.to_le_bytes()));
            file.extend(0_u32.to_le_bytes());
            file.extend(offset.to_le_bytes());
            offset += (dims.iter().product::<u64>() * 4).next_multiple_of(ALIGNMENT as u64);
        }
        let mut random = Random(self.seed);
        for (_, dims, spread) in &tensors {
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
            for _ in 0..dims.iter().product::<u64>() {
                let weight = match spread {
                    Some(spread) => random.normal() * spread,
                    None => 1.0,
                };
                file.extend(weight.to_le_bytes());
            }
        }
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        file
    }

    /// Names, dimensions and standard deviations (`None`: all ones).
    fn tensors(&self, vocabulary: u64) -> Vec<(String, Vec<u64>, Option<f32>)> {
        let mut tensors = vec![
            ("token_embd.weight".to_owned(), vec![WIDTH, vocabulary], Some(1.0)),
            ("output_norm.weight".to_owned(), vec![WIDTH], None),
            ("output.weight".to_owned(), vec![WIDTH, vocabulary], Some(0.35)),
        ];
        for block in 0..BLOCKS {
            let mut add = |name: &str, dims: Vec<u64>, spread| {
                tensors.push((format!("blk.{block}.{name}"), dims, spread));
            };
            add("attn_norm.weight", vec![WIDTH], None);
            add("attn_q.weight", vec![WIDTH, WIDTH], Some(0.25));
            add("attn_k.weight", vec![WIDTH, KV_WIDTH], Some(0.25));
            add("attn_v.weight", vec![WIDTH, KV_WIDTH], Some(0.25));
            if self.shape == Shape::Qwen {
                add("attn_q.bias", vec![WIDTH], Some(0.1));
                add("attn_k.bias", vec![KV_WIDTH], Some(0.1));
                add("attn_v.bias", vec![KV_WIDTH], Some(0.1));
            }
            add("attn_output.weight", vec![WIDTH, WIDTH], Some(0.25));
            add("ffn_norm.weight", vec![WIDTH], None);
            add("ffn_gate.weight", vec![WIDTH, FEED_FORWARD], Some(0.25));
            add("ffn_up.weight", vec![WIDTH, FEED_FORWARD], Some(0.25));
            add("ffn_down.weight", vec![FEED_FORWARD, WIDTH], Some(0.2));
        }
        tensors
    }

    fn metadata(&self, vocabulary: &[(String, i32)]) -> Vec<(String, Vec<u8>)> {
        let architecture = match self.shape {
            Shape::Qwen => "qwen2",
            Shape::Llama => "llama",
        };
        let id = |wanted: &str| {
            vocabulary.iter().position(|(text, _)| text == wanted).expect("the token is in the vocabulary") as u32
        };
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        let mut add = |key: &str, value| pairs.push((key.to_owned(), value));
        add("general.architecture", string_value(architecture));
        add("general.name", string_value("tiny random"));
        let own = |key: &str| format!("{architecture}.{key}");
        add(&own("context_length"), u32_value(self.context));
        add(&own("embedding_length"), u32_value(WIDTH as u32));
        add(&own("block_count"), u32_value(BLOCKS));
        add(&own("feed_forward_length"), u32_value(FEED_FORWARD as u32));
        add(&own("attention.head_count"), u32_value(2));
        add(&own("attention.head_count_kv"), u32_value(1));
        add(&own("attention.layer_norm_rms_epsilon"), f32_value(1e-6));
        add(&own("rope.freq_base"), f32_value(10_000.0));
        add(&own("rope.dimension_count"), u32_value(16));
        let texts: Vec<&str> = vocabulary.iter().map(|(text, _)| text.as_str()).collect();
        add("tokenizer.ggml.tokens", strings_value(&texts));
        let types: Vec<i32> = vocabulary.iter().map(|(_, kind)| *kind).collect();
        add("tokenizer.ggml.token_type", i32s_value(&types));
        match self.shape {
            Shape::Qwen => {
                add("tokenizer.ggml.model", string_value("gpt2"));
                add("tokenizer.ggml.pre", string_value("qwen2"));
                add("tokenizer.ggml.merges", strings_value(&MERGES.map(|(one, other)| format!("{one} {other}"))));
            }
            Shape::Llama => {
                add("tokenizer.ggml.model", string_value("llama"));
                let scores: Vec<f32> = (0..vocabulary.len()).map(|index| -(index as f32)).collect();
                add("tokenizer.ggml.scores", f32s_value(&scores));
                add("tokenizer.ggml.add_space_prefix", bool_value(false));
                add("tokenizer.ggml.bos_token_id", u32_value(id("<s>")));
                add("tokenizer.ggml.unknown_token_id", u32_value(id("<unk>")));
            }
        }
        add("tokenizer.ggml.eos_token_id", u32_value(id("<|im_end|>")));
        add("tokenizer.ggml.add_bos_token", bool_value(false));
        if let Some(template) = &self.template {
            add("tokenizer.chat_template", string_value(template));
        }
        if let Some(profile) = &self.profile {
            add("daogou.prompt_profile", string_value(profile));
        }
        pairs
    }
}

const MERGES: [(&str, &str); 8] =
    [("i", "n"), ("t", "e"), ("n", "t"), ("in", "te"), ("inte", "nt"), ("y", "e"), ("ye", "s"), ("n", "o")];

/// GPT-2's 256 bytes as printable characters, merges, and the control tokens.
fn bpe_vocabulary() -> Vec<(String, i32)> {
    let mut next = 256_u32;
    let mut tokens: Vec<(String, i32)> = (0_u32..256)
        .map(|byte| {
            let printable = matches!(byte, 33..=126 | 161..=172 | 174..=255);
            let code = if printable {
                byte
            } else {
                next += 1;
                next - 1
            };
            (char::from_u32(code).expect("a character").to_string(), NORMAL)
        })
        .collect();
    tokens.extend(MERGES.iter().map(|(one, other)| (format!("{one}{other}"), NORMAL)));
    tokens.extend(["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(|text| (text.to_owned(), CONTROL)));
    tokens
}

/// Control tokens, byte fallback, printable ASCII, a few Han characters and longer pieces.
fn spm_vocabulary() -> Vec<(String, i32)> {
    let mut tokens = vec![("<unk>".to_owned(), UNKNOWN)];
    tokens.extend(["<s>", "</s>", "<|im_start|>", "<|im_end|>"].map(|text| (text.to_owned(), CONTROL)));
    tokens.extend((0..256).map(|byte| (format!("<0x{byte:02X}>"), BYTE)));
    tokens.extend(["yes", "no", "intent"].map(|text| (text.to_owned(), NORMAL)));
    tokens.extend(["▁"].map(|text| (text.to_owned(), NORMAL)));
    tokens.extend((b'!'..=b'~').map(|byte| (char::from(byte).to_string(), NORMAL)));
    tokens.extend("羽绒服冬天黑色跑鞋".chars().map(|character| (character.to_string(), NORMAL)));
    tokens.extend(["ye", "in", "te", "nt", "inte"].map(|text| (text.to_owned(), NORMAL)));
    tokens
}

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 + 0.5) / (1_u64 << 24) as f32
    }

    fn normal(&mut self) -> f32 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f32::consts::TAU * self.uniform()).cos()
    }
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}

fn value(kind: u32, bytes: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), bytes].concat()
}

fn u32_value(number: u32) -> Vec<u8> {
    value(4, &number.to_le_bytes())
}

fn f32_value(number: f32) -> Vec<u8> {
    value(6, &number.to_le_bytes())
}

fn bool_value(truth: bool) -> Vec<u8> {
    value(7, &[u8::from(truth)])
}

fn string_value(string: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    text(&mut bytes, string);
    value(8, &bytes)
}

fn array(kind: u32, length: usize, items: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend((length as u64).to_le_bytes());
    items(&mut bytes);
    value(9, &bytes)
}

fn strings_value(strings: &[impl AsRef<str>]) -> Vec<u8> {
    array(8, strings.len(), |bytes| strings.iter().for_each(|string| text(bytes, string.as_ref())))
}

fn i32s_value(numbers: &[i32]) -> Vec<u8> {
    array(5, numbers.len(), |bytes| numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes())))
}

fn f32s_value(numbers: &[f32]) -> Vec<u8> {
    array(6, numbers.len(), |bytes| numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes())))
}
