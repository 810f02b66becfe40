//! Short answers to what was asked before: a number of a button, a yes, a no, an address.

use crate::domain::reply::Action;
use crate::domain::session::Session;

/// The face whose buttons are numbers.
const TERMINAL: &str = "terminal";
/// The shortest address, in characters.
const MIN_ADDRESS: usize = 6;

/// The button that a bare number picks, where the last reply had buttons and no cards.
pub(super) fn picked(session: &Session, text: &str) -> Option<Action> {
    let number: usize = text.trim().parse().ok()?;
    let action = session.offered.get(number.checked_sub(1)?)?.action.clone();
    // A change of an order wants its button itself, where there are buttons.
    let is_yes = matches!(action, Action::Confirm { yes: true, .. });
    (!is_yes || session.conversation.face() == TERMINAL).then_some(action)
}

/// Whether words can be where a parcel goes: they name a street or have a number, and ask nothing.
pub(super) fn is_address(message: &str) -> bool {
    const PARTS: &[char] = &['省', '市', '区', '县', '镇', '乡', '村', '街', '路', '道', '号', '楼', '室', '弄', '巷'];
    message.chars().count() >= MIN_ADDRESS
        && !is_question(message)
        && message.contains(|c: char| c.is_ascii_digit() || PARTS.contains(&c))
}

/// Whether it asks something.
pub(super) fn is_question(message: &str) -> bool {
    let end = message.trim_end();
    ["?", "？", "吗", "呢", "么"].iter().any(|mark| end.ends_with(mark))
}

fn bare(message: &str) -> String {
    message.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// Whether the whole message says no.
pub(super) fn is_no(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "算了",
        "不用",
        "不用了",
        "不改了",
        "不换了",
        "不取消了",
        "不退了",
        "不要",
        "不",
        "先不",
        "别",
        "no",
        "nope",
        "never mind",
        "nevermind",
        "forget it",
        "no thanks",
        "leave it",
        "stop",
        "don't",
        "not now",
    ];
    WORDS.contains(&bare(message).as_str())
}

/// Whether the whole message says yes.
pub(super) fn is_yes(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "是",
        "是的",
        "好",
        "好的",
        "确认",
        "确定",
        "对",
        "可以",
        "行",
        "嗯",
        "同意",
        "yes",
        "yep",
        "yeah",
        "ok",
        "okay",
        "sure",
        "confirm",
        "do it",
        "go ahead",
        "y",
        "please do",
    ];
    WORDS.contains(&bare(message).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_street_or_has_a_number_and_asks_nothing() {
        for good in [
            "浙江省杭州市西湖区文三路 12 号 张三 19900010237",
            "Ann Lee, 5 High Street, Leeds",
            "幸福小区东门代收点路口",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["退货要几天", "能改到公司吗？", "1号", "that one please", "改到 3 号楼可以吗"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn yes_and_no_are_whole_messages() {
        assert!(is_yes("好的！") && is_yes("Yes.") && is_no("算了。") && is_no("No thanks"));
        assert!(!is_yes("好的，另外运费谁出") && !is_no("不合适怎么办"));
    }
}
