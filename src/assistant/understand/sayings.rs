//! Turns of speech that settle what is meant where the screen or the catalog bears them out: patterns in both languages, each for one
//! thing that people say. Read by `context` and `lean`.

use super::pattern::Pattern;

pub(super) static ASKS_A_FACT: Pattern = Pattern::new(
    r"是什么(?:做|材|面料|牌)|什么(?:材质|面料|做的|尺寸)|大不大|重不重|吵不吵|厚不厚|硬不硬|软不软|多少(?:克|斤|钱|度|瓦|毫升)|多(?:大|重|长|高|厚|宽)[^的]{0,2}$|^and (?:the|its) [a-z ]+\?|what(?:'s| is) (?:it|the \w+ one) made of|how (?:long|heavy|big|loud|much) (?:is|does|are)",
);

/// What it costs, whether it is there, which one is best: questions about what is on the screen.
pub(super) static ASKS_BARE: Pattern = Pattern::new(
    r"^(?:那|请问|这个|那个)?(?:多少钱|什么价(?:格|位)?|怎么卖|几块钱?|价格(?:是)?多少|(?:还)?有(?:现)?货(?:吗|没有|没|么)|(?:是)?现货(?:吗|么)|缺货(?:吗|了吗)|有没有(?:现)?货)[?？]?$|^(?:and |so )?(?:how much(?: is (?:it|that|this|one))?|what(?:'s| is) the price|price|(?:is it |are they )?(?:in stock|available|sold out))[?]?$",
);

pub(super) static WHICH_IS_BEST: Pattern = Pattern::new(
    r"(?:哪|那)(?:一)?(?:款|个|种|双|件|台|只|条|把|瓶|支)(?:比较|更|最|会|性价比)?(?:好|合适|值得|推荐|划算|适合|高)|(?:推荐|建议|选)(?:我)?(?:买)?哪(?:一)?(?:款|个|种|双|件|台|只|条|把)|选哪|买哪|哪个好|\bwhich (?:one |of (?:these|them|those) )?(?:would|do|should|is|are|has|have|'s)\b[a-z ]{0,24}(?:recommend|best|better|pick|choose|buy|get|suggest|suit)|\bwhich (?:one |of (?:these|them|those) )?(?:is|are|has|have|keeps?|lasts?|holds?|weighs?|runs?|does)\b[a-z ]{0,24}\b(?:best|better|longest|lightest|heaviest|biggest|largest|smallest|quietest|warmest|most|least|longer|lighter|bigger|quieter|warmer|fastest|thinnest)\b|哪(?:一)?(?:款|个|种|双|件|台|只|条|把)[^，,。]{0,6}(?:最|更)",
);

pub(super) static MORE_OF_IT: Pattern = Pattern::new(
    r"^(?:那)?(?:还有|再(?:来|看|推荐|给我看)(?:看|一?些|几(?:个|款|样)|点|一?批)?|换(?:一)?批|换几(?:个|款)|下一(?:页|批)|其他的?呢|别的呢)(?:没有)?(?:别的|其他|其它|更多|另外)?(?:的)?(?:推荐|选择|款式?|东西|商品)?(?:吗|么|呢|看看|没有|没)?[?？。!！]?$|^(?:any|what|show me|got any|do you have any)? ?(?:other|more|else)(?: (?:options?|ones?|choices?|recommendations?|ideas?|suggestions?|results?))?[?.!]*$",
);

pub(super) static ASKS_DISCOUNT: Pattern = Pattern::new(
    r"打(?:个|点)?折|讲价|砍价|还价|抹(?:个)?零|给(?:个|点)优惠|优惠(?:一)?点|\b(?:give|get) me (?:a )?(?:discount|deal)|\bdiscount (?:for me|please)|\bhaggle|\bbest price you can",
);

pub(super) static LEAVES: Pattern = Pattern::new(
    r"^(?:那)?(?:算了|不了|还是算了|先)?[，, ]*(?:不买了|先不买了?|不看了|不要了|不需要了|再看看吧?|我再(?:想想|考虑(?:一下|考虑)?|看看)|考虑(?:一下|考虑)|下次(?:再说|再来)?|改天吧?)[。.!！~]*$|^算了[。.!！~]*$|^(?:never ?mind|forget it|not (?:today|now|interested)|maybe (?:later|next time|another time)|i'll (?:think about it|pass|be back)|let me think(?: about it)?|i(?:'m| am) just (?:looking|browsing)|just (?:looking|browsing))[.! ]*$",
);

pub(super) static LIKES: Pattern = Pattern::new(
    r"^(?:他|她|对方|孩子|我妈|我爸|老人|朋友|男朋友|女朋友|老婆|老公|我)(?:很|最|特别|比较|平时|一直|还|就|也)*(?:喜欢|爱好|爱|迷上了?)(?:喝|吃|看|玩|用|做|听|打|穿|养|去|收集)?([^，,。！!？?、]{2,8}?)(?:什么的|之类的)?[。.!！~]*$|^(?:he|she|they|my \w+) (?:really |also )?(?:likes?|loves?|enjoys?|is into|are into|is fond of)(?: to)?(?: (?:drinking|drink|eating|eat|reading|read|playing|play|doing|do|listening to|going|watching|wearing))? ([a-z][a-z ]{2,24}?)[.! ]*$",
);

pub(super) static ASKS_HELP: Pattern = Pattern::new(
    r"怎么办|怎么解决|有什么(?:好)?办法|咋办|咋整|\bwhat (?:can|should|do) i (?:do|use|get|wear)|\bany solution|\bhow (?:can|do) i (?:stop|fix|avoid|deal|keep)",
);

pub(super) static ASKS_CART: Pattern = Pattern::new(
    r"^(?:is|are|what|how|do i|did|does|has)\b[a-z' ]{0,24}\b(?:cart|basket)\b|购物车(?:里)?(?:面)?(?:有|还有|是不是|空了吗|空的吗|里有)",
);

pub(super) static ASKS_OF_IT: Pattern = Pattern::new(
    r"^(?:ok(?:ay)?,? |and |so )?(?:do|does|is|are|has|have|can|could|will|would) (?:you (?:have|sell|got|carry|stock) )?(?:it|this|that|they|them|these|those|this one|that one|the same)\b(?: (?:one|come|comes|come|available|have|in))?|^(?:有没有|有)(?:它|这款|这个|这件)的?|^(?:它|这款|这个|这件|这双|这台|这只|这条)[^不]{0,12}(?:吗|么|没有|多少|怎么样|如何|什么)[？?]?$",
);

pub(super) static WANTS_ADVICE: Pattern = Pattern::new(
    r"(?:送|给)[^，,。]{1,8}?(?:买|挑|选|送|准备)?(?:个|份|点|件)?(?:的)?(?:生日|结婚|新年|节日|纪念日|情人节|母亲节|父亲节|圣诞|乔迁|满月)?(?:礼物|礼品)|^(?:我)?(?:想|要)?(?:给|送)[^，,。]{1,10}(?:什么|啥|点什么|点啥)(?:好|合适|比较好|礼物)?|(?:有没有|有什么|找点|来点|推荐点?)[^，,。]{0,8}(?:东西|玩意|礼物|礼品|好物|小玩意)|\b(?:something|anything|stuff|things|ideas?|presents?|gifts?) (?:nice |good |cool |useful )?for (?:my |a |an |the |her |him )",
);

pub(super) static UNSAVES: Pattern = Pattern::new(
    r"取消收藏|不收藏了|移出收藏|(?:从|把)[^，,。]{0,12}收藏[^，,。]{0,8}(?:删|移|去|拿|清)|(?:删|移|去|拿)[^，,。]{0,8}收藏|\b(?:remove|delete|take|drop|clear)\b[a-z0-9# ]{0,28}\b(?:saved|wish ?list|favou?rites?|bookmarks?|my list)\b|\bunsave\b|\bunfavou?rite\b",
);

pub(super) static ONE_MORE: Pattern = Pattern::new(
    r"^(?:那)?再(?:来|加|要|拿)(?:一|两|二|三|[1-9])(?:件|个|份|双|包|瓶|盒|袋|条|台|把|套)|^(?:and )?(?:one more|another one)(?: please)?$",
);

pub(super) static ANGER: Pattern = Pattern::new(
    r"垃圾|骗子|骗人|坑人|太过分|气死|什么(?:破|烂)|无语|差劲|黑店|\b(?:garbage|scam|ripped off|ridiculous|unacceptable|disgusting|furious|outrageous)\b",
);

/// One end of an order and nothing else: the order is wanted, not a product of that name.
pub(super) static ONLY_AN_END: Pattern = Pattern::new(
    r"^(?:and |so |ok,? )?(?:what(?:'s| is) |which (?:one )?is )?(?:the )?(?:cheapest|dearest|priciest|newest|latest|best[ -]rated|best[ -]selling)(?: ones?)?[?.! ]*$|^(?:那)?最(?:便宜|贵|新|热销|畅销)的(?:那)?(?:一)?(?:个|款|件|双|台)?(?:是哪(?:一)?(?:个|款|件|双|台))?[呢?？。!！]*$",
);

/// A place on the screen and nothing else.
pub(in crate::assistant) static ONLY_A_PLACE: Pattern = Pattern::new(
    r"^(?:那|看看?|看(?:一)?下|是)?(?:第 ?[一二两三四五六七八九十0-9]+ ?|最后(?:一)?)(?:个|款|件|种|双|台|只|条|把|瓶|支)?(?:吧|呢|的)?[。.!！?？]*$|^(?:and )?(?:the )?(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)(?: one)?(?: please)?[.!?]*$|^(?:number|no\.?|#) ?[0-9]+[.!?]*$",
);
