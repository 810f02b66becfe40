//! What leads to the passages of one language, gathered for the likeness of questions to them.
//!
//! Called by `index`.

use super::analysis::Analyzer;
use super::asked::Open;
use super::index::Index;
use super::likeness::{Document, LeadsTo};
use super::passage::Passage;

/// What leads to the passages of one language, as texts: their headings, sentences and example questions, the concepts of
/// the same section in the other language, and questions that nothing answers.
pub(super) fn documents(
    index: &Index,
    of: &[usize],
    twins: &[Option<usize>],
    not_covered: &[Open],
    analyzer: &Analyzer,
) -> Vec<Document> {
    let mut documents = Vec::new();
    for (place, passage) in of.iter().enumerate() {
        let passage = &index.passages()[*passage];
        let texts = texts(passage).into_iter().map(|text| analyzer.features(&text));
        documents.extend(texts.map(|features| Document { leads_to: LeadsTo::Passage(place), features }));
        let Some(twin) = twins[of[place]].map(|twin| &index.passages()[twin]) else { continue };
        let shared = texts_of_twin(twin).map(|text| analyzer.shared_features(text));
        let telling = shared.filter(|features| !features.is_empty());
        documents.extend(telling.map(|features| Document { leads_to: LeadsTo::Passage(place), features }));
    }
    let open = not_covered.iter().filter(|open| index.is_open(open, analyzer));
    documents.extend(
        open.map(|open| Document {
            leads_to: LeadsTo::Nothing(open.theme),
            features: analyzer.features(open.question),
        }),
    );
    documents
}

fn texts(passage: &Passage) -> Vec<String> {
    let heading = passage.headings.last().into_iter().cloned();
    let sentences = passage.sentences().into_iter().map(|sentence| sentence.text);
    heading.chain(sentences).chain(passage.asked.iter().cloned()).collect()
}

fn texts_of_twin(twin: &Passage) -> impl Iterator<Item = &str> {
    twin.headings.last().into_iter().chain(&twin.asked).map(String::as_str)
}
