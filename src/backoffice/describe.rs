//! Descriptions for products that have none: drafts from the listing's attributes alone, for an admin to read.
//!
//! Composed by code, or phrased by a model that is trusted with it and checked: every number, brand and product name must stand in
//! the attributes, else the composed draft takes its place. Never writes to the feed; `fill_feed` returns a new one. Called by
//! `daogou describe`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalog::CatalogSnapshot;
use crate::domain::generator::{FinishReason, Job, Priority, TextGenerator};
use crate::domain::ground::{Evidence, ground};
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::wording::description::{attribute_lines, compose};
use crate::prompts::{Prompts, Value as Filling};

/// Tokens that a prompt may take, estimated.
const BUDGET: usize = 1536;
/// The longest description, in tokens.
const MAX_TOKENS: usize = 300;
/// How long a model may take for one.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who worded a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftSource {
    /// Code, of the attributes.
    Composed,
    /// The model, checked against the attributes.
    Model,
}

/// A description to be read before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Of which product.
    pub sku: Sku,
    /// In which language.
    pub lang: Language,
    /// The words.
    pub description: String,
    /// Whose words.
    pub source: DraftSource,
    /// Why the model's words were not taken, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Writes drafts.
pub struct Describer<'a> {
    snapshot: &'a CatalogSnapshot,
    model: Option<(&'a dyn TextGenerator, &'a Prompts)>,
    names: Vec<String>,
}

impl<'a> Describer<'a> {
    /// For the products of a snapshot; a model that is not trusted to describe is not asked.
    pub fn new(snapshot: &'a CatalogSnapshot, generator: &'a dyn TextGenerator, prompts: &'a Prompts) -> Self {
        let brands = snapshot.lexicon().brands.iter().map(|brand| brand.text.to_lowercase());
        let titles = snapshot.products().iter().flat_map(|product| product.title.iter().map(str::to_lowercase));
        let names = brands.chain(titles).collect();
        let model = generator.is_trusted_with(Job::Describe).then_some((generator, prompts));
        Self { snapshot, model, names }
    }

    /// The products that lack a description in a language that their title has, with that language.
    pub fn lacking(&self, languages: &[Language]) -> Vec<(&'a Product, Language)> {
        let of = |product: &'a Product| {
            let lacks = move |language: &&Language| lacks(product, **language);
            languages.iter().filter(lacks).map(move |language| (product, *language))
        };
        self.snapshot.products().iter().flat_map(of).collect()
    }

    /// A draft for a product.
    pub fn draft(&self, product: &Product, lang: Language) -> Draft {
        let composed = compose(product, lang);
        let sku = product.sku.clone();
        let asked = self.model.map(|(generator, prompts)| self.phrased(generator, prompts, product, lang));
        match asked {
            Some(Ok(description)) => Draft { sku, lang, description, source: DraftSource::Model, refused: None },
            Some(Err(why)) => {
                Draft { sku, lang, description: composed, source: DraftSource::Composed, refused: Some(why) }
            }
            None => Draft { sku, lang, description: composed, source: DraftSource::Composed, refused: None },
        }
    }

    fn phrased(
        &self,
        generator: &dyn TextGenerator,
        prompts: &Prompts,
        product: &Product,
        language: Language,
    ) -> Result<String, String> {
        let lines = attribute_lines(product, language);
        let name = match language {
            Language::Zh => "Chinese",
            Language::En => "English",
        };
        let listed: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
        let values = vec![("language", Filling::from(name)), ("attributes", Filling::Ranked(listed))];
        let prompt = prompts.fill(Job::Describe, values, BUDGET).map_err(|error| error.to_string())?;
        let request = prompt.request(MAX_TOKENS, Priority::Background, Instant::now() + PATIENCE);
        let completion =
            generator.generate(request).and_then(|running| running.complete()).map_err(|error| error.to_string())?;
        let text = completion.text.trim().trim_matches('"').trim().to_owned();
        if completion.reason != FinishReason::Stop || text.is_empty() {
            return Err("it did not come to an end".into());
        }
        let mut evidence = Evidence::default();
        lines.iter().for_each(|line| evidence.add(line));
        for text in [&product.title, &product.brand, &product.category] {
            text.iter().for_each(|text| evidence.add(text));
        }
        ground(&text, &evidence, self.names.iter().map(String::as_str)).map_err(|error| error.to_string())?;
        Ok(text)
    }
}

fn lacks(product: &Product, language: Language) -> bool {
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let (title, description) = match language {
        Language::Zh => (&product.title.zh, &product.description.zh),
        Language::En => (&product.title.en, &product.description.en),
    };
    has(title) && !has(description)
}

/// A feed in JSON Lines with the drafts put in; other lines and other keys stay as they are. Also how many lines changed.
pub fn fill_feed(feed: &str, drafts: &[Draft]) -> (String, usize) {
    let mut by_sku: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    drafts.iter().for_each(|draft| by_sku.entry(draft.sku.as_str()).or_default().push(draft));
    let mut changed = 0;
    let mut filled = String::with_capacity(feed.len());
    for line in feed.lines() {
        let object = serde_json::from_str::<Map<String, Value>>(line).ok();
        let id = object.as_ref().and_then(|object| object.get("id")).map(|id| match id {
            Value::String(id) => id.trim().to_owned(),
            other => other.to_string(),
        });
        match (object, id.as_deref().and_then(|id| by_sku.get(id))) {
            (Some(mut object), Some(drafts)) => {
                put(&mut object, drafts);
                filled.push_str(&Value::Object(object).to_string());
                changed += 1;
            }
            _ => filled.push_str(line),
        }
        filled.push('\n');
    }
    (filled, changed)
}

fn put(object: &mut Map<String, Value>, drafts: &[&Draft]) {
    let mut texts = match object.remove("description") {
        Some(Value::Object(texts)) => texts,
        Some(Value::String(text)) if !text.trim().is_empty() => {
            let named = object.get("lang").and_then(Value::as_str).map(str::to_owned);
            let own = named.unwrap_or_else(|| Language::detect(&text).unwrap_or_default().code().to_owned());
            Map::from_iter([(own, Value::String(text))])
        }
        _ => Map::new(),
    };
    for draft in drafts {
        texts.insert(draft.lang.code().to_owned(), Value::String(draft.description.clone()));
    }
    object.insert("description".into(), Value::Object(texts));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Source;
    use crate::inference::scripted::Scripted;

    const FEED: &str = r#"{"id": "K1", "title": {"zh": "双层保温杯", "en": "Double-wall bottle"}, "brand": {"zh": "暖溪", "en": "Warmbrook"}, "attributes": {"capacity_ml": 500, "material": {"zh": "316 不锈钢", "en": "316 stainless steel"}, "keep_warm_hours": 12, "colour": [{"zh": "米白", "en": "cream"}, {"zh": "黑色", "en": "black"}], "leakproof": true}}
{"id": 2, "title": "Steel mug", "description": "A mug of 300 ml.", "brand": "Kettleby"}
"#;

    fn snapshot() -> (tempfile::TempDir, CatalogSnapshot) {
        let folder = tempfile::tempdir().expect("folder");
        let feed = folder.path().join("feed.jsonl");
        std::fs::write(&feed, FEED).expect("feed");
        let source = Source { feed, reviews: None, synonyms: None };
        let (snapshot, _) = CatalogSnapshot::in_memory(&source, &Default::default()).expect("snapshot");
        (folder, snapshot)
    }

    fn draft(model: &Scripted, lang: Language) -> Draft {
        let (_folder, snapshot) = snapshot();
        let jobs = model.describe().jobs;
        let prompts = Prompts::load("general", &jobs, None).expect("prompts");
        let describer = Describer::new(&snapshot, model, &prompts);
        describer.draft(snapshot.product(&"K1".into()).expect("product"), lang)
    }

    #[test]
    fn a_composed_draft_is_made_of_the_listings_own_values() {
        let zh = draft(&Scripted::trusted_with(&[]), Language::Zh);
        assert_eq!(zh.source, DraftSource::Composed);
        insta::assert_snapshot!(zh.description, @"暖溪双层保温杯。材质为316 不锈钢。容量 500 毫升，保温时间 12 小时。颜色有米白、黑色。防漏。");
        let en = draft(&Scripted::trusted_with(&[]), Language::En);
        insta::assert_snapshot!(en.description, @"Double-wall bottle by Warmbrook. Made of 316 stainless steel. Capacity 500 ml; keep warm 12 hours. Comes in cream, black. Leakproof.");
    }

    #[test]
    fn a_models_words_are_taken_only_when_every_number_and_name_stands_in_the_attributes() {
        let model = |text: &str| Scripted::trusted_with(&[Job::Describe]).answering("", text);
        let good = draft(&model("暖溪双层保温杯，容量500毫升，316不锈钢，保温12小时。"), Language::Zh);
        assert_eq!((good.source, good.refused), (DraftSource::Model, None));
        for bad in ["容量 750 毫升，保温 12 小时。", "比 Kettleby 的更好用。", "保温二十四小时。"]
        {
            let refused = draft(&model(bad), Language::Zh);
            assert_eq!(refused.source, DraftSource::Composed, "{bad}");
            assert!(refused.refused.is_some() && !refused.description.contains("750"));
        }
    }

    #[test]
    fn only_what_is_lacking_is_written_and_the_rest_of_the_feed_stays() {
        let (_folder, snapshot) = snapshot();
        let model = Scripted::trusted_with(&[]);
        let prompts = Prompts::load("general", &[], None).expect("prompts");
        let describer = Describer::new(&snapshot, &model, &prompts);
        let lacking = describer.lacking(&[Language::Zh, Language::En]);
        let wanted: Vec<(&str, Language)> =
            lacking.iter().map(|(one, language)| (one.sku.as_str(), *language)).collect();
        assert_eq!(wanted, [("K1", Language::Zh), ("K1", Language::En)]);
        let drafts: Vec<Draft> =
            lacking.iter().map(|(product, language)| describer.draft(product, *language)).collect();
        let (filled, changed) = fill_feed(FEED, &drafts);
        assert_eq!((changed, filled.lines().nth(1)), (1, FEED.lines().nth(1)));
        let first: Value = serde_json::from_str(filled.lines().next().expect("line")).expect("object");
        assert_eq!(first["description"]["zh"], Value::from(drafts[0].description.as_str()));
        assert_eq!(first["attributes"]["capacity_ml"], Value::from(500));
    }
}
