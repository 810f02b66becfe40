//! Tells a dispute about money by its words. Pure; called by `service`, `care` and `order_change`.

/// Whether a message disputes money: a person decides then.
pub(super) fn is_money_dispute(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "赔偿",
        "赔钱",
        "赔我",
        "多收了",
        "多收我",
        "乱收费",
        "乱扣",
        "少退了",
        "少退我",
        "退少了",
        "金额不对",
        "起诉",
        "律师",
        "告你们",
        "骗我钱",
        "坑我",
        "compensat",
        "overcharg",
        "chargeback",
        "dispute",
        "sue you",
        "lawyer",
        "refunded too little",
        "wrong amount",
        "scammed me",
    ];
    let lower = message.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispute_about_money_is_told_from_a_question_about_it() {
        for text in ["你们多收了我50块", "I was overcharged and want compensation"] {
            assert!(is_money_dispute(text), "{text}");
        }
        for text in ["退款多久到账", "how long do refunds take", "运费多少"] {
            assert!(!is_money_dispute(text), "{text}");
        }
    }
}
