//! The fields of the search index and what goes into each.
//!
//! Never decides how fields weigh; `weights` does. Called by `index`.

use tantivy::schema::{
    Field, IndexRecordOption, STRING, Schema, SchemaBuilder, TantivyDocument, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token as IndexToken};

use super::record::FeedRecord;
use super::tokens::{Grain, Tokenizer, grams};
use crate::domain::attribute::AttributeValue;
use crate::domain::language::Localized;
use crate::domain::product::{Attributes, Product};

/// Raised whenever what is indexed changes, so that older indexes are built anew from their feed.
pub const FORMAT: u32 = 1;

/// Attributes that say what kind of thing a product is, for feeds without categories.
const KIND_ATTRIBUTES: &[&str] = &["product_type", "产品类型", "商品类型", "品类", "类目", "item_type"];

/// A searched field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The title.
    Title,
    /// The maker.
    Brand,
    /// The kind of product.
    Category,
    /// Attribute values, and the names of those that are simply true.
    Attributes,
    /// The description.
    Description,
    /// The id and the text of unknown fields: model, EAN, keywords.
    Codes,
    /// Chinese characters and pairs of them in title, brand and category.
    TitleGrams,
    /// The same in attributes and description.
    BodyGrams,
}

/// All of them, in the order of the schema.
pub const PARTS: [Part; 8] = [
    Part::Title,
    Part::Brand,
    Part::Category,
    Part::Attributes,
    Part::Description,
    Part::Codes,
    Part::TitleGrams,
    Part::BodyGrams,
];

/// The schema and its fields.
pub struct Fields {
    /// The schema.
    pub schema: Schema,
    /// The id, one exact term.
    pub sku: Field,
    /// One field for each of [`PARTS`].
    pub parts: [Field; PARTS.len()],
}

impl Fields {
    /// The schema of every catalog index.
    pub fn new() -> Self {
        let mut builder = SchemaBuilder::new();
        let sku = builder.add_text_field("sku", STRING);
        let parts = PARTS.map(|part| {
            let option = match part {
                Part::Title => IndexRecordOption::WithFreqsAndPositions,
                _ => IndexRecordOption::WithFreqs,
            };
            let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option);
            builder.add_text_field(name(part), TextOptions::default().set_indexing_options(indexing))
        });
        Self { schema: builder.build(), sku, parts }
    }

    /// What is indexed of one product.
    pub fn document(&self, record: &FeedRecord, tokenizer: &Tokenizer) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.sku, record.product.sku.as_str());
        for (part, field) in PARTS.into_iter().zip(self.parts) {
            let texts = texts(part, record);
            let tokens = match part {
                Part::TitleGrams | Part::BodyGrams => gram_tokens(&texts),
                _ => word_tokens(&texts, tokenizer),
            };
            if !tokens.is_empty() {
                document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
            }
        }
        document
    }
}

/// What kind of thing a product is: its category, else what an attribute says of it.
pub fn kind_of(product: &Product) -> Vec<&str> {
    if !product.category.is_empty() {
        return product.category.iter().collect();
    }
    let values = KIND_ATTRIBUTES.iter().flat_map(|name| product.attribute(name));
    values
        .filter_map(|value| match value {
            AttributeValue::Text(text) => Some(text),
            _ => None,
        })
        .flat_map(Localized::iter)
        .collect()
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Title => "title",
        Part::Brand => "brand",
        Part::Category => "category",
        Part::Attributes => "attributes",
        Part::Description => "description",
        Part::Codes => "codes",
        Part::TitleGrams => "title_grams",
        Part::BodyGrams => "body_grams",
    }
}

fn texts(part: Part, record: &FeedRecord) -> Vec<String> {
    let product = &record.product;
    let all = |text: &Localized| text.iter().map(str::to_owned).collect::<Vec<_>>();
    match part {
        Part::Title => all(&product.title),
        Part::Brand => all(&product.brand),
        Part::Category => kind_of(product).into_iter().map(str::to_owned).collect(),
        Part::Description => all(&product.description),
        Part::Codes => vec![product.sku.to_string(), record.extra.clone()],
        Part::Attributes => {
            let variants = product.variants.iter().map(|variant| &variant.attributes);
            let mut texts: Vec<String> =
                std::iter::once(&product.attributes).chain(variants).flat_map(attribute_texts).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        }
        Part::TitleGrams => {
            [Part::Title, Part::Brand, Part::Category].iter().flat_map(|part| texts(*part, record)).collect()
        }
        Part::BodyGrams => [Part::Attributes, Part::Description].iter().flat_map(|part| texts(*part, record)).collect(),
    }
}

fn attribute_texts(attributes: &Attributes) -> Vec<String> {
    let mut texts = Vec::new();
    for (name, values) in attributes {
        for value in values {
            match value {
                AttributeValue::Flag(true) => texts.push(name.replace('_', " ")),
                AttributeValue::Flag(false) => {}
                AttributeValue::Number(number) => texts.push(number.to_string()),
                AttributeValue::Text(text) => texts.extend(text.iter().map(str::to_owned)),
            }
        }
    }
    texts
}

/// Values stand ten positions apart, so that no phrase runs from one into the next.
fn word_tokens(texts: &[String], tokenizer: &Tokenizer) -> Vec<IndexToken> {
    let mut tokens = Vec::new();
    let mut base = 0;
    for text in texts {
        let cut = tokenizer.tokens(text, Grain::Index);
        let next = cut.iter().map(|token| token.position).max().map_or(base, |last| base + last + 10);
        tokens.extend(cut.into_iter().map(|token| index_token(token.text, base + token.position)));
        base = next;
    }
    tokens.sort_by_key(|token| token.position);
    tokens
}

fn gram_tokens(texts: &[String]) -> Vec<IndexToken> {
    let grams = texts.iter().flat_map(|text| grams(text));
    grams.enumerate().map(|(position, gram)| index_token(gram, position)).collect()
}

fn index_token(text: String, position: usize) -> IndexToken {
    IndexToken { offset_from: 0, offset_to: 0, position, text, position_length: 1 }
}
