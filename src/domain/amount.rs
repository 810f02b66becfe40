//! Numbers as people write them, in digits or in Chinese numerals.

/// Reads a number: `300`, `1,299`, `49.90`, `1.5k`, `2万`, `三百`, `两千五`, `千`, `三百多`; full-width digits too. Nothing when it is
/// none.
pub fn parse_number(text: &str) -> Option<f64> {
    let plain: String = text.trim().chars().map(half_width).filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
    let plain = plain.trim_end_matches(['多', '几', '来', '+']);
    parse_digits(plain).or_else(|| parse_han(plain))
}

fn half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

fn parse_digits(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if digits.is_empty() || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = digits.trim_end_matches('.').parse().ok()?;
    let factor = match unit.to_lowercase().as_str() {
        "" => 1.0,
        "k" | "千" => 1e3,
        "w" | "万" => 1e4,
        "百" => 1e2,
        _ => return None,
    };
    Some(number * factor)
}

fn han_digit(character: char) -> Option<u64> {
    Some(match character {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '俩' | '兩' => 2,
        '三' | '叁' | '仨' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn han_unit(character: char) -> Option<u64> {
    Some(match character {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' | '萬' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// 三百二十, 两千五 (2500), 十五, 一万二 (12000), 百, 二〇二六 (2026), 半 is not read.
fn parse_han(text: &str) -> Option<f64> {
    if text.is_empty() || !text.chars().all(|c| han_digit(c).is_some() || han_unit(c).is_some()) {
        return None;
    }
    if text.chars().count() > 1 && text.chars().all(|c| han_digit(c).is_some()) {
        return text
            .chars()
            .filter_map(han_digit)
            .try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(digit))
            .map(|n| n as f64);
    }
    let (mut total, mut section, mut digit, mut last_unit, mut after_zero) = (0u64, 0u64, None::<u64>, 1u64, false);
    for character in text.chars() {
        if let Some(value) = han_digit(character) {
            after_zero = value == 0;
            digit = Some(value);
            continue;
        }
        let unit = han_unit(character)?;
        if unit >= 10_000 {
            section = section.checked_add(digit.take().unwrap_or(u64::from(section == 0)))?;
            total = total.checked_add(section)?.checked_mul(unit)?;
            section = 0;
        } else {
            section = section.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
        }
        last_unit = unit;
        after_zero = false;
    }
    if let Some(last) = digit {
        let colloquial =
            last_unit >= 100 && !after_zero && text.chars().rev().nth(1).is_some_and(|c| han_unit(c).is_some());
        section = section.checked_add(if colloquial { last * last_unit / 10 } else { last })?;
    }
    Some(total.checked_add(section)? as f64)
}

/// The numbers that a text states, each in plain digits: digits anywhere, and Chinese numerals before a unit of money, time,
/// length, weight or pieces, or with at least two numerals.
pub fn numbers_in(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().map(half_width).collect();
    let mut numbers = Vec::new();
    let mut start = 0;
    while start < characters.len() {
        let (end, number) = if characters[start].is_ascii_digit() {
            digits_at(&characters, start)
        } else if han_digit(characters[start]).is_some() || han_unit(characters[start]).is_some() {
            han_at(&characters, start)
        } else {
            (start + 1, None)
        };
        numbers.extend(number.map(|number| format!("{number}")));
        start = end;
    }
    numbers
}

fn digits_at(characters: &[char], start: usize) -> (usize, Option<f64>) {
    let mut end = start;
    while end < characters.len() {
        let between = matches!(characters[end], '.' | ',') && characters.get(end + 1).is_some_and(char::is_ascii_digit);
        let group =
            characters[end] != ',' || characters[end + 1..].iter().take_while(|c| c.is_ascii_digit()).count() == 3;
        if !(characters[end].is_ascii_digit() || between && group) {
            break;
        }
        end += 1;
    }
    let text: String = characters[start..end].iter().collect();
    let factor = match characters.get(end) {
        Some('万') => 1e4,
        Some('千') => 1e3,
        _ => 1.0,
    };
    let number = text.replace(',', "").parse::<f64>().ok().map(|number| number * factor);
    (end + usize::from(factor > 1.0), number)
}

fn han_at(characters: &[char], start: usize) -> (usize, Option<f64>) {
    const UNITS: &str = "元块毛角分折天日周月年小时个件双款条只台套瓶包本克斤两公升毫厘米寸码度次人位倍钱万";
    let length = characters[start..].iter().take_while(|c| han_digit(**c).is_some() || han_unit(**c).is_some()).count();
    let end = start + length;
    let text: String = characters[start..end].iter().collect();
    let before_unit = characters.get(end).is_some_and(|c| UNITS.contains(*c)) && characters.get(end) != Some(&'万');
    let is_number = (length >= 2 && text != "万一" && text != "一一")
        || (before_unit && text != "一" && text != "千" && text != "万");
    (end, is_number.then(|| parse_han(&text)).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cases = [
            ("300", 300.0),
            ("三百", 300.0),
            ("1k", 1000.0),
            ("1.5k", 1500.0),
            ("1,299", 1299.0),
            ("两千五", 2500.0),
            ("一百二", 120.0),
            ("一百零二", 102.0),
            ("十五", 15.0),
            ("二十", 20.0),
            ("千", 1000.0),
            ("３００", 300.0),
            ("一万二", 12000.0),
            ("2万", 20000.0),
            ("三百多", 300.0),
            ("三百二十五", 325.0),
            ("49.90", 49.9),
            ("一千零五十", 1050.0),
            ("二〇二六", 2026.0),
            ("三万五千", 35000.0),
        ];
        for (text, number) in cases {
            assert_eq!(parse_number(text), Some(number), "{text}");
        }
        for text in ["", "abc", "羽绒服", "-5", "k", "."] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_a_text_are_found_in_any_writing() {
        assert_eq!(numbers_in("¥1,299，共3款，评分4.5"), ["1299", "3", "4.5"]);
        assert_eq!(numbers_in("七天无理由，三百元"), ["7", "300"]);
        assert_eq!(numbers_in("第一款一样万一"), Vec::<String>::new());
    }
}
