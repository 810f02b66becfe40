//! Wishes: properties in the shopper's own words, and how listings would put them.
//!
//! Pure; called by [`super::refinement`] and by retrieval.

use super::search::AttributeFilter;

/// Attributes that name a wish rather than a measurable limit: where nothing of the kind in the shop meets one it is given up, and
/// that is said.
pub const WISHES: [&str; 4] = ["season", "use", "audience", "feature"];

/// A wish without words of praise, which no listing states, and a measure without what it measures: "good camera" is a camera,
/// "16gb of ram" 16gb.
pub fn plain(filter: &AttributeFilter) -> AttributeFilter {
    const PRAISE: [&str; 12] =
        ["good ", "great ", "nice ", "decent ", "really ", "very ", "super ", "a ", "an ", "some ", "很", "超级"];
    const OTHER_WORDS: [(&str, &str); 3] =
        [("light", "lightweight"), ("long battery", "long battery life"), ("long lasting", "long battery life")];
    const MEASURED: [&str; 7] = [" of ram", " ram", " of memory", " memory", " of storage", "内存", "运存"];
    let mut value = filter.value.as_str();
    if WISHES.contains(&filter.name.as_str()) {
        while let Some(rest) =
            PRAISE.iter().find_map(|word| value.strip_prefix(word)).filter(|rest| rest.chars().count() > 1)
        {
            value = rest;
        }
    }
    if value.starts_with(|character: char| character.is_ascii_digit()) {
        value = MEASURED.iter().find_map(|tail| value.strip_suffix(tail)).unwrap_or(value);
    }
    let value = OTHER_WORDS.iter().find(|(said, _)| *said == value).map_or(value, |(_, listed)| *listed);
    AttributeFilter { name: filter.name.clone(), value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn praise_and_what_is_measured_are_left_out() {
        let value = |value: &str| plain(&AttributeFilter { name: "feature".into(), value: value.into() }).value;
        assert_eq!(value("really good camera"), "camera");
        assert_eq!(value("16gb of ram"), "16gb");
        assert_eq!(value("light"), "lightweight");
        assert_eq!(value("goodyear welt"), "goodyear welt");
    }
}
