//! The order that a message asks for.

use std::ops::Range;

use crate::assistant::understand::message::{Message, is_latin};
use crate::assistant::understand::pattern::Pattern;
use crate::domain::search::Sort;

static PRICE_DESC: Pattern = Pattern::new(concat!(
    "从(?:最)?贵(?:的)?到|由贵到|贵的(?:排|放)?(?:在)?(?:最)?前|贵一?点(?:也)?(?:没关系|没事|无所谓|行|可以|的)|[更最]贵的?(?:$|[^那这])|从高到低|由高到低|高到低|更?高[档端]|好一点的料|太低端|钱不是问题|不差钱|",
    r"high(?:est)? (?:price )?(?:to low|first)|(?:most|more) expensive|pricier|priciest|premium ones|higher[- ]end|top of the line|upmarket|fancier|better quality|pay more|price (?:doesn'?t|does not) matter|descending price|price descending",
));
static PRICE_ASC: Pattern = Pattern::new(concat!(
    "从(?:最)?便宜(?:的)?到|便宜|平价|实惠|低价|从低到高|由低到高|低到高|划算|亲民|太贵|贵了|贵得|好贵|买不起|性价比|价格?(?:太高|再低)|省钱|低一档|",
    r"\bche[ae]p|less (?:expensive|pricey)|low(?:est|er)? (?:price )?(?:to high|first|price)|more affordable|most affordable|affordable|budget[- ]friendly|inexpensive|price ascending|too (?:expensive|pricey|dear|much money|costly)|(?:expensive|pricey)!|least expensive|out of my budget|can'?t afford that|lower pls|on a budget",
));
static NOT_PRICE_ASC: Pattern = Pattern::new(
    r"(?:不要|别|不想要?|不)太?(?:便宜|贵)|便宜没好货|not (?:too |that )?(?:cheap|expensive|pricey)|don't (?:look|feel) cheap|cheap looking|没那么贵|doesn't look cheap",
);
static RATING: Pattern = Pattern::new(concat!(
    "(?:评价|评分|口碑|好评)(?:最|更|比较|都|要)?(?:好|高|多)|好评(?:最|率|排|如潮|优先|多)|[按照]好评|按(?:评分|评价|口碑|rating)|五星|",
    r"(?:best|top|highest|well|better|good)[- ](?:rated|reviewed|ratings?|reviews?)|(?:highest|most) stars|by rating|rating排|stars (?:and up|first)|best reviews|high ratings",
));
static NEWEST: Pattern = Pattern::new(concat!(
    "最新|新款|刚上(?:的|市|架)|上新|新品|新出的|新上|上架时间|",
    r"\bnewest|\blatest|new arrivals?|most recent|new in\b|just released|newest first|date added|this year'?s ones|whats new|what's new|newest drops",
));
static SALES: Pattern = Pattern::new(concat!(
    "销量|卖得?(?:最|比较|更)?[好火多]|热销|爆款|最火|热门|最畅销|畅销|买得?(?:的人)?最?多|按热度|大家都买|卖的最好|",
    r"best[- ]?sell|most popular|popular(?:ity)?|top[- ]sell|sells? (?:the most|best)|trending|everybody is buying|everyone(?:'s| is) buying|most sold|hottest",
));
static RELEVANCE: Pattern = Pattern::new(
    r"综合排序|默认排序|按综合|按?相关(?:度|性|的)?排|sort by relevance|most relevant|best match|by relevance|default (?:order|sort)",
);

/// The order that the words ask for, if any.
pub fn sort(message: &Message) -> Option<Sort> {
    let orders = [
        (Sort::Relevance, &RELEVANCE),
        (Sort::Rating, &RATING),
        (Sort::Sales, &SALES),
        (Sort::PriceDesc, &PRICE_DESC),
        (Sort::PriceAsc, &PRICE_ASC),
        (Sort::Newest, &NEWEST),
    ];
    let (sort, _) = orders.into_iter().find(|(_, pattern)| pattern.hits(message))?;
    if matches!(sort, Sort::PriceAsc | Sort::PriceDesc) && NOT_PRICE_ASC.hits(message) {
        return None;
    }
    Some(sort)
}

/// Where words stand that ask for an order: they fill no slot.
pub fn ranges(message: &Message) -> Vec<Range<usize>> {
    let patterns = [&RELEVANCE, &RATING, &SALES, &PRICE_DESC, &PRICE_ASC, &NEWEST];
    let to_the_end = |mut range: Range<usize>| {
        while is_latin(message.at(Some(range.end))) && is_latin(message.at(range.end.checked_sub(1))) {
            range.end += 1;
        }
        range
    };
    patterns
        .into_iter()
        .flat_map(|pattern| pattern.find(message).map(|found| to_the_end(found.range())).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_in_both_languages() {
        for (text, wanted) in [
            ("便宜点的", Some(Sort::PriceAsc)),
            ("anything cheaper?", Some(Sort::PriceAsc)),
            ("按价格从高到低", Some(Sort::PriceDesc)),
            ("best rated kettle", Some(Sort::Rating)),
            ("有没有新款", Some(Sort::Newest)),
            ("卖得最好的", Some(Sort::Sales)),
            ("恢复默认排序", Some(Sort::Relevance)),
            ("别太贵", None),
            ("black boots", None),
        ] {
            assert_eq!(sort(&Message::new(text)), wanted, "{text}");
        }
    }
}
