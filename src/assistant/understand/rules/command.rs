//! Messages whose intent a rule settles: commands, an explicit call for a person, nothing but signs or emoji.

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;
use crate::domain::intent::IntentKind;

const COMMANDS: &[(&str, IntentKind)] = &[
    ("/cart", IntentKind::CartShow),
    ("/checkout", IntentKind::CartShow),
    ("/saved", IntentKind::Save),
    ("/favorites", IntentKind::Save),
    ("/human", IntentKind::Human),
    ("/agent", IntentKind::Human),
    ("/more", IntentKind::More),
    ("/start", IntentKind::Greet),
    ("/help", IntentKind::Greet),
    ("/privacy", IntentKind::Privacy),
    ("/forget", IntentKind::Privacy),
    ("/orders", IntentKind::OrderStatus),
    ("/order", IntentKind::OrderStatus),
    ("/compare", IntentKind::Compare),
    ("/购物车", IntentKind::CartShow),
    ("/人工", IntentKind::Human),
];

static HUMAN: Pattern = Pattern::new(concat!(
    "^(?:你好|喂|那个|算了|麻烦|请|请帮我|帮我|给我|我要|我想|我想要|想|要|能不能|能|可以|可不可以|直接|赶紧|快|还是|不|别机器人了)*[，, ]*",
    "(?:(?:转|找|接|换|叫|喊|呼叫|联系|来|上|要)(?:接|一下|下|个|一个|到)*(?:人工|真人|活人|客服|你们经理|你们老板|店长|负责人)|人工(?:客服|服务|坐席)?|真人(?:客服)?|客服)",
    "(?:客服|服务|坐席|来|说话|跟我说|聊|处理|接待|给我|一下|谢谢|吧|吗|呢|啊|行吗|好吗|呗|在吗|[。！!？?])*$|",
    r"^(?:please |can i |could i |may i |i want to |i need to |i'd like to |i wanna |let me |hi |hello |just |pls )*(?:speak|talk|chat|connect me|transfer me|put me through|get me) (?:to|with|through to|over to)? ?(?:a |an |the |your |some )?(?:real |live |actual )?(?:human|person|agent|representative|rep|operator|manager|someone|somebody|people|staff|advisor|support)\b[a-z ]{0,12}[.!?]*$|",
    r"^(?:a )?(?:real |live |actual )?(?:human|agent|representative|operator|real person|customer service|live chat)(?: please| pls| now)?[.!?]*$",
));
static NOTHING_SAID: Pattern = Pattern::new(r"^[^\p{L}\p{N}]*$");

/// The intent that a rule settles, if one does.
pub fn settled(message: &Message) -> Option<IntentKind> {
    let text = message.folded();
    if let Some(command) = text.split_whitespace().next().filter(|word| word.starts_with('/')) {
        let name = command.split('@').next().unwrap_or(command);
        return COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    }
    if message.is_empty() || NOTHING_SAID.is_in(text) {
        return Some(IntentKind::Unclear);
    }
    HUMAN.hits(message).then_some(IntentKind::Human)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rule_settles() {
        for (text, kind) in [
            ("/cart", IntentKind::CartShow),
            ("/cart@daogou_bot", IntentKind::CartShow),
            ("转人工", IntentKind::Human),
            ("我要找人工客服！", IntentKind::Human),
            ("can i speak to a real person please", IntentKind::Human),
            ("👍👍", IntentKind::Unclear),
            ("？", IntentKind::Unclear),
        ] {
            assert_eq!(settled(&Message::new(text)), Some(kind), "{text}");
        }
        for text in ["人工草坪", "这是人工智能吗", "羽绒服", "客服电话多少", "a gift for a person who likes tea"]
        {
            assert_eq!(settled(&Message::new(text)), None, "{text}");
        }
    }
}
