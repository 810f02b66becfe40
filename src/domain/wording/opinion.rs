//! What an admin reads of the reviews' analysis.

use super::pick;
use crate::domain::aspect::Aspect;
use crate::domain::language::Language;

/// An aspect's name.
pub fn aspect(language: Language, aspect: Aspect) -> &'static str {
    let (zh, en) = match aspect {
        Aspect::Size => ("尺码与合身", "size and fit"),
        Aspect::Material => ("材质", "material"),
        Aspect::Quality => ("质量与做工", "quality"),
        Aspect::Comfort => ("舒适与手感", "comfort"),
        Aspect::Looks => ("外观与颜色", "looks"),
        Aspect::Performance => ("性能与效果", "performance"),
        Aspect::Ease => ("使用与安装", "ease of use"),
        Aspect::Power => ("电池与充电", "battery"),
        Aspect::Sound => ("声音与噪音", "sound"),
        Aspect::Picture => ("屏幕与画质", "screen and picture"),
        Aspect::Smell => ("气味与口味", "smell and taste"),
        Aspect::Care => ("清洗与保养", "washing and care"),
        Aspect::Weight => ("重量与体积", "weight and bulk"),
        Aspect::Price => ("价格", "price"),
        Aspect::Delivery => ("物流与包装", "delivery"),
        Aspect::Service => ("服务与售后", "service"),
    };
    pick(language, zh, en)
}

/// The headings of the table of aspects.
pub fn aspect_headings(language: Language) -> [&'static str; 4] {
    match language {
        Language::Zh => ["方面", "好评", "差评", "原话"],
        Language::En => ["aspect", "praise", "complaint", "in buyers' words"],
    }
}

/// The headings of the table of products or categories.
pub fn overview_headings(language: Language) -> [&'static str; 7] {
    match language {
        Language::Zh => ["", "评价", "均分", "好评", "差评", "最受好评", "最多差评"],
        Language::En => ["", "reviews", "stars", "praise", "complaint", "praised most", "blamed most"],
    }
}

/// The headings of the table of months.
pub fn month_headings(language: Language) -> [&'static str; 5] {
    match language {
        Language::Zh => ["月份", "评价", "均分", "好评", "差评"],
        Language::En => ["month", "reviews", "stars", "praise", "complaint"],
    }
}

/// The whole shop.
pub fn whole_shop(language: Language) -> &'static str {
    pick(language, "全店", "the whole shop")
}

/// Counts in one line.
pub fn counts(language: Language, reviews: usize, praise: usize, complaint: usize, stars: Option<f64>) -> String {
    let stars = stars.map(|stars| match language {
        Language::Zh => format!("，平均 {stars:.1} 星"),
        Language::En => format!(", {stars:.1} stars on average"),
    });
    let stars = stars.unwrap_or_default();
    match language {
        Language::Zh => format!("{reviews} 条评价{stars}：好评 {praise}，差评 {complaint}"),
        Language::En => format!("{reviews} reviews{stars}: {praise} praise, {complaint} complain"),
    }
}

/// How the share of praise moved between the earlier and the later half of the reviews, in percent.
pub fn trend(language: Language, earlier: f64, later: f64) -> String {
    match language {
        Language::Zh => format!("好评率：前一半 {earlier:.0}% → 后一半 {later:.0}%"),
        Language::En => format!("share of praise: {earlier:.0} % in the earlier half → {later:.0} % in the later"),
    }
}

/// The heading over suspicious reviews.
pub fn suspicious(language: Language, count: usize) -> String {
    match language {
        Language::Zh => format!("可疑评价 {count} 组："),
        Language::En => format!("suspicious reviews, {count} groups:"),
    }
}

/// Why reviews are suspicious.
pub fn suspicion(language: Language, kind: &str) -> &'static str {
    match kind {
        "same_text" => pick(language, "文字相同", "the same words"),
        "like_text" => pick(language, "文字几乎相同", "almost the same words"),
        "burst" => pick(language, "同一天大量好评", "many of full praise on one day"),
        _ => pick(language, "星级与文字相反", "stars against the words"),
    }
}

/// There are no reviews.
pub fn none(language: Language) -> &'static str {
    pick(language, "没有评价", "there are no reviews")
}
