//! What leaves no doubt of an intent before any slot is read: whoever asks whether the shop sells a thing looks for it, another kind
//! than the one on the screen is looked for before it is put into the cart, and limits that are given up change the last search.
//!
//! Changes a verdict only where the message names a kind that the shop carries, or says outright what it wants.

use super::fuse::Verdict;
use super::message::Message;
use super::pattern::Pattern;
use super::rules::Ruling;
use super::vocabulary::{Known, Sense};
use crate::domain::intent::IntentKind;
use crate::domain::session::Context;

/// The confidence, at least, of what is settled here.
const SETTLED: f32 = 0.6;
/// Below this any opinion gives way to a kind that is asked for.
const DOUBTFUL: f32 = 0.5;
/// A surer opinion than this is not changed by a kind's name alone.
const SURE: f32 = 0.9;

static ASKS_IF_SOLD: Pattern = Pattern::new(
    r"^(?:hi|hello|hey|ok(?:ay)?|so|and|well)?[,! ]*(?:do|does|can|did) (?:you|u|ya|your (?:shop|store)|this (?:shop|store)) (?:guys |also |still |happen to )*(?:sell|carry|stock)\b|(?:有没有|有|卖不卖|还)卖|卖不卖|^(?:请问)?(?:你们|店里|你家|这里|这儿|咱(?:们)?)(?:家|店)?(?:这儿|这里)?(?:有没有|有卖)",
);
static ASKS_IF_THERE: Pattern = Pattern::new(
    r"^(?:hi|hello|hey|ok(?:ay)?|so|and|well|what about|how about)?[,! ]*(?:do you (?:guys |also |still )*have|have you got|got|any|are there|is there|i(?:'m| am) (?:looking for|after)|i need|i want|looking for|need|want|show me|find me)\b|有没有|有什么|有啥|有哪些|想(?:看|买|要|找)|找(?:一|个|款|双|件|点)?|^(?:来|给我|帮我|求)",
);

/// Ways of selling, which are no goods.
static OF_TRADE: Pattern = Pattern::new(
    r"批发|团购|代销|海外|\b(?:wholesale|in bulk|abroad|overseas|internationally|online|gift cards?|to businesses|second[- ]hand|on instal?ments)\b",
);
/// What only a question about the shop's own service speaks of.
static SERVICE: Pattern = Pattern::new(
    r"运费|包邮|发票|保修|退货|换货|退款|货到付款|分期|会员|优惠券|客服电话|营业时间|\b(?:what|which|in what) currency|\bcurrenc(?:y|ies)\b[a-z ]{0,16}\b(?:charged|pay|accept|prices?)|\b(?:warranty|invoice|refund policy|return policy|shipping (?:fee|cost)|free shipping|gift ?wrap|gift card|loyalty points)\b",
);

/// Settles a verdict by the kinds that a message names.
pub fn settle(verdict: &mut Verdict, message: &Message, context: &Context, known: &[Known<'_>], ruling: &Ruling) {
    use IntentKind::{CartAdd, OffTopic, Policy, Refine, Search, Smalltalk, Unclear};
    if ruling.intent.is_some() {
        return;
    }
    let own = known.iter().filter(|word| word.meanings.iter().any(|it| it.is_own && it.sense == Sense::Category));
    let query = context.query.as_deref().unwrap_or_default().to_lowercase();
    let names_new = own.clone().any(|word| {
        let name = message.folded_words(&word.range);
        !query.contains(&name) && !word.meanings.iter().any(|meaning| query.contains(&meaning.canonical.to_lowercase()))
    });
    let is_open = matches!(verdict.intent, OffTopic | Policy | Smalltalk | Unclear);
    let asks_service = matches!(verdict.intent, OffTopic | Smalltalk | Unclear) && verdict.confidence < SURE;
    if asks_service && SERVICE.hits(message) {
        verdict.intent = Policy;
        verdict.confidence = verdict.confidence.max(SETTLED);
        return;
    }
    let gives_up = is_open && ruling.change.touches_limits() && context.query.is_some() && own.clone().next().is_none();
    if gives_up {
        verdict.intent = Refine;
        verdict.confidence = verdict.confidence.max(SETTLED);
        return;
    }
    let is_sought = ASKS_IF_SOLD.hits(message) && !OF_TRADE.hits(message)
        || verdict.confidence < SURE && own.clone().next().is_some() && ASKS_IF_THERE.hits(message);
    let is_bought = verdict.intent == CartAdd && names_new && ruling.items.is_empty();
    if (is_open || verdict.confidence < DOUBTFUL) && is_sought || is_bought {
        verdict.alternatives.retain(|kind| *kind != Search);
        verdict.intent = Search;
        verdict.confidence = verdict.confidence.max(SETTLED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::fuse::INTENTS;
    use crate::assistant::understand::rules;
    use crate::assistant::understand::vocabulary::Vocabulary;
    use crate::catalog::{Lexicon, Name};
    use crate::domain::intent::IntentSource;

    fn settled(intent: IntentKind, text: &str, query: Option<&str>) -> IntentKind {
        let name = |text: &str| Name { text: text.into(), canonical: text.into(), products: 3 };
        let kinds = ["tents", "蓝牙音箱", "双肩包"].map(name).to_vec();
        let vocabulary = Vocabulary::new(&Lexicon { categories: kinds, ..Lexicon::default() });
        let message = Message::new(text);
        let context = Context { query: query.map(str::to_owned), shown: 3 };
        let mut verdict = Verdict {
            intent,
            confidence: 0.5,
            source: IntentSource::Prior,
            alternatives: Vec::new(),
            shares: [0.0; INTENTS],
        };
        let ruling = rules::read(&message, &context);
        settle(&mut verdict, &message, &context, &vocabulary.find(&message), &ruling);
        verdict.intent
    }

    #[test]
    fn whoever_asks_whether_it_is_sold_looks_for_it() {
        assert_eq!(settled(IntentKind::Policy, "do you sell tents", None), IntentKind::Search);
        assert_eq!(settled(IntentKind::OffTopic, "do you sell theremins", None), IntentKind::Search);
        assert_eq!(settled(IntentKind::Policy, "do you have a return policy", None), IntentKind::Policy);
        assert_eq!(settled(IntentKind::Policy, "do you sell wholesale", None), IntentKind::Policy);
        assert_eq!(settled(IntentKind::Policy, "能退货吗", None), IntentKind::Policy);
    }

    #[test]
    fn another_kind_is_looked_for_before_it_is_put_into_the_cart() {
        assert_eq!(settled(IntentKind::CartAdd, "再来一个蓝牙音箱", Some("双肩包")), IntentKind::Search);
        assert_eq!(settled(IntentKind::CartAdd, "这个双肩包我要了", Some("双肩包")), IntentKind::CartAdd);
        assert_eq!(settled(IntentKind::CartAdd, "就要这个", Some("双肩包")), IntentKind::CartAdd);
    }
}
