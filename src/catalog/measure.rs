//! Measures: a number with its unit, however the unit is spelt.
//!
//! `15.6寸` meets the attribute `laptop_inch: 15.6`, and `15.6"` in a title. Called by `limits`.

use super::fold::fold;
use super::units::{unit, unit_names};
use crate::domain::amount::parse_number;

/// People, counted like a unit: a tent for four.
const PERSONS: &[&str] = &["persons", "person", "people", "人", "位"];
/// Chinese numerals that measures are written in.
const HAN: &str = "一二两三四五六七八九十百";

/// A number with a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// In digits, as written but without superfluous zeros.
    number: String,
    /// By which tokens write it.
    unit: &'static str,
}

impl Measure {
    /// Reads a value that is nothing but a measure: `15.6 inch`, `500ml`, `两` is none.
    pub fn parse(value: &str) -> Option<Self> {
        let folded = fold(value);
        let is_numeral = |character: char| character.is_ascii_digit() || character == '.' || HAN.contains(character);
        let end = folded.find(|character: char| !is_numeral(character))?;
        let (number, name) = folded.split_at(end);
        let number = parse_number(number)?;
        let name = name.trim().trim_start_matches(['-', '－']).trim();
        let counted = || PERSONS.contains(&name).then_some(PERSONS[0]);
        Some(Self { number: format!("{number}"), unit: unit(name).or_else(counted)? })
    }

    /// The number as feeds write it.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Whether an attribute of this name is measured in the unit, as `laptop_inch` and `capacity_ml` are.
    pub fn is_unit_of(&self, attribute: &str) -> bool {
        attribute == self.unit || attribute.strip_suffix(self.unit).is_some_and(|rest| rest.ends_with('_'))
    }

    /// Whether grams are as likely meant to be gigabytes, as in a phone with 256G.
    fn is_storage(&self) -> bool {
        self.unit == "g" && ["16", "32", "64", "128", "256", "512"].contains(&self.number.as_str())
    }

    /// Every way of writing it, joined and apart.
    pub fn spellings(&self) -> Vec<String> {
        let names = if self.unit == PERSONS[0] { PERSONS } else { unit_names(self.unit) };
        let names = names.iter().chain(if self.is_storage() { &["gb"] as &[&str] } else { &[] });
        names.flat_map(|name| [format!("{}{name}", self.number), format!("{} {name}", self.number)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_the_same_in_any_spelling() {
        for value in ["15.6寸", "15.6 inches", "15.6-inch", "15.60英寸"] {
            let measure = Measure::parse(value).expect(value);
            assert!(measure.is_unit_of("laptop_inch") && !measure.is_unit_of("pinch"), "{value}");
            assert!(measure.spellings().contains(&"15.6寸".to_owned()));
        }
        assert!(Measure::parse("4 people").is_some_and(|four| four.is_unit_of("capacity_persons")));
        assert_eq!(Measure::parse("四人"), Measure::parse("4人"));
        assert!(Measure::parse("256G").is_some_and(|storage| storage.spellings().contains(&"256gb".to_owned())));
        assert!(Measure::parse("100G").is_some_and(|tea| !tea.spellings().contains(&"100gb".to_owned())));
        assert_eq!(Measure::parse("XL"), None);
        assert_eq!(Measure::parse("27"), None);
    }
}
