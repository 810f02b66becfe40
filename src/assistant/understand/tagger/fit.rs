//! Fits the span tagger on labelled messages: the averaged structured perceptron, on the messages as written and on copies whose
//! spans were exchanged for others or for words that do not exist, with known words hidden now and then.
//!
//! Without the copies and the hiding it would learn the words instead of what stands around them. Repeatable by its seed.

use std::collections::HashMap;

use super::features::{Seen, features, tokens};
use super::{LABELS, Tagger, allowed, labels_of, viterbi};
use crate::assistant::understand::labelled::Labelled;
use crate::assistant::understand::message::Message;
use crate::assistant::understand::rules;
use crate::assistant::understand::span::{Slot, Span};
use crate::assistant::understand::vocabulary::Vocabulary;
use crate::domain::language::{Language, is_han};

/// How a tagger is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Passes over the messages.
    pub epochs: usize,
    /// Share of spans exchanged in a copy.
    pub exchanged: f64,
    /// Of these, the share that becomes a word that does not exist.
    pub made_up: f64,
    /// Share of messages whose known words are hidden, and as much again of single words.
    pub hidden: f64,
    /// Weights smaller than this are dropped at the end.
    pub smallest: f32,
    /// Starts the random numbers.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { epochs: 12, exchanged: 0.5, made_up: 0.35, hidden: 0.25, smallest: 0.02, seed: 1 }
    }
}

/// Fits a tagger. `report` is told the share of wrong tokens after each pass.
pub fn fit(
    messages: &[Labelled],
    vocabulary: &Vocabulary,
    recipe: &Recipe,
    mut report: impl FnMut(usize, f64),
) -> Tagger {
    let mut random = Random::new(recipe.seed);
    let pool = Pool::new(messages);
    let mut perceptron = Perceptron::default();
    let mut order: Vec<usize> = (0..messages.len()).collect();
    for epoch in 0..recipe.epochs {
        random.shuffle(&mut order);
        let (mut wrong, mut total) = (0usize, 0usize);
        for &index in &order {
            let copy;
            let message = match epoch % 2 {
                0 => &messages[index],
                _ => {
                    copy = pool.exchange(&messages[index], recipe, &mut random);
                    &copy
                }
            };
            let (errors, count) = perceptron.learn(message, vocabulary, recipe, &mut random);
            wrong += errors;
            total += count;
        }
        report(epoch + 1, wrong as f64 / total.max(1) as f64);
    }
    perceptron.average(recipe.smallest)
}

struct Weights {
    now: [f32; LABELS],
    sum: [f32; LABELS],
}

#[derive(Default)]
struct Perceptron {
    weights: HashMap<u32, Box<Weights>>,
    transitions: Vec<f32>,
    transition_sums: Vec<f32>,
    step: f32,
}

impl Perceptron {
    fn learn(
        &mut self,
        labelled: &Labelled,
        vocabulary: &Vocabulary,
        recipe: &Recipe,
        random: &mut Random,
    ) -> (usize, usize) {
        self.transitions.resize(LABELS * LABELS, 0.0);
        self.transition_sums.resize(LABELS * LABELS, 0.0);
        let message = Message::new(&labelled.text);
        let ruling = rules::read(&message, &labelled.context);
        let mut known = vocabulary.find(&message);
        if random.chance(recipe.hidden) {
            known.clear();
        } else {
            known.retain(|_| !random.chance(recipe.hidden));
        }
        let seen = Seen {
            message: &message,
            context: &labelled.context,
            intent: labelled.intent,
            known: &known,
            ruling: &ruling,
        };
        let tokens = tokens(&message);
        let found = features(&seen, &tokens);
        let scores: Vec<[f32; LABELS]> = found.iter().map(|features| self.emission(features)).collect();
        let spans: Vec<Span> = labelled.spans.iter().filter(|span| span.slot.suits(labelled.intent)).cloned().collect();
        let wanted = labels_of(&tokens, &spans);
        let guessed = viterbi(&scores, &self.transitions, &allowed(labelled.intent));
        self.step += 1.0;
        let wrong = wanted.iter().zip(&guessed).filter(|(a, b)| a != b).count();
        if wrong > 0 {
            for (token, features) in found.iter().enumerate().filter(|(token, _)| wanted[*token] != guessed[*token]) {
                self.update(features, wanted[token], 1.0);
                self.update(features, guessed[token], -1.0);
            }
            for token in 1..wanted.len() {
                self.update_transition(wanted[token - 1], wanted[token], 1.0);
                self.update_transition(guessed[token - 1], guessed[token], -1.0);
            }
        }
        (wrong, wanted.len())
    }

    fn emission(&self, features: &[u32]) -> [f32; LABELS] {
        let mut scores = [0.0; LABELS];
        for weights in features.iter().filter_map(|feature| self.weights.get(feature)) {
            for (score, weight) in scores.iter_mut().zip(&weights.now) {
                *score += weight;
            }
        }
        scores
    }

    fn update(&mut self, features: &[u32], label: usize, change: f32) {
        for feature in features {
            let empty = || Box::new(Weights { now: [0.0; LABELS], sum: [0.0; LABELS] });
            let weights = self.weights.entry(*feature).or_insert_with(empty);
            weights.now[label] += change;
            weights.sum[label] += change * self.step;
        }
    }

    fn update_transition(&mut self, from: usize, to: usize, change: f32) {
        self.transitions[from * LABELS + to] += change;
        self.transition_sums[from * LABELS + to] += change * self.step;
    }

    /// The mean of the weights over all steps, which generalises better than the last ones (Freund and Schapire 1999).
    fn average(self, smallest: f32) -> Tagger {
        let step = self.step.max(1.0);
        let mean = |now: f32, sum: f32| now - sum / step;
        let mut weights = HashMap::new();
        for (feature, pair) in self.weights {
            let means = (0..LABELS).map(|label| (label as u8, mean(pair.now[label], pair.sum[label])));
            let means: Vec<(u8, f32)> = means.filter(|(_, weight)| weight.abs() >= smallest).collect();
            if !means.is_empty() {
                weights.insert(feature, means);
            }
        }
        let transitions =
            self.transitions.iter().zip(&self.transition_sums).map(|(now, sum)| mean(*now, *sum)).collect();
        Tagger { weights, transitions }
    }
}

/// Spans to exchange others for, by language and slot.
pub struct Pool {
    spans: HashMap<(Language, Slot), Vec<String>>,
}

impl Pool {
    /// The spans of these messages.
    pub fn new(messages: &[Labelled]) -> Self {
        let mut spans: HashMap<(Language, Slot), Vec<String>> = HashMap::new();
        for message in messages {
            for span in &message.spans {
                let words = message.words(span);
                spans.entry((language_of(&words), span.slot)).or_default().push(words);
            }
        }
        Self { spans }
    }

    /// A copy with some spans exchanged for others of their kind.
    pub fn exchange(&self, message: &Labelled, recipe: &Recipe, random: &mut Random) -> Labelled {
        let characters: Vec<char> = message.text.chars().collect();
        let mut copy = Labelled { text: String::new(), spans: Vec::new(), ..message.clone() };
        let mut end = 0;
        for span in &message.spans {
            copy.text.extend(&characters[end..span.range.start]);
            let start = copy.text.chars().count();
            let words = message.words(span);
            let words =
                if random.chance(recipe.exchanged) { self.other(&words, span.slot, recipe, random) } else { words };
            copy.text.push_str(&words);
            copy.spans.push(Span::new(span.slot, start..start + words.chars().count()));
            end = span.range.end;
        }
        copy.text.extend(&characters[end..]);
        copy
    }

    fn other(&self, words: &str, slot: Slot, recipe: &Recipe, random: &mut Random) -> String {
        let language = language_of(words);
        let can_be_made_up =
            matches!(slot, Slot::Query | Slot::Brand | Slot::Feature | Slot::Exclude | Slot::Material | Slot::Use);
        if can_be_made_up && random.chance(recipe.made_up) {
            return made_up(language, slot, words, random);
        }
        match self.spans.get(&(language, slot)) {
            Some(others) => others[random.below(others.len())].clone(),
            None => words.to_owned(),
        }
    }
}

fn language_of(words: &str) -> Language {
    if words.chars().any(is_han) { Language::Zh } else { Language::En }
}

/// A word that does not exist; it keeps the last character or word of a product's name half of the time, as unknown names do.
fn made_up(language: Language, slot: Slot, words: &str, random: &mut Random) -> String {
    let keeps_tail = slot == Slot::Query && random.chance(0.5);
    if language == Language::Zh {
        let characters: Vec<char> = COMMON_HAN.chars().collect();
        let count = 1 + random.below(3);
        let mut word: String = (0..count).map(|_| characters[random.below(characters.len())]).collect();
        word.extend(words.chars().last().filter(|_| keeps_tail));
        return word;
    }
    let syllables = 1 + random.below(3);
    let mut word: String = (0..syllables)
        .map(|_| format!("{}{}", ONSETS[random.below(ONSETS.len())], CORES[random.below(CORES.len())]))
        .collect();
    word.push_str(CODAS[random.below(CODAS.len())]);
    if slot == Slot::Brand && random.chance(0.6) {
        word[..1].make_ascii_uppercase();
    }
    match words.rsplit(' ').next().filter(|_| keeps_tail && words.contains(' ')) {
        Some(tail) => format!("{word} {tail}"),
        None => word,
    }
}

const ONSETS: [&str; 20] =
    ["b", "br", "ch", "d", "dr", "f", "g", "gr", "k", "kl", "l", "m", "n", "p", "qu", "sk", "st", "t", "v", "z"];
const CORES: [&str; 10] = ["a", "e", "i", "o", "u", "ai", "ee", "oo", "or", "en"];
const CODAS: [&str; 8] = ["", "n", "x", "sh", "ra", "lo", "ck", "dge"];
const COMMON_HAN: &str = "云木星河光岩沐禾川岚澄棠雅森羽鹿泊溪澜朴橙果竹晴晓舟帆石麦糖豆朵米贝盾翼锐驰格创捷迈卓凡博汇联达通科能源力动智慧优品尚美丽佳乐欢享悦安康宁静和平顺吉祥福禄寿喜财宝珍奇异彩霞虹雪霜露雾雷电火土金银铜铁锡钢铝钛器机灯包鞋垫架盒刷杯壶锅椅柜帽衣裤袋膜线仪笔板贴棒球车床枕毯膏油粉茶饼套夹扇桶刀";

/// A small generator of random numbers (xorshift64*, Vigna 2016): fitting needs repeatability, not secrecy.
pub struct Random(u64);

impl Random {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 33) as usize) % limit.max(1)
    }

    /// Yes, so often.
    pub fn chance(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64 <= share
    }

    /// Brings into another order.
    pub fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::labelled;

    #[test]
    fn the_words_around_teach_more_than_the_words() {
        let lines: String = ["帐篷", "雨伞", "茶壶", "水杯", "跑鞋"]
            .iter()
            .flat_map(|noun| {
                [format!("search | - | 我想买[{noun}](query)\n"), format!("search | - | 不要[{noun}](exclude)的\n")]
            })
            .collect();
        let messages = labelled::read(&lines).expect("lines");
        let tagger = fit(&messages, &Vocabulary::default(), &Recipe { epochs: 10, ..Recipe::default() }, |_, _| {});
        let message = Message::new("我想买嘟噜");
        let context = Default::default();
        let ruling = rules::read(&message, &context);
        let seen = Seen {
            message: &message,
            context: &context,
            intent: crate::domain::intent::IntentKind::Search,
            known: &[],
            ruling: &ruling,
        };
        assert_eq!(tagger.tag(&seen, &[], 0.0), [Span::new(Slot::Query, 3..5)]);
    }
}
