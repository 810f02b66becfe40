//! Units of measure under all their names in both languages, and numbers written with one.
//!
//! Pure. Called by `tokens` and `measure`.

/// Units under all their names; the first is how tokens write it.
const UNITS: &[&[&str]] = &[
    &["inch", "inches", "\"", "″", "”", "寸", "英寸", "吋"],
    &["cm", "厘米", "公分", "centimeter", "centimeters", "centimetre", "centimetres"],
    &["mm", "毫米", "millimeter", "millimeters", "millimetre", "millimetres"],
    &["m", "米", "meter", "meters", "metre", "metres"],
    &["ft", "foot", "feet", "英尺"],
    &["ml", "毫升", "milliliter", "milliliters", "millilitre", "millilitres"],
    &["l", "升", "liter", "liters", "litre", "litres"],
    &["g", "克", "gram", "grams"],
    &["kg", "公斤", "千克", "kilo", "kilos", "kilogram", "kilograms", "kgs"],
    &["oz", "盎司", "ounce", "ounces"],
    &["lb", "磅", "lbs", "pound", "pounds"],
    &["w", "瓦", "watt", "watts"],
    &["v", "伏", "volt", "volts"],
    &["hz", "赫兹", "hertz"],
    &["mah", "毫安", "毫安时"],
    &["gb", "g内存"],
    &["tb"],
    &["码", "号"],
    &["pcs", "pc", "piece", "pieces", "件", "只", "个", "片"],
    &["岁", "years", "yrs"],
];

/// The name by which tokens write a unit.
pub fn unit(name: &str) -> Option<&'static str> {
    UNITS.iter().find(|names| names.contains(&name)).map(|names| names[0])
}

/// Every name of a unit, by the name that tokens write.
pub fn unit_names(unit: &str) -> &'static [&'static str] {
    UNITS.iter().find(|names| names[0] == unit).copied().unwrap_or(&[])
}

/// A number without superfluous decimals: `6.0` → `6`.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// A number and its unit in one word: `120ml`.
pub(super) fn measure(chunk: &str) -> Option<(String, &'static str)> {
    let split = chunk.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let number = decimal(chunk[..split].trim_end_matches('.'))?;
    Some((number, unit(&chunk[split..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_unit_are_read_from_one_word() {
        assert_eq!(measure("120ml"), Some(("120".to_owned(), "ml")));
        assert_eq!(measure("15.0寸"), Some(("15".to_owned(), "inch")));
        assert_eq!(measure("15.6"), None);
        assert_eq!(measure("3peaks"), None);
        assert_eq!(unit("公斤"), Some("kg"));
        assert!(unit_names("kg").contains(&"千克"));
        assert!(unit_names("furlong").is_empty());
    }
}
