//! What is not wanted: the words after "不要", "no", "除了", "anything but", or before "除外", "不行".
//!
//! Gives scopes; which known word in a scope is meant is `fuse`'s to say, and the whole phrase when none is known.

use std::ops::Range;

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;

static ZH_BEFORE: Pattern = Pattern::new(concat!(
    "(?:不要|不想要|别要|别给我看?|别拿|别整|别来|别印|别是|别带|别有|除了|除开|除去|不喜欢|不考虑|不接受|拒绝|排除|避开|去掉|不看|不含|不带|不买|",
    "不能有|不能太|不想太|不太想要|不爱|讨厌|受不了|怕|别太|不用|非|别|不吃|不是)(?:太|那种|那么|任何|什么|有|含|带|是|再)*([^，,。！!？?；;、 的]{1,8})",
));
static ZH_ALLERGY: Pattern = Pattern::new("对([^，,。！!？?；;、 的]{1,6}?)过敏");
static ZH_AFTER: Pattern = Pattern::new(
    "([^，,。！!？?；;、 的]{1,8})的?(?:那种|款|牌子)?(?:就)?(?:不要|除外|不行|免谈|别要|别来|就算了|算了|不考虑|勿扰|不喜欢|pass|退散|就不用了)(?:[，,。！!？?；; 哈啊了吧呀哦]|$)",
);
static EN_BEFORE: Pattern = Pattern::new(concat!(
    r"\b(?:no|not|without|w/o|except(?: for)?|excluding|exclude|but not|nothing (?:with|in|from|by|made of)|anything but|other than|",
    r"(?:don'?t|do not|doesn'?t|does not|didn'?t|dont|doesnt) (?:want|like|need|have|show me|include|give me|use|contain)(?: any)?|hate|avoid|skip|minus|non|isn'?t|aren'?t|rather not|",
    r"leave out|remove|allergic to|sick of|tired of|instead of|never|can'?t stand|cannot stand|won'?t|wont|doesn'?t|doesnt|dont|don't)\b[ -](?:too |so |the |any |a |an |in |with |from |by |made of |have |overly |get |all )*",
    r"([a-z0-9][a-z0-9&'-]*(?: [a-z0-9][a-z0-9&'-]*){0,2})",
));
static FEATURE_OF_LACKING: Pattern = Pattern::new(
    "^(?:超过|超|低于|高于|少于|多于|大于|小于|知道|好意思|一样|同|懂|会|行|错|贵|客气|了|过|一定|需要|说|如|用谢|more|less|over|under|above|below|sure|only|bad|working|yet|really|know|mind|thanks|thank|problem|worries|idea|longer|matter|much|at all|that|this|it|one|just)",
);
static CLAUSE_END: Pattern = Pattern::new(
    r"^(?:please|pls|for|under|and|with|but|that|which|in|on|to|if|as|because|i|is|are|around|below|max|less|plz|thanks|over|at|my|from|of|anything|something|or)$",
);

/// One thing that is not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Where the words for it stand.
    pub range: Range<usize>,
}

/// The scopes of negation in a message, from left to right.
pub fn scopes(message: &Message) -> Vec<Scope> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for matched in ZH_AFTER.find(message).chain(ZH_ALLERGY.find(message)).chain(ZH_BEFORE.find(message)) {
        let start = matched.range().start;
        let is_question =
            message.at(Some(start)) == '不' && message.at(start.checked_sub(1)) == message.at(Some(start + 1));
        if is_question {
            continue;
        }
        found.extend(matched.group(1).filter(|_| !FEATURE_OF_LACKING.is_in(matched.text(1))));
    }
    for matched in EN_BEFORE.find(message) {
        let Some(range) = matched.group(1).filter(|_| !FEATURE_OF_LACKING.is_in(matched.text(1))) else { continue };
        let mut length = 0;
        for word in matched.text(1).split(' ') {
            if CLAUSE_END.is_in(word) {
                break;
            }
            length += word.chars().count() + 1;
        }
        if length > 1 {
            found.push(range.start..range.start + length - 1);
        }
    }
    found.sort_by_key(|range| range.start);
    found.dedup_by(|second, first| second.start < first.end);
    found.into_iter().map(|range| Scope { range }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let message = Message::new(text);
        scopes(&message).iter().map(|scope| message.words(&scope.range)).collect()
    }

    #[test]
    fn what_follows_a_negation_is_found() {
        for (text, wanted) in [
            ("茶叶不要铁观音", "铁观音"),
            ("二手的不要", "二手"),
            ("anything but huawei", "huawei"),
            ("hooks without drilling please", "drilling"),
            ("水晶除外", "水晶"),
            ("no rgb", "rgb"),
            ("对花生过敏", "花生"),
        ] {
            assert_eq!(read(text), [wanted], "{text}");
        }
    }

    #[test]
    fn limits_and_politeness_exclude_nothing() {
        for text in [
            "是不是枕头不合适",
            "要不要带充电器",
            "no more than 50 dollars",
            "不超过八百",
            "not sure",
            "不知道",
            "no problem",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
