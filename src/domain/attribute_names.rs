//! Names of attributes that feeds use beside the canonical ones, in Chinese, and the units that their endings name.
//!
//! `weight_g` is a weight in grams. Pure; called by `attribute` and `wording`.

use super::language::Language;

/// Endings of names, with the unit in Chinese and English.
const UNITS: &[(&str, &str, &str)] = &[
    ("_kg", "千克", "kg"),
    ("_mg", "毫克", "mg"),
    ("_g", "克", "g"),
    ("_ml", "毫升", "ml"),
    ("_l", "升", "L"),
    ("_m3h", "立方米/小时", "m³/h"),
    ("_m2", "平方米", "m²"),
    ("_cm", "厘米", "cm"),
    ("_mm", "毫米", "mm"),
    ("_km", "千米", "km"),
    ("_m", "米", "m"),
    ("_inch", "英寸", "in"),
    ("_mah", "毫安时", "mAh"),
    ("_wh", "瓦时", "Wh"),
    ("_kw", "千瓦", "kW"),
    ("_w", "瓦", "W"),
    ("_v", "伏", "V"),
    ("_hz", "赫兹", "Hz"),
    ("_db", "分贝", "dB"),
    ("_gb", "GB", "GB"),
    ("_tb", "TB", "TB"),
    ("_mp", "万像素", "MP"),
    ("_pa", "帕", "Pa"),
    ("_rpm", "转/分", "rpm"),
    ("_hours", "小时", "hours"),
    ("_minutes", "分钟", "minutes"),
    ("_days", "天", "days"),
    ("_months", "个月", "months"),
    ("_years", "年", "years"),
    ("_persons", "人", "persons"),
    ("_min", "分钟", "min"),
    ("_gsm", "克/平方米", "g/m²"),
    ("_oz", "盎司", "oz"),
    ("_mmhg", "毫米汞柱", "mmHg"),
    ("_ohm", "欧", "Ω"),
    ("_c", "℃", "°C"),
    ("_percent", "%", "%"),
];

/// Names without their unit, in Chinese.
const NAMES: &[(&str, &str)] = &[
    ("weight", "重量"),
    ("net_weight", "净含量"),
    ("capacity", "容量"),
    ("power", "功率"),
    ("battery", "电池"),
    ("lining", "内里"),
    ("fill", "填充"),
    ("fill_power", "蓬松度"),
    ("fill_weight", "填充量"),
    ("screen", "屏幕"),
    ("length", "长度"),
    ("width", "宽度"),
    ("height", "高度"),
    ("depth", "深度"),
    ("thickness", "厚度"),
    ("diameter", "直径"),
    ("hood", "帽子"),
    ("fit", "版型"),
    ("neckline", "领型"),
    ("sleeve", "袖型"),
    ("refresh", "刷新率"),
    ("resolution", "分辨率"),
    ("panel", "面板"),
    ("pieces", "件数"),
    ("pack_count", "件数"),
    ("waterproof", "防水"),
    ("roast", "烘焙度"),
    ("cable", "线长"),
    ("noise", "噪音"),
    ("type", "类型"),
    ("bluetooth_version", "蓝牙版本"),
    ("leg", "裤型"),
    ("rise", "腰型"),
    ("closure", "闭合方式"),
    ("storage", "存储"),
    ("memory", "内存"),
    ("skin_type", "适用肤质"),
    ("key_ingredient", "主要成分"),
    ("drop", "前后掌落差"),
    ("shaft_height", "筒高"),
    ("keys", "按键数"),
    ("keep_warm", "保温时间"),
    ("charging", "充电功率"),
    ("voltage", "电压"),
    ("cadr", "洁净空气量"),
    ("area", "适用面积"),
    ("shelf_life", "保质期"),
    ("origin", "产地"),
    ("warranty", "保修期"),
    ("model", "型号"),
    ("pages", "页数"),
    ("author", "作者"),
    ("age", "适用年龄"),
    ("flavour", "口味"),
    ("scent", "香味"),
    ("pattern", "图案"),
    ("sole", "鞋底"),
    ("heel", "鞋跟"),
    ("toe", "鞋头"),
    ("frame", "框架"),
    ("finish", "表面"),
    ("speed", "速度"),
    ("connection", "连接"),
    ("interface", "接口"),
    ("processor", "处理器"),
    ("camera", "摄像头"),
    ("thread_count", "纱支"),
    ("spf", "防晒指数"),
    ("waterproof_rating", "防水等级"),
    ("leakproof", "防漏"),
    ("size", "尺寸"),
    ("language", "语言"),
    ("age_range", "适用年龄"),
    ("laptop", "适用电脑"),
    ("sheet_type", "款式"),
    ("filter_type", "滤网"),
    ("hair_type", "适用发质"),
    ("max_load", "最大承重"),
    ("load", "承重"),
    ("life_stage", "适用阶段"),
    ("protein", "蛋白质"),
    ("fat", "脂肪"),
    ("moisture", "水分"),
    ("binding", "装帧"),
    ("genre", "题材"),
    ("tea_type", "茶类"),
    ("process", "处理法"),
    ("acidity", "酸度"),
    ("fabric", "面料克重"),
    ("switch", "轴体"),
    ("blade", "刀刃长度"),
    ("breed_size", "适用体型"),
    ("suction", "吸力"),
    ("min_length", "最短长度"),
    ("max_length", "最长长度"),
    ("yarn_count", "纱支"),
    ("teat_flow", "奶嘴流量"),
    ("lock_type", "锁型"),
    ("breathability", "透湿量"),
    ("ports", "接口数"),
    ("theme", "主题"),
    ("brew_temp", "冲泡温度"),
    ("upf", "防紫外线指数"),
    ("data_rate", "传输速率"),
    ("usb_c_power", "USB-C 供电"),
    ("cri", "显色指数"),
    ("illuminance_grade", "照度等级"),
    ("count", "数量"),
    ("case_battery", "充电盒续航"),
    ("connector", "接头"),
    ("gpu_memory", "显存"),
    ("water_resistant", "防水时间"),
    ("pressure", "压力"),
    ("impedance", "阻抗"),
    ("mattress_depth", "适用床垫厚度"),
    ("socket", "插口"),
    ("seat_height", "座高"),
    ("illustrator", "绘者"),
    ("grain", "颗粒"),
    ("kibble", "颗粒"),
];

/// A name without the ending that names its unit, and the unit; no unit where the name has none.
pub fn split_unit(canonical: &str, language: Language) -> (&str, Option<&'static str>) {
    let unit = UNITS.iter().find_map(|(ending, zh, en)| {
        let name = canonical.strip_suffix(ending).filter(|name| !name.is_empty())?;
        Some((name, if language == Language::Zh { *zh } else { *en }))
    });
    unit.map_or((canonical, None), |(name, unit)| (name, Some(unit)))
}

/// The Chinese name of an attribute, if it is known; `name` has no unit.
pub fn chinese(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, zh)| *zh)
}

/// Whether words are what an attribute is called: a question of one word ("刷新率呢", "and the weight?") is about it.
pub fn is_name(words: &str) -> bool {
    let plain = words.trim().to_lowercase().replace(' ', "_");
    !plain.is_empty() && NAMES.iter().any(|(name, zh)| *name == plain || *zh == plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_ending_is_told_from_the_name() {
        assert_eq!(split_unit("weight_g", Language::Zh), ("weight", Some("克")));
        assert_eq!(split_unit("weight_kg", Language::En), ("weight", Some("kg")));
        assert_eq!(split_unit("lining", Language::Zh), ("lining", None));
        assert!(is_name("刷新率") && is_name("Weight") && !is_name("耳机"));
        assert_eq!(chinese(split_unit("battery_hours", Language::Zh).0), Some("电池"));
    }
}
