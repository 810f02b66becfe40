//! Which line of a listing, or of its reviews, answers a question about a product: a small linear ranker.
//!
//! The weights were fitted by listwise logistic regression on half of ePQA's and hetPQA's development questions (CDLA-Sharing-1.0):
//! P@1 .675 and .670 on that half, .662 and .737 on the other, which was only measured. Pure; picks lines, never words them. Called by
//! `inquire`.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::language::is_han;

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An attribute: `name: value`.
    Attribute,
    /// A selling point.
    Highlight,
    /// A sentence of the description.
    Description,
    /// A sentence of a buyer's review.
    Review,
    /// What another shopper answered.
    Answer,
}

/// One line that may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands.
    pub source: Source,
    /// Its words; of an attribute `name: value`.
    pub text: String,
}

/// A line with how well it answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Its place among the lines.
    pub place: usize,
    /// Higher is better; comparable within one question only.
    pub score: f32,
    /// Whether it speaks of enough of the question to be said to answer.
    pub speaks: bool,
}

/// What questions are about, under the words for it in both languages.
const SUBJECTS: &[&str] = &[
    "big large size dimension dimensions measure measurement measurements tall wide width height length long inch inches cm feet ft diameter deep depth thick thickness high mm small 尺寸 多大 大小 长度 宽度 高度 厚度 直径 多长 多高 多宽 多厚 规格 厘米 毫米",
    "weigh weight heavy light pound pounds lb lbs kg ounce ounces oz gram grams 重量 多重 重不重 净重 克 公斤",
    "material fabric plastic metal wood wooden leather cotton polyester steel aluminum glass rubber silicone nylon vinyl 材质 面料 材料 什么做的 布料 填充 内胆",
    "fit compatible compatibility work works support supports match 适用 兼容 适配 支持 能用 装得下 放得下 匹配 适合",
    "include includes included comes come component components package contain contains box accessory accessories attached 包含 配件 附带 送 清单 套装 有没有带",
    "country origin made manufactured china usa america germany japan import 产地 哪里产 国产 进口 生产",
    "color colour colors colours black white red blue green silver pink gray grey brown 颜色 色",
    "wash washable clean cleaning washing machine dishwasher care wipe 洗 机洗 手洗 清洁 清洗 护理 保养",
    "warranty guarantee return replace replacement 保修 质保",
    "assemble assembly install installation setup instruction instructions mount put together 安装 组装",
    "age old year years kid kids child children toddler baby adult month months 岁 年龄 适合人群 儿童 宝宝 孩子",
    "noise noisy loud quiet sound volume silent 噪音 声音 静音 吵 分贝",
    "waterproof water resistant rain wet outdoor weather proof 防水 防雨 下雨 防泼水",
    "last durable durability lasting sturdy strong break broke quality 耐用 结实 质量 耐磨",
    "battery batteries charge charger charging rechargeable power cord plug electric volt volts voltage watt watts amp amps lithium 电池 续航 充电 电压 功率 插电",
    "quantity many count pack pieces piece number set pcs each per 几个 几件 多少个 几只 数量 一盒 一包",
    "ingredient ingredients gluten sugar calories organic natural contain flavor flavour taste serving 成分 配料 含糖 口味 味道",
    "smell scent odor odour fragrance 气味 味道 异味 香味",
    "speed fast slow rpm mph 速度 转速 快",
    "capacity hold holds gallon liter litre quart cup gb storage memory 容量 多少升 内存 存储",
    "connect connection bluetooth wifi usb wireless port cable hdmi 蓝牙 接口 连接 无线",
    "comfort comfortable soft hard firm 舒服 舒适 软 硬",
    "hot cold temperature heat warm degree degrees cool 保暖 温度 保温 散热 暖和 凉",
    "window windows mac os linux android ios software operating system 系统",
    "thin thickness stretch stretchy elastic tight loose true sizing 弹力 弹性 偏大 偏小 修身 宽松 合身 码",
    "season winter summer spring autumn fall 季节 冬天 夏天 春秋",
    "allergy sensitive skin safe bpa toxic 敏感 过敏 安全 无毒 肤质",
    "price cost expensive cheap 多少钱 价格 价钱 几块 贵不贵",
    "stock available availability 库存 有货 现货 缺货",
    "brand maker 品牌 牌子",
    "expire expiry shelf life fresh date 保质期 新鲜",
];

/// Words that say nothing of the subject.
const STOP: &str = "a an the is are was were be been do does did it its this that these those i you he she we they my your of in on at to for \
from with and or if can could will would have has had as by so what how any there not but me am one when which who please anyone know \
tell hello hi thanks also just get got use want need product item say said look thing make come new don doesn isn into up out 这个 那个 这款 那款 \
第一 第二 第三 一款 请问 可以 怎么 怎样 什么 有没 没有 是不 不是 是否 能不 不能 多少 吗 呢";

/// Attributes that seldom answer.
const FORMAL: &[&str] =
    &["brand", "manufacturer", "part_number", "model_number", "model_name", "target_gender", "品牌"];

const NUMBER_QUESTION: &str = r"\b(how (many|much|long|big|tall|wide|deep|thick|heavy|high|large|far|fast|old|often|small|hot|loud)|dimension|measure|what size|size of|what is the (size|weight|height|length|width|depth|diameter|capacity|voltage|wattage|volume)|weigh|diameter|length|width|height)\b|多[少大长高宽厚重久快远深]|几[个件只克斤升寸码岁天小年]|尺寸|重量|容量|规格";
const MEASURE: &str = r#"\d[\d./]*\s*("|inch|inches|in\b|cm|mm|ft|feet|foot|lb|lbs|pounds?|kg|oz|ounces?|gb|tb|mah|watts?|w\b|volts?|v\b|hours?|minutes?|days?|years?|months?|gallons?|quarts?|liters?|ml|degrees?|%|x\b|厘米|毫米|克|公斤|升|寸|小时|分钟|岁|码|瓦|米)|unit:"#;
const YES_NO: &str = r"^\W*(is|are|does|do|can|will|would|has|have|did|could|should|was|were)\b|[,.?!] *(is|are|does|do|can|will|would|has|have) (it|this|these|they|the|you|there|i)\b|吗|能不能|是不是|有没有|可不可以|会不会";
const SAYS_YES_NO: &str = r"^\W*(yes|no|yeah|yep|nope|it (does|is|will|can)|they (do|are))\b";
const ATTRIBUTE_NAME: &str = r"^([a-z_]{3,50}):";

struct Patterns {
    number_question: Option<Regex>,
    measure: Option<Regex>,
    yes_no: Option<Regex>,
    says_yes_no: Option<Regex>,
    attribute_name: Option<Regex>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    number_question: Regex::new(NUMBER_QUESTION).ok(),
    measure: Regex::new(MEASURE).ok(),
    yes_no: Regex::new(YES_NO).ok(),
    says_yes_no: Regex::new(SAYS_YES_NO).ok(),
    attribute_name: Regex::new(ATTRIBUTE_NAME).ok(),
});
static STOPPED: LazyLock<BTreeSet<String>> = LazyLock::new(|| STOP.split_whitespace().map(stem).collect());
static SUBJECT_OF: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut subjects: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, words) in SUBJECTS.iter().enumerate() {
        for word in words.split_whitespace() {
            subjects.entry(stem(word)).or_default().push(place);
        }
    }
    subjects
});

fn fits(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The least share of the question that a line must speak of, subjects counting half.
const SPEAKS: f32 = 0.34;

/// The lines by how well they answer, best first. Their own order decides ties alone.
pub fn select(question: &str, lines: &[Line]) -> Vec<Choice> {
    let asked = Asked::new(question);
    let texts: Vec<Text> = lines.iter().map(Text::new).collect();
    let weights = asked.weights(&texts);
    let mean = texts.iter().map(|text| text.tokens.len()).sum::<usize>() as f32 / texts.len().max(1) as f32;
    let matches: Vec<f32> = texts.iter().map(|text| text.bm25(&weights, mean.max(1.0))).collect();
    let best = matches.iter().copied().fold(0.0, f32::max).max(f32::MIN_POSITIVE);
    let mut choices: Vec<Choice> = (0..lines.len())
        .map(|place| {
            let likeness = likeness(&texts, place);
            let (score, speaks) = asked.score(&lines[place], &texts[place], &weights, matches[place], best, likeness);
            Choice { place, score, speaks }
        })
        .collect();
    choices.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.place.cmp(&other.place)));
    choices
}

/// How much a line shares with the others, about 0–1.
fn likeness(texts: &[Text], place: usize) -> f32 {
    let own = &texts[place].words;
    let shared = |other: &Text| {
        let both = own.intersection(&other.words).count();
        both as f32 / (1 + own.union(&other.words).count()) as f32
    };
    let sum: f32 = texts.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, text)| shared(text)).sum();
    3.0 * sum / (texts.len().saturating_sub(1).max(1)) as f32
}

struct Text {
    lower: String,
    tokens: Vec<String>,
    words: BTreeSet<String>,
    subjects: BTreeSet<usize>,
    name: Option<String>,
    name_words: BTreeSet<String>,
    name_subjects: BTreeSet<usize>,
}

impl Text {
    fn new(line: &Line) -> Self {
        let lower = line.text.to_lowercase();
        let named = match line.source {
            Source::Attribute => lower.split([':', '：']).next().map(|name| name.trim().replace(' ', "_")),
            _ => PATTERNS
                .attribute_name
                .as_ref()
                .and_then(|pattern| Some(pattern.captures(&lower)?.get(1)?.as_str().to_owned())),
        };
        let plain = if named.is_some() {
            let words = lower.replace('_', " ");
            words
                .split(' ')
                .filter(|word| !["value", "unit"].contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            lower.clone()
        };
        let tokens = tokens(&plain);
        let words: BTreeSet<String> = tokens.iter().cloned().collect();
        let name_words: BTreeSet<String> =
            named.iter().flat_map(|name| self::tokens(&name.replace('_', " "))).collect();
        let subjects = subjects(&lower, words.iter());
        let name_subjects = subjects_of_name(named.as_deref(), &name_words);
        Self { lower, tokens, words, subjects, name: named, name_words, name_subjects }
    }

    fn bm25(&self, weights: &HashMap<String, f32>, mean: f32) -> f32 {
        let norm = 1.2 * (0.4 + 0.6 * self.tokens.len() as f32 / mean);
        weights
            .iter()
            .map(|(word, weight)| (weight, self.tokens.iter().filter(|token| *token == word).count() as f32))
            .map(|(weight, count)| weight * count * 2.2 / (count + norm))
            .sum()
    }
}

fn subjects_of_name(name: Option<&str>, words: &BTreeSet<String>) -> BTreeSet<usize> {
    name.map(|name| subjects(name, words.iter())).unwrap_or_default()
}

/// What a text is about: by its words, and by Chinese words that stand in it.
fn subjects<'a>(text: &str, words: impl Iterator<Item = &'a String>) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = words.filter_map(|word| SUBJECT_OF.get(word)).flatten().copied().collect();
    if text.contains(is_han) {
        let stands = |word: &str| word.starts_with(is_han) && text.contains(word);
        let named = SUBJECTS.iter().enumerate().filter(|(_, words)| words.split_whitespace().any(stands));
        found.extend(named.map(|(place, _)| place));
    }
    found
}

struct Asked {
    all: Vec<String>,
    telling: Vec<String>,
    pairs: BTreeSet<(String, String)>,
    subjects: BTreeSet<usize>,
    wants_number: bool,
    yes_no: bool,
}

impl Asked {
    fn new(question: &str) -> Self {
        let lower = question.to_lowercase();
        let all = tokens(&lower);
        let mut telling: Vec<String> = Vec::new();
        for token in all.iter().filter(|token| !STOPPED.contains(*token)) {
            if !telling.contains(token) {
                telling.push(token.clone());
            }
        }
        let pairs = all.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let subjects = subjects(&lower, all.iter());
        let wants_number = fits(&PATTERNS.number_question, &lower);
        Self { all, telling, pairs, subjects, wants_number, yes_no: fits(&PATTERNS.yes_no, &lower) }
    }

    /// How much each word of the question counts: more when few lines have it, when it is long, and when it is telling.
    fn weights(&self, texts: &[Text]) -> HashMap<String, f32> {
        let count = texts.len() as f32;
        let rarest = (1.0 + (count + 0.5) / 0.5).ln().max(f32::MIN_POSITIVE);
        self.all
            .iter()
            .map(|word| {
                let having = texts.iter().filter(|text| text.words.contains(word)).count() as f32;
                let rarity = (1.0 + (count - having + 0.5) / (having + 0.5)).ln() / rarest;
                let telling = if STOPPED.contains(word) { 0.25 } else { 1.0 };
                let length = 0.8 + 0.05 * word.chars().count().min(8) as f32;
                (word.clone(), telling * (0.6 + 0.4 * rarity) * length)
            })
            .collect()
    }

    fn score(
        &self,
        line: &Line,
        text: &Text,
        weights: &HashMap<String, f32>,
        matched: f32,
        best: f32,
        likeness: f32,
    ) -> (f32, bool) {
        let weight = |word: &String| weights.get(word).copied().unwrap_or_default();
        let total = self.telling.iter().map(weight).sum::<f32>().max(f32::MIN_POSITIVE);
        let has = |word: &&String| text.words.contains(*word);
        let begins = |word: &&String| {
            let start: String = word.chars().take(5).collect();
            word.len() > 4 && !text.words.contains(*word) && text.words.iter().any(|own| own.starts_with(&start))
        };
        let covered = self.telling.iter().filter(has).map(weight).sum::<f32>() / total;
        let nearly = self.telling.iter().filter(begins).map(weight).sum::<f32>() / total;
        let telling = self.telling.iter().filter(has).map(weight).fold(0.0, f32::max);
        let subject = self.subjects.intersection(&text.subjects).count() as f32 / self.subjects.len().max(1) as f32;
        let pairs = text.tokens.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect::<BTreeSet<_>>();
        let pair = self.pairs.intersection(&pairs).count() as f32 / self.pairs.len().max(1) as f32;
        let flag = |condition: bool| f32::from(u8::from(condition));
        let named = text.name.is_some();
        let name_asked = self.telling.iter().any(|word| text.name_words.contains(word));
        let name_subject = !self.subjects.is_disjoint(&text.name_subjects);
        let digits = text.lower.contains(|c: char| c.is_ascii_digit());
        let measures = fits(&PATTERNS.measure, &text.lower);
        let formal = text.name.as_deref().is_some_and(|name| {
            FORMAL.contains(&name)
                || name.contains("package_")
                || name.starts_with("website_")
                || name.starts_with("is_fragile")
        });
        let says = fits(&PATTERNS.says_yes_no, &text.lower);
        let boolean = text.lower.contains("value:true") || text.lower.contains("value:false");
        let length = text.tokens.len();
        let features = [
            (1.32, matched / best),
            (1.49, matched / (1.0 + matched)),
            (1.76, covered),
            (3.0, nearly),
            (1.6, subject),
            (-0.33, pair),
            (0.72, flag(named)),
            (-0.04, flag(named && name_asked)),
            (1.22, flag(named && name_subject)),
            (-0.46, flag(named && !name_asked && !name_subject)),
            (-0.2, flag(formal)),
            (1.12, flag(line.source == Source::Review)),
            (1.22, flag(line.source == Source::Answer)),
            (0.57, flag(line.source == Source::Highlight)),
            (2.63, flag(self.wants_number && digits)),
            (-0.56, flag(self.wants_number && measures)),
            (1.59, flag(self.yes_no && says)),
            (0.34, (1.0 + length as f32).ln() / 4.0),
            (-1.49, flag(length < 4)),
            (0.35, flag(length > 60)),
            (0.62, flag(matched == 0.0)),
            (-0.4, flag(self.yes_no && named && boolean)),
            (0.31, telling),
            (0.09, flag(text.lower.trim_end().ends_with('?'))),
            (1.44, likeness),
            (-0.92, covered * subject),
            (-0.64, flag(named && self.wants_number && measures)),
        ];
        let score = features.iter().map(|(weight, value)| weight * value).sum();
        let speaks = covered + nearly * 0.8 + 0.5 * subject + flag(named && (name_asked || name_subject)) * 0.5;
        (score, speaks >= SPEAKS)
    }
}

/// English words folded and stemmed, numbers, and pairs of neighbouring Han characters.
fn tokens(lower: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut last_han: Option<char> = None;
    let flush = |word: &mut String, tokens: &mut Vec<String>| {
        let taken = std::mem::take(word);
        let trimmed = taken.trim_end_matches('.');
        if !trimmed.is_empty() {
            tokens.push(stem(trimmed));
        }
    };
    for character in lower.chars() {
        let point = character == '.' && word.ends_with(|c: char| c.is_ascii_digit());
        if character.is_ascii_alphanumeric() || point {
            word.push(character);
            last_han = None;
            continue;
        }
        flush(&mut word, &mut tokens);
        last_han = match (last_han, is_han(character)) {
            (Some(before), true) => {
                tokens.push([before, character].iter().collect());
                Some(character)
            }
            (None, true) => Some(character),
            _ => None,
        };
    }
    flush(&mut word, &mut tokens);
    tokens
}

/// A word without plural, `-ing`, `-ed` and a last `e` or `y`.
fn stem(word: &str) -> String {
    let mut base = word.to_owned();
    if !base.is_ascii() {
        return base;
    }
    if base.len() > 3 {
        if let Some(rest) = base.strip_suffix("ies") {
            base = format!("{rest}y");
        } else if let Some(rest) = base.strip_suffix("es").filter(|rest| rest.ends_with(['s', 'x', 'z', 'h'])) {
            base = rest.to_owned();
        } else if base.ends_with('s') && !["ss", "us", "is"].iter().any(|end| base.ends_with(end)) {
            base.pop();
        }
    }
    for ending in ["ing", "ed"] {
        if let Some(rest) = base.strip_suffix(ending).filter(|rest| rest.len() > 2) {
            let bytes = rest.as_bytes();
            let last = bytes[bytes.len() - 1];
            let doubled = bytes.len() > 3 && bytes[bytes.len() - 2] == last && !b"ls".contains(&last);
            base = rest[..rest.len() - usize::from(doubled)].to_owned();
            break;
        }
    }
    if base.len() > 3 && base.ends_with('e') {
        base.pop();
    }
    if base.len() > 3 && base.ends_with('y') {
        base.pop();
        base.push('i');
    }
    base
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;

    use super::*;

    fn lines(texts: &[(Source, &str)]) -> Vec<Line> {
        texts.iter().map(|(source, text)| Line { source: *source, text: (*text).into() }).collect()
    }

    #[test]
    fn the_line_that_speaks_of_the_question_comes_first_in_either_language() {
        let jacket = lines(&[
            (Source::Attribute, "colour: black"),
            (Source::Attribute, "weight: 620 g"),
            (Source::Description, "Do not machine wash; wipe the shell with a damp cloth."),
            (Source::Review, "It arrived in two days."),
        ]);
        assert_eq!(select("can I put it in the washing machine?", &jacket)[0].place, 2);
        assert_eq!(select("how heavy is it", &jacket)[0].place, 1);
        let zh = lines(&[
            (Source::Attribute, "颜色：黑色"),
            (Source::Description, "不可机洗，用湿布擦拭表面"),
            (Source::Review, "物流很快"),
        ]);
        let best = select("能机洗吗", &zh)[0];
        assert!(best.place == 1 && best.speaks);
    }

    #[test]
    fn what_no_line_speaks_of_is_not_said_to_be_answered() {
        let cup = lines(&[(Source::Attribute, "colour: blue"), (Source::Description, "A mug of glazed stoneware.")]);
        assert!(select("is there a bluetooth app for it?", &cup).iter().all(|choice| !choice.speaks));
    }

    #[derive(Deserialize)]
    struct Candidate {
        text: String,
        source: String,
        label: u8,
    }

    #[derive(Deserialize)]
    struct Asked {
        question: String,
        candidates: Vec<Candidate>,
    }

    /// Precision of the first choice over the questions that have an answer: of ePQA's the full ones (label 2).
    #[test]
    fn the_chosen_evidence_is_right_often_enough() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/answers/pqa_en");
        let folder = std::env::var_os("DAOGOU_PQA").map_or(folder, Into::into);
        for (file, full) in [("epqa_dev.jsonl", 2), ("hetpqa_dev.jsonl", 1)] {
            let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
                println!("skipped: {file} is not in {} (set DAOGOU_PQA)", folder.display());
                continue;
            };
            let (mut asked_for, mut right, mut supported) = (0u32, 0u32, 0u32);
            for line in text.lines() {
                let asked: Asked = serde_json::from_str(line).expect("a question");
                if asked.candidates.iter().any(|candidate| candidate.label >= full) {
                    let lines: Vec<Line> = asked.candidates.iter().map(line_of).collect();
                    let best = asked.candidates[select(&asked.question, &lines)[0].place].label;
                    asked_for += 1;
                    right += u32::from(best >= full);
                    supported += u32::from(best > 0);
                }
            }
            let share = |count: u32| f64::from(count) / f64::from(asked_for.max(1));
            println!("{file}: P@1 {:.3}, any support {:.3}, n {asked_for}", share(right), share(supported));
            assert!(share(right) >= 0.66, "{file}: P@1 {:.3}", share(right));
        }
    }

    fn line_of(candidate: &Candidate) -> Line {
        let source = match candidate.source.to_lowercase().as_str() {
            "attribute" => Source::Attribute,
            "bullet" => Source::Highlight,
            "review" => Source::Review,
            "cqa" => Source::Answer,
            _ => Source::Description,
        };
        Line { source, text: candidate.text.clone() }
    }
}
