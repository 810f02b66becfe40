//! Hard limits: which products a search's filters let through.
//!
//! Never lets a product through that its listing does not show to meet the limit. Called by `search` and `relax`.

use std::cell::{Cell, OnceCell};

use super::audience;
use super::docset::DocSet;
use super::fold::fold;
use super::measure::Measure;
use super::synonyms::Synonyms;
use super::texts::Texts;
use super::tokens::Tokenizer;
use super::values::{Column, Values, affirms, is_member, normal};
use crate::domain::attribute::canonical_name;
use crate::domain::search::{AttributeFilter, Filters};

/// Attributes that are sought in a product's texts too.
const SOUGHT_IN_TEXTS: &[&str] = &["feature", "use"];

/// Attributes that people fill with words of their own ("for wide feet"): a value that no listing has is sought as a feature is.
const FREE: &[&str] = &["audience", "season"];

/// Attributes whose values may be measures.
const MEASURED: &[&str] = &["size", "feature"];

/// Attributes of which several wanted values are alternatives ("black or white"); of the others all are wanted.
pub const EITHER: &[&str] = &["colour", "size", "season", "audience"];

/// Parts of attribute names that speak of the same as a canonical name.
const RELATED: &[(&str, &[&str])] = &[
    ("colour", &["colour", "color", "颜色", "色系"]),
    ("size", &["size", "尺寸", "尺码", "规格", "鞋码"]),
    ("material", &["material", "fabric", "面料", "填充", "材质", "材料", "fill", "lining", "upper", "成分"]),
    ("season", &["season", "季节"]),
    ("audience", &["audience", "gender", "人群", "性别"]),
];

/// Values that mean every season.
const ALL_SEASONS: &[&str] = &["四季", "全年", "all season", "year round", "all year"];

/// Numbers of every product, for limits and for sorting.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Numbers {
    /// Major units.
    pub price: Option<f64>,
    /// 0–5.
    pub rating: Option<f32>,
    /// Whether it can be bought.
    pub in_stock: bool,
    /// Days since the year 0, for order only.
    pub added: Option<i32>,
    /// Pieces sold.
    pub sales: Option<u32>,
    /// Number of reviews.
    pub reviews: Option<u32>,
}

/// What comparing needs of a snapshot.
pub struct Comparer<'a> {
    /// The values.
    pub values: &'a Values,
    /// The numbers, by product.
    pub numbers: &'a [Numbers],
    /// What means the same.
    pub synonyms: &'a Synonyms,
    /// How words are cut.
    pub tokenizer: &'a Tokenizer,
}

/// Filters ready to be asked about products.
pub struct Limits<'a> {
    values: &'a Values,
    numbers: &'a [Numbers],
    price: (Option<f64>, Option<f64>),
    rating_min: Option<f32>,
    in_stock: bool,
    wanted: Vec<Wanted<'a>>,
    excluded: Vec<Wanted<'a>>,
}

/// The products whose values meet one filter, and the words that may meet it in their texts.
struct Wanted<'a> {
    matched: DocSet,
    words: Vec<String>,
    /// Products that name the attribute are judged by it alone.
    named: Vec<&'a DocSet>,
    in_title: bool,
    in_description: bool,
    /// How many products' texts were looked at.
    asked: Cell<usize>,
    /// The products whose texts meet it, once many were asked about.
    told: OnceCell<DocSet>,
}

/// After so many products' texts all are searched at once: 50,000 titles and descriptions take about as long as a few thousand of
/// them one by one.
const MANY: usize = 2000;

impl<'a> Comparer<'a> {
    /// Prepares filters.
    pub fn limits(&self, filters: &Filters) -> Limits<'a> {
        let mut wanted = Vec::new();
        if !filters.categories.is_empty() {
            wanted.push(self.named(&self.values.category, &filters.categories));
        }
        if !filters.brands.is_empty() {
            wanted.push(self.named(&self.values.brand, &filters.brands));
        }
        wanted.extend(self.attributes(&filters.attributes, filters.listed));
        Limits {
            values: self.values,
            numbers: self.numbers,
            price: (filters.price_min, filters.price_max),
            rating_min: filters.rating_min,
            in_stock: filters.in_stock,
            wanted,
            excluded: filters.exclude.iter().map(|word| self.excluded(word)).collect(),
        }
    }

    fn size(&self) -> usize {
        self.numbers.len()
    }

    /// The word and all that means the same, in normal form.
    fn forms(&self, word: &str) -> Vec<String> {
        let folded = fold(word);
        let mut forms = vec![normal(&folded, self.tokenizer)];
        forms.extend(self.synonyms.forms(&folded).iter().map(|form| normal(form, self.tokenizer)));
        forms.retain(|form| !form.is_empty());
        forms.dedup();
        forms
    }

    /// A category or brand under any of its names: exactly, else as part of a name, else in the title of products without one.
    fn named(&self, column: &'a Column, names: &[String]) -> Wanted<'a> {
        let mut matched = DocSet::new(self.size());
        let mut words = Vec::new();
        for name in names {
            let forms = self.forms(name);
            let mut found = column.matching(&forms, self.size(), |value, form| value == form);
            if found.is_empty() {
                found = column.matching(&forms, self.size(), affirms);
            }
            matched.unite(&found);
            words.extend(forms);
        }
        Wanted {
            matched,
            words,
            named: vec![&column.present],
            in_title: true,
            in_description: false,
            asked: Cell::default(),
            told: OnceCell::new(),
        }
    }

    /// One condition for each filter, and one for all alternatives of an attribute.
    fn attributes(&self, filters: &[AttributeFilter], listed: bool) -> Vec<Wanted<'a>> {
        let mut wanted: Vec<(String, Wanted<'a>)> = Vec::with_capacity(filters.len());
        for filter in filters {
            let (name, one) = (canonical_name(&filter.name), self.attribute(filter, listed));
            let earlier = wanted.iter_mut().find(|(other, _)| *other == name && EITHER.contains(&name.as_str()));
            match earlier {
                Some((_, earlier)) => earlier.or(one),
                None => wanted.push((name, one)),
            }
        }
        wanted.into_iter().map(|(_, wanted)| wanted).collect()
    }

    fn attribute(&self, filter: &AttributeFilter, listed: bool) -> Wanted<'a> {
        let name = canonical_name(&filter.name);
        let mut forms = self.forms(&filter.value);
        if name == "audience" {
            forms.extend(audience::groups(&filter.value).into_iter().flat_map(|group| self.forms(group)));
        }
        if name == "season" {
            forms.extend(ALL_SEASONS.iter().map(|form| normal(form, self.tokenizer)));
        }
        if name == "size" {
            let bare: Vec<String> =
                forms.iter().map(|form| form.trim_end_matches(['码', '号']).trim().to_owned()).collect();
            forms.extend(bare.into_iter().filter(|form| !form.is_empty()));
        }
        let related =
            RELATED.iter().find(|(canonical, _)| *canonical == name).map_or(&[] as &[&str], |(_, parts)| *parts);
        let columns = self
            .values
            .attributes
            .iter()
            .filter(|(other, _)| **other == name || related.iter().any(|part| other.contains(part)));
        let mut matched = DocSet::new(self.size());
        let mut named = Vec::new();
        for (_, column) in columns {
            named.push(&column.present);
            let found = match name.as_str() {
                "size" => column.matching(&forms, self.size(), is_member),
                "colour" => column.matching(&forms, self.size(), is_colour),
                _ => column.matching(&forms, self.size(), affirms),
            };
            matched.unite(&found);
        }
        let measure = MEASURED.contains(&name.as_str()).then(|| Measure::parse(&filter.value)).flatten();
        if let Some(measure) = &measure {
            let numbers = [measure.number().to_owned()];
            for (_, column) in self.values.attributes.iter().filter(|(name, _)| measure.is_unit_of(name)) {
                matched.unite(&column.matching(&numbers, self.size(), |value, number| value == number));
            }
            forms.extend(measure.spellings().iter().map(|form| normal(form, self.tokenizer)));
        }
        let is_unheard_of = FREE.contains(&name.as_str()) && matched.is_empty();
        let in_texts = SOUGHT_IN_TEXTS.contains(&name.as_str()) || measure.is_some() || is_unheard_of;
        if in_texts {
            named.clear();
            for column in self.values.attributes.values() {
                matched.unite(&column.matching(&forms, self.size(), affirms));
            }
        }
        let in_title = name != "size" || measure.is_some();
        Wanted {
            matched,
            words: forms,
            named,
            in_title,
            in_description: in_texts && !listed,
            asked: Cell::default(),
            told: OnceCell::new(),
        }
    }

    fn excluded(&self, word: &str) -> Wanted<'a> {
        let words = self.forms(word);
        let mut matched = DocSet::new(self.size());
        let columns = [&self.values.category, &self.values.brand].into_iter().chain(self.values.attributes.values());
        for column in columns {
            matched.unite(&column.matching(&words, self.size(), affirms));
        }
        Wanted {
            matched,
            words,
            named: Vec::new(),
            in_title: true,
            in_description: false,
            asked: Cell::default(),
            told: OnceCell::new(),
        }
    }
}

impl Limits<'_> {
    /// Whether a product meets every limit.
    pub fn admits(&self, doc: u32) -> bool {
        self.admits_price(doc) && self.admits_but_price(doc)
    }

    /// Whether a product meets every limit, whatever it costs.
    pub fn admits_but_price(&self, doc: u32) -> bool {
        let Some(numbers) = self.numbers.get(doc as usize) else { return false };
        (!self.in_stock || numbers.in_stock)
            && self.rating_min.is_none_or(|least| numbers.rating.is_some_and(|rating| rating >= least))
            && self.wanted.iter().all(|wanted| wanted.holds(self.values, doc))
            && !self.excluded.iter().any(|excluded| excluded.holds(self.values, doc))
    }

    fn admits_price(&self, doc: u32) -> bool {
        let (least, most) = self.price;
        if least.is_none() && most.is_none() {
            return true;
        }
        let price = self.numbers.get(doc as usize).and_then(|numbers| numbers.price);
        price.is_some_and(|price| least.is_none_or(|least| price >= least) && most.is_none_or(|most| price <= most))
    }
}

impl Wanted<'_> {
    /// Either of the two.
    fn or(&mut self, other: Self) {
        self.matched.unite(&other.matched);
        self.words.extend(other.words);
        self.in_title |= other.in_title;
        self.in_description |= other.in_description;
    }

    fn holds(&self, values: &Values, doc: u32) -> bool {
        if self.matched.contains(doc) {
            return true;
        }
        if self.named.iter().any(|named| named.contains(doc)) {
            return false;
        }
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > MANY {
            return self.told.get_or_init(|| self.told(values)).contains(doc);
        }
        self.texts(values).any(|texts| self.words.iter().any(|word| affirms(texts.get(doc as usize), word)))
    }

    /// All products whose texts meet it.
    fn told(&self, values: &Values) -> DocSet {
        let mut told = DocSet::default();
        for texts in self.texts(values) {
            let found = texts.affirming(&self.words);
            if told.is_empty() {
                told = found;
            } else {
                told.unite(&found);
            }
        }
        told
    }

    fn texts<'v>(&self, values: &'v Values) -> impl Iterator<Item = &'v Texts> {
        let titles = self.in_title.then_some(&values.titles);
        titles.into_iter().chain(self.in_description.then_some(&values.descriptions))
    }
}

/// Whether a value is of the colour: for a single Chinese character `黑`, `黑色`, `曜石黑` and `黑白`, but not `黑胡桃木`.
fn is_colour(value: &str, wanted: &str) -> bool {
    let mut characters = wanted.chars();
    let (Some(colour), None) = (characters.next(), characters.next()) else { return affirms(value, wanted) };
    value.split([' ', '、']).any(|part| {
        part.ends_with(colour)
            || part.contains(&format!("{colour}色"))
            || (part.starts_with(colour) && part.chars().count() == 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_colours_do_not_meet_other_words() {
        assert!(is_colour("曜石黑", "黑") && is_colour("黑色 白色", "黑") && is_colour("黑白", "黑"));
        assert!(!is_colour("金属灰", "金") && !is_colour("银灰色", "银"));
        assert!(is_colour("matt black", "black"));
    }
}
