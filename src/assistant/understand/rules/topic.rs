//! What a question about the shop's rules, or a change of an order, is about: key words, the most telling first.

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;

static POLICY: [(&str, Pattern); 16] = [
    (
        "price_protection",
        Pattern::new(
            r"价保|保价|降价|退差|补差|差价|买贵|price (?:protection|match|adjust|drop)|price goes down|gets? cheaper|cheaper (?:elsewhere|next)|match (?:a|the|their|amazon|other)|refund the difference|(?:get|have) the difference",
        ),
    ),
    (
        "gift_wrap",
        Pattern::new(
            r"礼盒包装|礼品?(?:包装|袋|卡片)|包装(?:成|得|好看)|贺卡|gift[- ]?(?:wrap|box|note|message|bag|receipt)|wrapp|recipient|gift[a-z ]{0,20}price|包成礼|包一下|包起来",
        ),
    ),
    (
        "installation",
        Pattern::new(r"安装|上门装|包装机|调试|装机|打孔费|师傅|\binstall|set ?up service|assembl|fitting service"),
    ),
    ("invoice", Pattern::new(r"发票|开票|专票|普票|抬头|税号|报销|invoice|\bvat\b|tax (?:receipt|id)|receipt")),
    (
        "warranty",
        Pattern::new(
            r"保修|质保|三包|维修|售后多久|坏了(?:怎么|包|能|可以)|warrant|guarantee|repair|broke[n]? (?:after|within)|延保",
        ),
    ),
    (
        "size_guide",
        Pattern::new(
            r"尺码(?:表|对照|怎么|不准|偏|准)|选码|量(?:脚|胸|腰|尺)|测量|穿多大|怎么量|size (?:chart|guide)|sizing|which size|what size|how (?:do|to) (?:i )?measure|true to size|size conver|标准码|手指几号|码数",
        ),
    ),
    (
        "coupons",
        Pattern::new(
            r"优惠券?|折扣|满减|打折|活动|红包|领券|券|促销|coupon|promo|discount|voucher|\bsale\b|\bdeals?\b|code",
        ),
    ),
    ("membership", Pattern::new(r"会员|积分|vip|等级|member|loyalty|points|rewards|\bgold\b tier|perks")),
    (
        "payment",
        Pattern::new(
            r"付款|支付|微信|支付宝|信用卡|花呗|分期|货到付款|刷卡|银行卡|白条|转账|\bpay\b|payment|paypal|credit card|apple pay|klarna|instal?ments|visa|cash on delivery|\bcod\b|afterpay|debit|currency|币种|什么货币",
        ),
    ),
    ("exchange", Pattern::new(r"换货|换码|换个?(?:颜色|尺码|大|小|号|款)|调换|能换|可以换|换新|exchang|swap")),
    ("refund", Pattern::new(r"退款|退钱|钱(?:多久|什么时候|几天|啥时候)|到账|原路|refund|money back|get my money")),
    (
        "returns",
        Pattern::new(
            r"退货|退换|七天|7天|无理由|能退|可以退|退吗|退回|拆封|拆了|运费险|退不退|包退|\breturn|send (?:it|them|something) back|change my mind|restock",
        ),
    ),
    (
        "stores",
        Pattern::new(
            r"门店|实体店|线下|店在哪|体验店|专柜|自提|试穿|试戴|营业|physical (?:store|shop)|\bstores?\b|showroom|in person|pick ?up|branch|opening hours|open on|near me|located",
        ),
    ),
    (
        "shipping",
        Pattern::new(
            r"邮费|运费|包邮|发货|快递|配送|物流|送货|几天到|多久到|次日达|发到|寄到|寄|送到|偏远|顺丰|海外|派送|\bship|deliver|postage|courier|express|overnight|tracking|arrive|dispatch",
        ),
    ),
    (
        "contact",
        Pattern::new(
            r"电话|联系|邮箱|客服(?:时间|几点|在线|上班|号)|微信号|地址|几点(?:上班|下班)|投诉(?:到|电话|渠道)|contact|phone number|email|hotline|call you|reach (?:you|u)|customer service (?:hours|number|open)|write to",
        ),
    ),
    ("other", Pattern::new(r".")),
];

static ORDER_CHANGE: [(&str, Pattern); 8] = [
    (
        "address",
        Pattern::new(
            r"地址|收货人|改到|寄到|送到(?:公司|家)|收件|电话(?:写|填|错|改)|换个地方|address|deliver (?:it )?to|send it to|redirect|ship (?:it )?to|wrong (?:street|zip|city|phone)|postcode|recipient|phone number on",
        ),
    ),
    ("invoice", Pattern::new(r"发票|开票|抬头|税号|invoice|\bvat\b|receipt|tax id")),
    (
        "exchange",
        Pattern::new(
            r"换货|换(?:成|个|一|大|小|双|件|台|码|颜色|号)|调换|换新|想换|exchang|swap|(?:different|bigger|smaller|another|larger) (?:size|colou?r|one)|replacement|replace",
        ),
    ),
    ("refund", Pattern::new(r"退款|退钱|把钱|钱退|退我|refund|money back")),
    (
        "return",
        Pattern::new(
            r"退货|退掉|退了|退回|要退|想退|退(?:一下|这|那)|寄回|\breturn|send (?:it|them|this|these|back)|give back|take (?:it|them) back",
        ),
    ),
    (
        "cancel",
        Pattern::new(
            r"取消|不要了|撤(?:单|销|回)|别发|不想要|不买了|退单|拍错|cancel|don'?t want (?:it|the order) anymore|stop (?:the|my) order|call off",
        ),
    ),
    (
        "urge",
        Pattern::new(
            r"催|加急|快点|赶紧|尽快|早点|快些|抓紧|优先|怎么还不发|hurry|urgent|faster|speed (?:it )?up|asap|expedite|sooner|quick|rush|prioriti[sz]e",
        ),
    ),
    ("other", Pattern::new(r".")),
];

/// The topic of a question about the shop's rules.
pub fn policy(message: &Message) -> Option<&'static str> {
    first(message, &POLICY)
}

/// The topic of a change of an order.
pub fn order_change(message: &Message) -> Option<&'static str> {
    first(message, &ORDER_CHANGE)
}

fn first(message: &Message, topics: &'static [(&'static str, Pattern)]) -> Option<&'static str> {
    topics.iter().find(|(_, pattern)| pattern.hits(message)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_follow_their_key_words() {
        for (text, topic) in [
            ("拆了封还能退吗", "returns"),
            ("how long does delivery take", "shipping"),
            ("能开专票吗", "invoice"),
            ("can i pay with paypal", "payment"),
            ("会员积分怎么用", "membership"),
            ("where are your products made", "other"),
        ] {
            assert_eq!(policy(&Message::new(text)), Some(topic), "{text}");
        }
        for (text, topic) in [
            ("我要取消订单", "cancel"),
            ("change the delivery address please", "address"),
            ("麻烦催一下", "urge"),
            ("i want my money back for the order", "refund"),
        ] {
            assert_eq!(order_change(&Message::new(text)), Some(topic), "{text}");
        }
    }
}
