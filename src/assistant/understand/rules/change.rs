//! What a message changes of what came before: limits given up by name, words let in again, a way back, a correction, only what is
//! in stock, a least rating, fewer pieces.
//!
//! Reads only what is said outright; what it means for the search is `refinement`'s to say.

use std::ops::Range;

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;
use crate::domain::amount::parse_number;
use crate::domain::change::{Change, Limit, Pieces};

macro_rules! zh_limit {
    () => {
        "(颜色|色系|品牌|牌子|厂家|价格|价钱|价位|预算|尺码|码数|尺寸|大小|材质|面料|材料|风格|款式|功能|季节|用途|场合|人群|评分|评价|条件|要求)"
    };
}
macro_rules! en_limit {
    () => {
        r"(colou?rs?|brands?|makes?|price|prices|budget|cost|money|sizes?|materials?|fabrics?|styles?|features?|seasons?|ratings?|everything|filters|limits)"
    };
}

static ZH_AFTER: Pattern = Pattern::new(concat!(
    zh_limit!(),
    "(?:方面|这块|上|的话|什么的|嘛)?[，, ]?(?:我|我们|也|都|就|倒是|倒|现在|真的|其实|已经)*",
    "(?:无所谓|不限|随意|随便|都行|都可以|都ok|都成|都能接受|不重要|没(?:有)?要求|不挑|没关系|不要紧|不(?:用)?管|不考虑|没(?:有)?限制|不做要求|不作要求|任意|不是问题|放开)",
));
static ZH_BEFORE: Pattern = Pattern::new(concat!(
    "(?:不限|不挑|不管|不在乎|不介意|不在意|别管|不用管|不要求|取消|去掉|放开|不看|忽略|不限制|不讲究|清空|清除|重置)(?:什么|任何|哪个|哪种|所有|全部|的)?",
    zh_limit!(),
));
static ZH_ANY: Pattern = Pattern::new(concat!(
    "(?:什么|任何|哪个|哪种|啥|任意|别的|其他|其它|另外的|任一)(?:的)?",
    zh_limit!(),
    "(?:的)?(?:都|也)(?:行|可以|好|成|ok|没问题|能接受|要|看看)",
));
static ZH_OTHER: Pattern = Pattern::new(concat!(
    "(?:换|要|看看?|有没有|有)(?:一)?(?:个|种|款)?(?:别的|其他的?|其它的?|另外的)?",
    zh_limit!(),
    "(?:看看|的)?(?:吗|么|呢|吧)?[?？。]?$"
));
static EN_OTHER: Pattern = Pattern::new(concat!(r"\b(?:an?other|a different|different|other) ", en_limit!(), r"\b"));
static THIS_BRAND: Pattern = Pattern::new(
    r"(?:不要|不喜欢|不想要|换掉?|除了|排除|别)(?:这个|这|该|它的?|那个)(?:牌子|品牌)|(?:换|看看?)(?:一)?(?:个|种)?(?:别的|其他|其它)?(?:牌子|品牌)|\b(?:not|no|without|exclude) (?:this|that) brand|\b(?:an?other|a different|different|other|else) brands?\b",
);
static EN_ANY: Pattern = Pattern::new(concat!(
    r"\b(?:any|whatever|whichever)(?: other)? ",
    en_limit!(),
    r"(?: (?:will|would|is|are|be|works?|does|do|at all|please|goes|fine|ok|okay|you (?:have|like|want))\b|'s|[.,!?;]|$)",
));
static EN_CARE: Pattern = Pattern::new(concat!(
    r"(?:don'?t|do not|doesn'?t|didn'?t) (?:really |much )?(?:care|mind|bother|worry)(?: about| which| what)*(?: the| any)? ",
    en_limit!(),
    r"\b",
));
static EN_MATTER: Pattern = Pattern::new(concat!(
    r"\b",
    en_limit!(),
    r" (?:really )?(?:doesn'?t|does not|don'?t|do not|isn'?t|is not|is|aren'?t|are not|no) (?:really )?(?:no )?(?:matter|important|an? (?:issue|problem|concern|factor|object)|object|issue|problem|irrelevant|flexible|open)\b",
));
static EN_DROP: Pattern = Pattern::new(concat!(
    r"\b(?:(?:drop|forget(?: about)?|ignore|lift|lose|scrap|never mind|nevermind|clear|reset|remove|regardless of|irrespective of)(?: the| any| my| all)?(?: the)? ",
    en_limit!(),
    r"\b|no ",
    en_limit!(),
    r" (?:limit|filter|requirement|restriction|cap|preference|constraint)s?\b)",
));
static ZH_RELEASED: Pattern = Pattern::new(concat!(
    "(?:不一定(?:非得|非要|得|要|是|用|必须)*|不必(?:非得|非要|是|要)?|不强求|不非得)(?:是|要|有|带)?([^，,。！!？?；;、 的]{1,8})|",
    "(?:^|[，,。；; ]|了|吧)(?:其实|那|那么|算了|要不)?([^，,。！!？?；;、 ]{1,8}?)的?(?:也行|也可以|也成|也ok|也能接受|也没关系|也无妨|也要|也好|也看看)",
));
static EN_RELEASED: Pattern = Pattern::new(concat!(
    r"\b(?:(?:doesn'?t|does not|don'?t|do not|needn'?t|didn'?t)(?: really)? (?:have|need) to be|not necessarily|no longer need(?: it)?(?: to be)?|forget (?:about )?the|drop the|never mind the|nevermind the)",
    r" (?:a |an |in |made of )?([a-z][a-z0-9'-]*(?: [a-z][a-z0-9'-]*)?)|",
    r"\b([a-z][a-z0-9'-]*(?: [a-z][a-z0-9'-]*)?) (?:(?:is|are|would be|works?|will do) (?:fine|ok|okay|good|all right|alright|acceptable)?(?: too| as well| after all| also)|(?:too|as well) (?:is|are) (?:fine|ok|okay)|(?:is|are) (?:fine|ok|okay)\b)",
));
/// Words that only lead a sentence.
static DISCOURSE: Pattern = Pattern::new(
    r"^(?:actually|well|ok(?:ay)?|sorry|hmm+|oh|please|hey|hi|hello|instead|anyway|alright|great|thanks|cool)\b",
);
static CORRECTS: Pattern = Pattern::new(concat!(
    "^(?:啊|哦|噢|呃|嗯|诶|哎|额)*[，, ]*(?:不是|不对|错了|说错|搞错|弄错|打错|写错|等等|等一下)|(?:说|搞|弄|打|写)错了|我(?:说|指)的是|我要的是|我想要的是|我的意思是|应该是|",
    r"^(?:oh |oops |hmm |er |ah )*(?:no|nope|wait|sorry|oops|actually|not that)\b[,. ]*(?:i|it|make it|not|should)\b|\bi meant?\b|\bwhat i (?:meant|wanted)\b|\bmy mistake\b|\bi misspoke\b|\bcorrection\b",
));
static BACK: Pattern = Pattern::new(concat!(
    "回到|返回|退回|切回|换回|(?:还是|再|重新|继续|接着)(?:要|看看|看|说|选|来|聊|找)?(?:一下)?(?:刚才|刚刚|之前|前面|原来|最初|一开始|上一个|上次)|",
    "^(?:返回|回去|后退|上一步|撤销|上一个搜索|上一次的?(?:结果|搜索)?)[。.!！]?$|",
    r"\b(?:go|going|get|take me|switch|turn) back(?: to)?\b|\bcome back to\b|^back(?: to\b|[.! ]*$)|\b(?:return|revert) to\b|\b(?:previous|earlier|last) (?:search|results|list|one i searched)\b|^undo\b",
));
static NOT_BACK: Pattern = Pattern::new(
    r"send|money|refund|ship|寄回|退货|退款|get back to|call (?:me )?back|give (?:it|them) back|takes? (?:it|them) back",
);
static IN_STOCK: Pattern = Pattern::new(concat!(
    "(?:只|就|仅)(?:看|要|显示|给我看)?(?:有货|现货|能买到?的?)|(?:不要|排除|去掉|别|不看)(?:看|显示|给我看)?(?:缺货|没货|售罄|卖完)|^有货的|要(?:有货|现货)的|",
    r"\b(?:only|just)\b[a-z' ]{0,24}\b(?:in stock|available)|\bin[- ]stock (?:only|ones|items)|\b(?:hide|no|not|without|exclude|skip) (?:the )?(?:sold[- ]out|out[- ]of[- ]stock)|\bavailable (?:now|ones|only)",
));
static RATING_MIN: Pattern = Pattern::new(concat!(
    r"(?:评分|评价|星级|打分|分数)(?:要|在|得|都|至少|不低于|高于|大于|超过|最低|有)*([1-5](?:\.\d)?)(?:分|星)?(?:以上|起|及以上|往上)|([1-5](?:\.\d)?|[三四五])(?:分|颗星|星)(?:以上|及以上|起|往上)|",
    r"(?:评分|星级)(?:要|得)?(?:至少|不低于|高于|大于|超过)([1-5](?:\.\d)?)|",
    r"\b(?:rated|rating|ratings)(?: of)?(?: at least| above| over| higher than| min(?:imum)?)* ([1-5](?:\.\d)?)(?: ?\+| and up| or (?:more|above|better|higher|up))|\b(?:rated|ratings?(?: of)?) (?:at least|above|over|higher than) ([1-5](?:\.\d)?)|",
    r"\b(?:at least|above|over|minimum|min) ([1-5](?:\.\d)?) ?stars?|\b([1-5](?:\.\d)?) ?(?:stars? )?(?:\+|plus|and up|or (?:more|above|better|higher|up))(?: ?stars?)|\b([1-5](?:\.\d)?) stars? (?:and up|and above|or (?:more|above|better|higher|up))",
));
static SET_PIECES: Pattern = Pattern::new(concat!(
    "(?:改成|改为|改到|换成|变成|调成|调到|设成)[一二两三四五六七八九十\\d]{1,3}(?:件|个|份|双|包|瓶|盒|袋|条|台|把|套|支|只|本|罐|箱)|数量(?:改|换|调)|(?:只|就)要[一二两三四五六七八九十\\d]{1,3}(?:件|个|份|双|包|瓶|盒|袋|条|台|把|套|支|只|本|罐|箱)(?:就行|就好|就够|吧|了)?$|",
    r"\b(?:change|set|make|update)\b[a-z ]{0,28}(?:quantity|(?:to|it) (?:\d{1,2}|one|two|three|four|five|six)\b)|\bjust (?:\d{1,2}|one|two|three)(?: of| instead| is enough|[.! ]*$)",
));
static FEWER_PIECES: Pattern = Pattern::new(concat!(
    "(?:减|少要|少拿|少买|去掉|拿掉|退掉|减少|减掉)(?:少)?[一二两三四五六七八九十\\d]{1,3}(?:件|个|份|双|包|瓶|盒|袋|条|台|把|套|支|只|本|罐|箱)|",
    r"\b(?:remove|take (?:out|off|away)|drop) (?:\d{1,2}|one|two|three) (?:of|piece)|\b(?:one|two|three|\d{1,2}) (?:less|fewer)\b",
));

/// Words that name nothing that could be let in.
const POINTING: &[&str] =
    &["that", "this", "it", "which", "everything", "all", "these", "those", "这个", "那个", "这样", "那样", "都"];

/// Reads a message: what changes, and where the words stand that give up a limit and so fill no slot.
pub fn changes(message: &Message) -> (Change, Vec<Range<usize>>) {
    let mut change = Change::default();
    let mut named: Vec<Range<usize>> = Vec::new();
    change.other_brand = THIS_BRAND.hits(message) && !ZH_ANY.hits(message);
    for pattern in [&ZH_AFTER, &ZH_BEFORE, &ZH_ANY, &ZH_OTHER, &EN_ANY, &EN_OTHER, &EN_CARE, &EN_MATTER, &EN_DROP] {
        for found in pattern.find(message) {
            let limit = [1, 2].into_iter().map(|group| found.text(group)).find(|name| !name.is_empty()).map(limit_of);
            change.dropped.extend(limit.filter(|limit| !change.dropped.contains(limit)));
            named.push(found.range());
        }
    }
    for lead in [&DISCOURSE, &CORRECTS, &BACK] {
        named.extend(lead.find(message).map(|found| found.range()));
    }
    named.extend(THIS_BRAND.find(message).map(|found| found.range()));
    for found in ZH_RELEASED.find(message).chain(EN_RELEASED.find(message)) {
        for group in [1, 2] {
            let Some(range) = found.group(group).filter(|range| !range.is_empty()) else { continue };
            let words = message.folded_words(&range).trim().to_owned();
            let is_named = named.iter().any(|other| other.start < range.end && range.start < other.end);
            if is_named || POINTING.contains(&words.as_str()) {
                continue;
            }
            change.released.push(words);
            match group {
                1 => named.push(range),
                _ => change.adds = true,
            }
        }
    }
    change.corrects = CORRECTS.hits(message);
    change.back = BACK.hits(message) && !NOT_BACK.hits(message);
    change.in_stock = IN_STOCK.hits(message);
    change.rating_min = RATING_MIN.find(message).find_map(|found| {
        let number = (1..=8).map(|group| found.text(group)).find(|text| !text.is_empty())?;
        parse_number(number).map(|number| number as f32)
    });
    change.pieces = match (SET_PIECES.hits(message), FEWER_PIECES.hits(message)) {
        (true, _) => Some(Pieces::Set),
        (_, true) => Some(Pieces::Fewer),
        _ => None,
    };
    (change, named)
}

/// The limit that a name stands for.
fn limit_of(name: &str) -> Limit {
    match name.trim_end_matches('s') {
        "颜色" | "色系" | "color" | "colour" => Limit::Attribute("colour"),
        "品牌" | "牌子" | "厂家" | "brand" | "make" => Limit::Brand,
        "价格" | "价钱" | "价位" | "预算" | "price" | "budget" | "cost" | "money" => Limit::Price,
        "尺码" | "码数" | "尺寸" | "大小" | "size" => Limit::Attribute("size"),
        "材质" | "面料" | "材料" | "material" | "fabric" => Limit::Attribute("material"),
        "风格" | "款式" | "功能" | "style" | "feature" => Limit::Attribute("feature"),
        "季节" | "season" => Limit::Attribute("season"),
        "用途" | "场合" => Limit::Attribute("use"),
        "人群" => Limit::Attribute("audience"),
        "评分" | "评价" | "rating" => Limit::Rating,
        _ => Limit::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Change {
        changes(&Message::new(text)).0
    }

    #[test]
    fn limits_given_up_by_name_are_found() {
        let colour = Limit::Attribute("colour");
        for (text, limit) in [
            ("颜色无所谓", colour),
            ("什么颜色都行", colour),
            ("价格也不限了", Limit::Price),
            ("不限品牌", Limit::Brand),
            ("牌子我不挑", Limit::Brand),
            ("那别的牌子也可以", Limit::Brand),
            ("any brand is fine", Limit::Brand),
            ("any colour", colour),
            ("I don't care about the price", Limit::Price),
            ("price doesn't matter", Limit::Price),
            ("money is no object", Limit::Price),
            ("forget the budget", Limit::Price),
            ("no price limit", Limit::Price),
            ("size is not important", Limit::Attribute("size")),
            ("换个颜色", colour),
            ("do you have it in another colour", colour),
        ] {
            assert_eq!(read(text).dropped, [limit], "{text}");
        }
        for text in
            ["什么颜色最好看", "any brand recommendations", "价格多少", "有什么牌子", "颜色要黑的", "good price"]
        {
            assert_eq!(read(text).dropped, [], "{text}");
        }
    }

    #[test]
    fn words_that_are_let_in_again_are_found() {
        assert_eq!(read("算了，豆腐的也行").released, ["豆腐"]);
        assert_eq!(read("不一定要黑色").released, ["黑色"]);
        assert_eq!(read("polyester is fine too").released, ["polyester"]);
        assert_eq!(read("it doesn't have to be waterproof").released, ["waterproof"]);
        assert_eq!(read("颜色无所谓").released, Vec::<String>::new());
    }

    #[test]
    fn ways_back_corrections_and_conditions_are_told() {
        assert!(read("还是回到刚才的冲锋衣吧").back && read("go back to the yoga mats").back);
        assert!(!read("can I send it back").back && !read("刚才那个多少钱").back && !read("backpack").back);
        assert!(read("不是，我要的是男士的").corrects && read("no, I meant a tent for kids").corrects);
        assert!(!read("是不是纯棉的").corrects && !read("no polyester").corrects);
        assert!(read("不要这个牌子").other_brand && read("show me another brand").other_brand);
        assert!(!read("不要拓野").other_brand && !read("那别的牌子也可以").other_brand);
        assert!(read("只看有货的").in_stock && read("only what's in stock please").in_stock);
        assert!(!read("第二款有货吗").in_stock && !read("is it in stock").in_stock);
        assert_eq!(read("评分4.5以上的").rating_min, Some(4.5));
        assert_eq!(read("at least 4 stars").rating_min, Some(4.0));
        assert_eq!(read("改成一件就行").pieces, Some(Pieces::Set));
        assert_eq!(read("make it 200-400").pieces, None);
    }
}
