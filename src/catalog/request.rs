//! A shopper's words into search units: what is wanted, without the words of asking and without amounts of money.
//!
//! Knows no index, only which Chinese words there are. Prices in a text are words of asking here; limits on price come in as filters. Called by `score`.

use std::collections::HashSet;

use regex::Regex;

use super::fold::fold;
use super::tokens::{Grain, Token, Tokenizer};
use crate::domain::language::is_han;

/// Amounts of money with their comparisons, and conditions of service; taken out of the text before it is cut.
const ASKED_ASIDE: &[&str] = &[
    r"(?:\b(?:that|which|and|is|are|it)\s+)*(?:\b(?:priced?|prices?|pricing|costs?|costing|budget|worth)\b\s*(?:range|point|tag|of|is|should be|to be|at|it|them)?\s*)(?:(?:anywhere\s+)?(?:under|below|above|over|about|around|between|from|within|up to|at least|at most|less than|more than|greater than|higher than|lower than|no more than|cheaper than|exceeding|starting (?:at|from)|near|to|or more|or less)\s*)*(?:[$¥€£₱]|us\$|php|rmb|cny|usd|eur)?\s*\d[\d,.]*k?\s*(?:php|pesos?|dollars?|bucks|usd|rmb|cny|yuan|eur|euros?|pounds)?(?:\s*(?:-|–|to|and)\s*(?:[$¥€£₱]|php)?\s*\d[\d,.]*k?)?\s*(?:php|pesos?|dollars?|bucks|usd|rmb|cny|yuan|eur|euros?|pounds)?",
    r"(?:\b(?:under|below|above|over|about|around|between|from|within|up to|at least|at most|less than|more than|greater than|cheaper than|exceeding)\s*)*(?:[$¥€£₱]|\b(?:php|rmb|cny|usd|eur)\b)\s*\d[\d,.]*k?(?:\s*(?:-|–|to|and)\s*(?:[$¥€£₱]|php)?\s*\d[\d,.]*k?)?",
    r"(?:\b(?:under|below|above|over|about|around|between|from|within|up to|at least|at most|less than|more than|greater than|cheaper than|exceeding)\s*)*\b\d[\d,.]*k?(?:\s*(?:-|–|to|and)\s*\d[\d,.]*k?)?\s*(?:php|pesos?|dollars?|bucks|usd|rmb|cny|yuan|euros?)\b",
    r"\b(?:free|fast|quick|complimentary|express|same[- ]day|next[- ]day|international)\s+(?:shipping|delivery|returns?)\b|\bcash on delivery\b",
    r"(?:预算|价格|价位|售价)?(?:在|是|为)?(?:不超过|不要超过|别超过|不高于|低于|高于|超过|不低于|大概|大约|约)?\d[\d,.]*(?:k|千|万)?(?:[-~到至]\d[\d,.]*)?(?:元|块钱|块|人民币|rmb)(?:钱)?(?:以内|以下|之内|以上|左右|上下|之间|起)?",
    r"(?:预算|价格|价位|售价)(?:在|是|为)?(?:不超过|不要超过|别超过|不高于|低于|高于|超过|不低于|大概|大约|约)?\d[\d,.]*(?:k|千|万)?(?:[-~到至]\d[\d,.]*)?(?:以内|以下|之内|以上|左右|上下|之间|起)?",
];

/// Words that ask, link or measure out, and name no product.
const STOP_EN: &str = "a an and any are around as at available be been both but by can come comes could did do does doing don down_to each either else
etc ever every few find for from get getting give go going got had has have having help here hey hello hi how i id if im in into is isnt it its
ive just kind let lets like little looking look lot made make makes many may maybe me might more most much must my myself need needed needs no
not of off_of offer offers on once one ones only option options or other our out please prefer preferably preferred product products really
recommend recommendation recommendations request s search searching see sell selling shall she he should show showing since so some someone
something sort such suggest suggestion suggestions suitable t than thank thanks that the their them then there these they thing things this
those to too try trying under us use used using very via wanna want wanted wants was we well were what whats when where which while who will wish
with within without would ya you your yours featuring features feature includes include including comes category brand item items
priced price prices cost costs costing budget pesos peso php dollars dollar usd rmb cny yuan deals deal ideal ideally perfect good great
nice best also another about above below between over than type types sized anything buy buying purchase shop shopping order";

const STOP_ZH: &str = "的 了 吗 呢 吧 啊 呀 哦 嗯 么 我 你 您 他 她 它 我们 你们 咱 咱们 想 想要 想买 要 要买 需要 买 购买 选购 选 挑 挑选 求 求推荐 推荐 介绍
有 没有 有没有 有没 是 是否 在 和 与 或 或者 还是 及 以及 跟 给 帮 帮我 帮忙 请 请问 麻烦 一下 一款 一个 一件 一双 一条 一台 一部 一套 一只 一些 一点 点 些 个 件
款 双 条 台 部 只 把 张 瓶 盒 袋 找 找找 寻找 看 看看 看下 搜 搜索 查 查找 什么 什么样 哪些 哪个 哪款 哪种 那种 这种 这个 那个 这款 那款 多少 怎么 怎样 如何 能 能够 可以
可 会 就 都 也 还 再 又 很 非常 比较 更 最 最好 太 不 适合 合适 用 用来 用于 穿 穿的 戴 用的 的话 以内 以下 以上 左右 之间 元 块 块钱 钱 人民币 预算 价格 价位 价钱 之类
类 类型 种 样 东西 商品 产品 东东 好 好的 好用 好看 不错 谢谢 你好 您好 哈喽 嗨 店里 店 家 你们家 卖 卖的 货 现货 送 来 来个 来点 来一 上 下 里 中 对 让 把 被 从 到 去 又 而 但 但是
如果 因为 所以 平时 时候 时 的时候 出 一 二 两 几 几款 几个 拿 给我 我要 我想 想找";

/// Words after which a request says how the wanted thing should be.
const ASIDE_AFTER: &[&str] =
    &["with", "in", "that", "which", "made", "from", "for", "suitable", "featuring", "by", "at", "available"];

/// Longer Chinese words than this many characters are not cut further.
const MAX_COMPOUND: usize = 12;

/// One word of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// As tokens write it.
    pub token: String,
    /// As folded, before stemming.
    pub surface: String,
    /// Where it stands in the request.
    pub position: usize,
    /// Whether it stands outside the phrase that says what is wanted: after `with`, `made of`, a comma; before the last 的.
    pub aside: bool,
}

impl Unit {
    /// Whether it is a Chinese word.
    pub fn is_han(&self) -> bool {
        self.token.chars().all(is_han)
    }
}

/// Reads requests.
pub struct RequestReader {
    tokenizer: Tokenizer,
    aside: Vec<Regex>,
    stop: HashSet<&'static str>,
    /// Chinese words that products or synonyms have.
    known: HashSet<String>,
}

impl RequestReader {
    /// Prepares the patterns. A Chinese word that is not among the `known` ones is cut into those that are: `无线耳机` → `无线`, `耳机`.
    pub fn new(tokenizer: Tokenizer, known: HashSet<String>) -> Self {
        let aside = ASKED_ASIDE.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        let stop = STOP_EN.split_whitespace().chain(STOP_ZH.split_whitespace()).collect();
        Self { tokenizer, aside, stop, known }
    }

    /// The words that say what is wanted; all words when none but words of asking are left.
    pub fn units(&self, text: &str) -> Vec<Unit> {
        let folded = fold(text);
        let mut kept = folded.clone();
        for pattern in &self.aside {
            kept = pattern.replace_all(&kept, " ; ").into_owned();
        }
        let wanted = self.cut(&kept, true);
        if wanted.is_empty() { self.cut(&folded, false) } else { wanted }
    }

    /// Whether a word only asks, links or measures out.
    pub fn is_stop(&self, surface: &str) -> bool {
        self.stop.contains(surface)
    }

    fn cut(&self, folded: &str, drop_stops: bool) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        let mut base = 0;
        for clause in folded.split([',', ';', '，', '；', '。']) {
            let tokens = self.tokenizer.tokens(clause, Grain::Query);
            let next = tokens.iter().map(|token| token.position).max().map_or(base, |last| base + last + 10);
            let mut aside = !units.is_empty();
            let compounds: HashSet<usize> =
                tokens.iter().filter(|token| token.part && is_measure(token)).map(|token| token.position).collect();
            for Token { text, surface, position, part } in tokens {
                let plain_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let replaced = compounds.contains(&position) && plain_number;
                let joined = part && compounds.contains(&position) && !plain_number;
                if drop_stops && surface == "的" && base == 0 {
                    units.iter_mut().for_each(|unit| unit.aside = true);
                }
                aside |= !units.is_empty() && ASIDE_AFTER.contains(&surface.as_str());
                if (part && !joined) || replaced || (drop_stops && self.is_stop(&surface)) {
                    continue;
                }
                if let Some(pieces) = self.pieces(&text) {
                    for (start, piece) in pieces {
                        if !units.iter().any(|unit| unit.token == piece) {
                            let position = base + position + start;
                            units.push(Unit { token: piece.clone(), surface: piece, position, aside });
                        }
                    }
                } else if !units.iter().any(|unit| unit.token == text) {
                    units.push(Unit { token: text, surface, position: base + position, aside });
                }
            }
            base = next;
        }
        if units.iter().all(|unit| unit.aside) {
            units.iter_mut().for_each(|unit| unit.aside = false);
        }
        units
    }

    /// The known words that make up most of an unknown Chinese one, with where they begin; the fewest that leave the least over.
    fn pieces(&self, word: &str) -> Option<Vec<(usize, String)>> {
        let characters: Vec<char> = word.chars().collect();
        let length = characters.len();
        if !(3..=MAX_COMPOUND).contains(&length) || !characters.iter().copied().all(is_han) || self.known.contains(word)
        {
            return None;
        }
        // The best cut of the first n characters: how many are left over, how many pieces, where the last step begins and whether it
        // is a piece.
        let mut best = vec![(0usize, 0usize, 0usize, false)];
        for end in 1..=length {
            let (over, count, ..) = best[end - 1];
            let mut cut = (over + 1, count, end - 1, false);
            for start in 0..end {
                let piece: String = characters[start..end].iter().collect();
                let (over, count, ..) = best[start];
                if (over, count + 1) < (cut.0, cut.1) && self.known.contains(&piece) {
                    cut = (over, count + 1, start, true);
                }
            }
            best.push(cut);
        }
        let mut pieces = Vec::new();
        let mut end = length;
        while end > 0 {
            let (.., start, is_piece) = best[end];
            if is_piece {
                pieces.push((start, characters[start..end].iter().collect::<String>()));
            }
            end = start;
        }
        pieces.reverse();
        let whole_words = pieces.iter().any(|(_, piece)| piece.chars().nth(1).is_some());
        (whole_words && best[length].0 * 3 <= length).then_some(pieces)
    }
}

/// A number with its unit, such as `15.6inch`.
fn is_measure(token: &Token) -> bool {
    token.text.starts_with(|character: char| character.is_ascii_digit())
        && token.text.ends_with(|character: char| character.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let known = ["无线", "耳机", "女", "靴"].map(str::to_owned);
        RequestReader::new(Tokenizer::new([]), known.into()).units(text).into_iter().map(|unit| unit.surface).collect()
    }

    #[test]
    fn words_of_asking_and_prices_are_left_out() {
        assert_eq!(words("我想买一款适合冬天穿的羽绒服"), ["冬天", "羽绒服"]);
        assert_eq!(words("推荐300元以下的蓝牙耳机"), ["蓝牙", "耳机"]);
        assert_eq!(words("Show me women's jeans made of denim, priced above 114 PHP"), ["women", "jeans", "denim"]);
        assert_eq!(words("headphones under $50"), ["headphones"]);
        assert_eq!(words("wheel over 12 inches"), ["wheel", "12inch", "inches"]);
    }

    #[test]
    fn an_unknown_compound_is_cut_into_known_words() {
        let known = ["无线", "耳机", "女", "靴"].map(str::to_owned);
        let reader = RequestReader::new(Tokenizer::new([]), known.into());
        let pieces =
            |word: &str| reader.pieces(word).map(|pieces| pieces.into_iter().map(|(_, piece)| piece).collect());
        assert_eq!(pieces("无线耳机"), Some(vec!["无线".to_owned(), "耳机".to_owned()]));
        assert_eq!(pieces("小耳机"), Some(vec!["耳机".to_owned()]), "a character may be left over");
        assert_eq!(pieces("羽绒服"), None, "nothing of it is known");
        assert_eq!(pieces("女式靴"), None, "single characters alone are no words");
        assert_eq!(pieces("耳机"), None, "known itself");
    }

    #[test]
    fn a_request_of_stop_words_alone_is_searched_as_it_is() {
        assert_eq!(words("what is this"), ["what", "is", "this"]);
    }
}
