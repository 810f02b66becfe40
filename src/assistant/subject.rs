//! What questions about products are about: words for it in both languages, and the forms that questions and answers take.
//!
//! Pure. Called by `line` and `select`.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use super::line::stem;
use crate::domain::language::is_han;

/// What questions are about, under the words for it in both languages.
const SUBJECTS: &[&str] = &[
    "big large size dimension dimensions measure measurement measurements tall wide width height length long inch inches cm feet ft diameter deep depth thick thickness high mm small 尺寸 多大 大小 长度 宽度 高度 厚度 直径 多长 多高 多宽 多厚 规格 厘米 毫米",
    "weigh weight heavy light pound pounds lb lbs kg ounce ounces oz gram grams 重量 多重 重不重 净重 克 公斤",
    "material fabric plastic metal wood wooden leather cotton polyester steel aluminum glass rubber silicone nylon vinyl 材质 面料 材料 什么做的 布料 填充 内胆",
    "fit compatible compatibility work works support supports match induction 电磁炉 适用 兼容 适配 支持 能用 装得下 放得下 装下 放下 塞得 匹配 适合 能配",
    "include includes included comes come component components package contain contains box accessory accessories attached 包含 配件 附带 送 清单 套装 有没有带",
    "country origin made manufactured china usa america germany japan import 产地 哪里产 国产 进口 生产",
    "color colour colors colours black white red blue green silver pink gray grey brown 颜色 色",
    "wash washable clean cleaning washing machine dishwasher care wipe removable 洗 机洗 手洗 清洁 清洗 拆洗 可拆 护理 保养",
    "warranty guarantee return replace replacement 保修 质保",
    "assemble assembly install installation setup instruction instructions mount put together wall hang adjust adjustable 安装 组装 壁挂 挂墙 升降 调节 折叠 收起 收纳",
    "age old year years kid kids child children toddler baby adult month months 岁 个月 月大 年龄 适合人群 儿童 宝宝 孩子 幼犬 成犬",
    "noise noisy loud quiet sound volume silent 噪音 声音 静音 吵 分贝 响",
    "waterproof water resistant rain wet outdoor weather proof splash soaked immersion submerge swim float 防水 防雨 下雨 淋雨 大雨 雨天 进水 泡水 落水 掉水 水里 碰水 防泼 浮",
    "last durable durability lasting sturdy strong break broke quality 耐用 结实 质量 耐磨",
    "battery batteries charge charger charging rechargeable power cord plug electric volt volts voltage watt watts amp amps lithium hours 电池 续航 充电 充满 充一次 用多久 听多久 待机 小时 电压 功率 插电",
    "quantity many count pack pieces piece number set pcs each per 几个 几件 多少个 几只 数量 一盒 一包 几口人 几人 人份 六口 五口 四口 三口",
    "ingredient ingredients gluten sugar calories organic natural contain flavor flavour taste serving 成分 配料 含糖 口味 味道",
    "smell scent odor odour fragrance odorless stink 气味 味道 异味 香味 腥味 腥 臭 有味",
    "speed fast slow rpm mph 速度 转速 快",
    "capacity hold holds gallon liter litre quart cup gb storage memory 容量 多少升 内存 存储 扩容 插卡 存储卡",
    "connect connection bluetooth wifi usb wireless port cable hdmi ethernet port jack pair pairing stereo two devices multipoint 蓝牙 接口 连接 无线 网线 耳机孔 插孔 双设备 两台 同时连 配对",
    "comfort comfortable soft hard firm 舒服 舒适 软 硬",
    "hot cold temperature heat warm degree degrees cool 保暖 温度 保温 散热 暖和 凉",
    "window windows mac os linux android ios software operating system 系统",
    "thin thickness stretch stretchy elastic tight loose true sizing 弹力 弹性 偏大 偏小 修身 宽松 合身 码",
    "season winter summer spring autumn fall 季节 冬天 夏天 春秋",
    "allergy sensitive skin safe bpa toxic allergic 敏感 过敏 安全 无毒 肤质 孕妇",
    "price cost expensive cheap 多少钱 价格 价钱 几块 贵不贵",
    "stock available availability 库存 有货 现货 缺货",
    "brand maker 品牌 牌子",
    "expire expiry shelf life fresh date 保质期 新鲜",
    "headphone jack wired aux plug",
    "sim microsd expand expandable slot",
    "sand dust beach mud",
    "slip slippery grip traction",
    "shrink pill pilling fade bleed iron wrinkle crease",
    "itch itchy scratchy prickly",
    "breathable breathe sweat sweaty stuffy",
    "oven microwave stove hob induction flame",
    "leak leaky spill seal lid",
    "plane flight cabin airline airplane",
    "narrow flat feet arch toe",
    "knee cushion cushioning impact suspension bumpy",
    "fold foldable folded collapse compact",
    "caffeine decaf sleep bedtime",
    "sweet bitter sour spicy roast",
    "dairy milk peanut egg vegan chicken beef",
    "pregnant pregnancy nursing",
    "newborn recline flat infant",
    "timer preset overnight",
    "wall vesa mountable hang",
    "upgrade soldered ram ssd",
    "hood detachable removable",
    "pocket zip zipper compartment",
    "dishwasher rust",
    "耳机孔 插孔 有线耳机 3.5mm 3.5毫米 圆孔",
    "卡槽 双卡 两张卡 插卡 存储卡 内存卡 扩容 扩展 sim卡",
    "沙子 沙滩 海边 灰尘 防尘 泥",
    "打滑 防滑 滑不滑 会滑 止滑 抓地 鞋底 湿地",
    "缩水 起球 掉色 褪色 起皱 熨 免烫 变形 洗后",
    "扎人 扎不扎 发痒 刺痒 亲肤 柔软 贴身",
    "透不透 薄透 走光 透光 遮光",
    "透气 闷不闷 会闷 发闷 快走会闷 出汗 捂脚 吸汗 排汗 闷热",
    "烤箱 微波炉 洗碗机 明火 燃气 煤气 电磁炉 灶具 炉灶",
    "漏水 会漏 洒出 密封 漏不漏 倒过来 盖子",
    "防风 挡风 灌风 风大 大风",
    "零下 御寒 抗寒 下雪 雪地 多冷 几度",
    "飞机 登机 托运 随身 机舱 航班",
    "脚宽 宽脚 脚背 扁平足 鞋楦 楦 夹脚 顶脚 挤脚",
    "膝盖 腰疼 颈椎 支撑 缓震 减震 缓冲 避震 颠簸 颠不颠 塌陷",
    "折叠 收纳 收起 体积 占地 占不占 放得进 柜",
    "手机控制 app 遥控 语音 联网 智能家居",
    "滤芯 滤网 耗材 更换 替换 换芯",
    "平米 平方 面积 多大房间 客厅 卧室 适用面积",
    "咖啡因 失眠 睡前 晚上喝 睡不着",
    "偏甜 甜不甜 苦不苦 偏酸 酸不酸 咸不咸 辣不辣 口感 烘焙 回甘 香气 风味",
    "冲泡 怎么泡 水温 研磨 泡几分钟 耐泡",
    "花生 牛奶 乳糖 鸡蛋 麸质 素食 鸡肉 牛肉 含不含 过敏原",
    "孕妇 怀孕 哺乳 孕期",
    "油皮 干皮 油腻 黏腻 泛白 假白 搓泥 吸收 清爽 拔干 控油 补妆",
    "酒精 香精 香料 防腐剂 硅油 皂基 无香",
    "幼犬 成犬 老年犬 幼猫 颗粒 大型犬 小型犬 挑食 掉毛 软便",
    "新生儿 平躺 放平 躺平 能躺 靠背 月龄 几个月",
    "误吞 小零件 吞下 无毒 甲醛 边角",
    "多少页 页 精装 平装 字号 作者 谁写 插图 拼音 适合几年级",
    "地钉 搭建 好搭 支杆 帐杆 外帐 几分钟搭",
    "耐脏 污渍 弄脏 油渍 擦干净 难洗",
    "亮度 色温 调光 频闪 护眼 流明 刺眼",
    "青轴 红轴 茶轴 轴体 热插拔 背光 键帽 手感",
    "刷新率 分辨率 面板 接口 hdmi vga",
    "打游戏 玩游戏 显卡 剪视频 剪辑 性能 卡不卡",
    "加内存 内存 固态 加装 升级 硬盘 焊死",
    "拍照 摄像头 夜景 变焦 自拍 像素",
    "口袋 隔层 夹层 拉链 暗袋 兜 分区",
    "帽子 可拆 拆下 领子 袖口 拆卸",
    "松紧 腰围 抽绳 弹性",
    "充绒 绒量 填充 蓬松 鸭绒 鹅绒 含绒",
    "提前 预约 定时 前一晚 头天晚上",
    "几口人 几个人 人份 够不够吃 全家",
    "夹头 眼镜 压耳 耳朵疼 久戴 重不重",
    "通话 麦克风 打电话 收音",
    "浮起 漂浮 掉水 落水 沉",
    "升降 调高 高低 倾斜 旋转 壁挂 挂墙",
    "生锈 锈 磕碰 掉漆 粘锅 不粘 涂层",
    "线长 电线 插头 电压 双电压 出国",
];

/// Words that say nothing of the subject.
const STOP: &str = "a an the is are was were be been do does did it its this that these those i you he she we they my your of in on at to for \
from with and or if can could will would have has had as by so what how any there not but me am one when which who please anyone know \
tell hello hi thanks also just get got use want need product item say said look thing make come new don doesn isn into up out 这个 那个 这款 那款 \
第一 第二 第三 一款 请问 可以 怎么 怎样 什么 有没 没有 是不 不是 是否 能不 不能 多少 吗 呢";

/// Attributes that seldom answer.
pub(super) const FORMAL: &[&str] =
    &["brand", "manufacturer", "part_number", "model_number", "model_name", "target_gender", "品牌"];

const NUMBER_QUESTION: &str = r"\b(how (many|much|long|big|tall|wide|deep|thick|heavy|high|large|far|fast|old|often|small|hot|loud)|dimension|measure|what size|size of|what is the (size|weight|height|length|width|depth|diameter|capacity|voltage|wattage|volume)|weigh|diameter|length|width|height)\b|多[少大长高宽厚重久快远深]|几[个件只克斤升寸码岁天小年]|尺寸|重量|容量|规格";
const MEASURE: &str = r#"\d[\d./]*\s*("|inch|inches|in\b|cm|mm|ft|feet|foot|lb|lbs|pounds?|kg|oz|ounces?|gb|tb|mah|watts?|w\b|volts?|v\b|hours?|minutes?|days?|years?|months?|gallons?|quarts?|liters?|ml|degrees?|%|x\b|厘米|毫米|克|公斤|升|寸|小时|分钟|岁|码|瓦|米)|unit:"#;
const YES_NO: &str = r"^\W*(is|are|does|do|can|will|would|has|have|did|could|should|was|were)\b|[,.?!] *(is|are|does|do|can|will|would|has|have) (it|this|these|they|the|you|there|i)\b|吗|能不能|是不是|有没有|可不可以|会不会";
const SAYS_YES_NO: &str = r"^\W*(yes|no|yeah|yep|nope|it (does|is|will|can)|they (do|are))\b";
const ATTRIBUTE_NAME: &str = r"^([a-z_]{3,50}):";

/// The forms that questions and answers take.
pub(super) struct Patterns {
    /// Asks for a number.
    pub number_question: Option<Regex>,
    /// States a measure.
    pub measure: Option<Regex>,
    /// Asks yes or no.
    pub yes_no: Option<Regex>,
    /// Says yes or no.
    pub says_yes_no: Option<Regex>,
    /// Names an attribute as feeds do.
    pub attribute_name: Option<Regex>,
}

pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    number_question: Regex::new(NUMBER_QUESTION).ok(),
    measure: Regex::new(MEASURE).ok(),
    yes_no: Regex::new(YES_NO).ok(),
    says_yes_no: Regex::new(SAYS_YES_NO).ok(),
    attribute_name: Regex::new(ATTRIBUTE_NAME).ok(),
});
pub(super) static STOPPED: LazyLock<BTreeSet<String>> = LazyLock::new(|| STOP.split_whitespace().map(stem).collect());
static SUBJECT_OF: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut subjects: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, words) in SUBJECTS.iter().enumerate() {
        for word in words.split_whitespace() {
            subjects.entry(stem(word)).or_default().push(place);
        }
    }
    subjects
});

/// Whether a text has a form.
pub(super) fn fits(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// What a text is about: by its words, and by Chinese words that stand in it.
pub(super) fn subjects<'a>(text: &str, words: impl Iterator<Item = &'a String>) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = words.filter_map(|word| SUBJECT_OF.get(word)).flatten().copied().collect();
    if text.contains(is_han) {
        let stands = |word: &str| word.starts_with(is_han) && text.contains(word);
        let named = SUBJECTS.iter().enumerate().filter(|(_, words)| words.split_whitespace().any(stands));
        found.extend(named.map(|(place, _)| place));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> BTreeSet<usize> {
        subjects(text, super::super::line::tokens(text).iter())
    }

    #[test]
    fn both_languages_ask_about_the_same() {
        assert!(!about("how heavy is it").is_disjoint(&about("有多少克，重量是多少")));
        assert!(about("how heavy is it").is_disjoint(&about("什么颜色")));
    }

    #[test]
    fn every_pattern_is_valid_and_finds_its_form() {
        assert!(fits(&PATTERNS.number_question, "how much does it weigh") && fits(&PATTERNS.number_question, "有多重"));
        assert!(fits(&PATTERNS.measure, "it is 15 cm wide") && fits(&PATTERNS.says_yes_no, "yes, it does"));
        assert!(fits(&PATTERNS.yes_no, "does it fit") && fits(&PATTERNS.yes_no, "能机洗吗"));
        assert!(fits(&PATTERNS.attribute_name, "item_weight: 3"));
    }
}
