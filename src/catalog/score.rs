//! The lexical score of every product for a request.
//!
//! Each word of the request is sought in all its forms: itself, its synonyms in both languages, joined with its neighbour or
//! split in two, as Chinese character pairs, and, when no product has the word at all, as the nearest words by spelling. The
//! score is the sum of the words' best forms, times a power of the share of the request that is met. It depends on request and
//! product alone. Called by `search`.

use std::collections::HashMap;
use std::rc::Rc;

use super::error::CatalogError;
use super::fold::fold;
use super::postings::{PostingsReader, Scope, Scratch, TermScores};
use super::request::{RequestReader, Unit};
use super::spelling::Spelling;
use super::synonyms::Synonyms;
use super::tokens::{Tokenizer, grams};
use super::weights::Weights;

/// A product has to meet this share of what the best product meets of the request.
const MEET_OF_BEST: f32 = 0.45;
/// The best product has to meet this share of the request, else nothing was found.
const MEET_AT_LEAST: f32 = 0.2;

/// One scored document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Which.
    pub doc: u32,
    /// Its score, above zero.
    pub score: f32,
}

/// What scoring needs of a snapshot.
pub struct Scorer<'a> {
    /// The index.
    pub postings: &'a PostingsReader,
    /// How requests are read.
    pub requests: &'a RequestReader,
    /// How words are cut.
    pub tokenizer: &'a Tokenizer,
    /// What means the same.
    pub synonyms: &'a Synonyms,
    /// Which words exist.
    pub spelling: &'a Spelling,
    /// What counts how much.
    pub weights: &'a Weights,
}

/// One way to meet a word of the request.
struct Form {
    tokens: Vec<String>,
    weight: f32,
    scope: Scope,
    /// What share of the tokens must be there.
    share: f32,
    /// Whether two tokens must stand next to each other in the title.
    adjacent: bool,
}

struct Run<'a> {
    scorer: &'a Scorer<'a>,
    scratch: Scratch,
    terms: HashMap<(String, Scope), Rc<TermScores>>,
}

impl Scorer<'_> {
    /// The documents that meet the request, in the order of documents. Nothing when the request has no words.
    pub fn score(&self, text: &str, boosts: &[String]) -> Result<Option<Vec<Scored>>, CatalogError> {
        let units = self.requests.units(text);
        if units.is_empty() {
            return Ok(None);
        }
        let documents = self.postings.documents();
        let mut run = Run { scorer: self, scratch: Scratch::new(documents), terms: HashMap::new() };
        let mut totals = vec![0.0f32; documents];
        let mut met = vec![0.0f32; documents];
        let mut mass = 0.0f32;
        for (index, unit) in units.iter().enumerate() {
            let (best, idf) = run.unit(&units, index)?;
            mass += idf;
            for (doc, score, share) in best {
                totals[doc as usize] += score;
                met[doc as usize] += idf * share;
            }
            if let Some(next) = units.get(index + 1).filter(|next| next.position == unit.position + 1) {
                run.phrase(unit, next, &mut totals)?;
            }
        }
        let best = met.iter().copied().fold(0.0, f32::max);
        if best < mass * MEET_AT_LEAST {
            return Ok(Some(Vec::new()));
        }
        run.boosts(boosts, &mut totals)?;
        let enough = best * MEET_OF_BEST;
        let found = totals.into_iter().zip(met).enumerate().filter(|(_, (_, met))| *met > 0.0 && *met >= enough);
        let power = self.weights.coverage;
        Ok(Some(
            found
                .map(|(doc, (total, met))| Scored { doc: doc as u32, score: total * (met / mass).min(1.0).powf(power) })
                .collect(),
        ))
    }

    /// What wishes alone add to each document that has them.
    pub fn wishes(&self, boosts: &[String]) -> Result<Vec<f32>, CatalogError> {
        let documents = self.postings.documents();
        let mut run = Run { scorer: self, scratch: Scratch::new(documents), terms: HashMap::new() };
        let mut totals = vec![0.0f32; documents];
        run.boosts(boosts, &mut totals)?;
        Ok(totals)
    }
}

impl Run<'_> {
    /// For each document the best form's score and how far it meets the word; and the word's weight in the request.
    fn unit(&mut self, units: &[Unit], index: usize) -> Result<(Vec<(u32, f32, f32)>, f32), CatalogError> {
        let forms = self.forms(units, index)?;
        let own = self.term(&units[index].token, Scope::Words)?;
        let mut best: HashMap<u32, (f32, f32)> = HashMap::new();
        let mut idf = if own.docs.is_empty() { 0.0 } else { own.idf };
        let limit = if own.docs.is_empty() { f32::INFINITY } else { own.idf };
        for form in forms {
            let (docs, form_idf) = self.form(&form)?;
            if docs.is_empty() {
                continue;
            }
            if own.docs.is_empty() {
                idf = idf.max(form_idf);
            }
            let level = if form_idf > limit { limit / form_idf } else { 1.0 };
            for (doc, score, share) in docs {
                let score = score * form.weight * level;
                let entry = best.entry(doc).or_insert((0.0, 0.0));
                if score > entry.0 {
                    *entry = (score, share.max(entry.1));
                }
            }
        }
        if best.is_empty() {
            return Ok((Vec::new(), self.scorer.postings.idf(0)));
        }
        Ok((best.into_iter().map(|(doc, (score, share))| (doc, score, share)).collect(), idf))
    }

    fn forms(&mut self, units: &[Unit], index: usize) -> Result<Vec<Form>, CatalogError> {
        let scorer = self.scorer;
        let weights = scorer.weights;
        let unit = &units[index];
        let whole = |tokens: Vec<String>, weight: f32| Form {
            tokens,
            weight,
            scope: Scope::Words,
            share: 1.0,
            adjacent: false,
        };
        let mut forms = vec![whole(vec![unit.token.clone()], 1.0)];
        let tokens: Vec<&str> = units.iter().map(|unit| unit.token.as_str()).collect();
        for start in index.saturating_sub(3)..=index {
            if let Some((length, others)) = scorer.synonyms.at(&tokens[start..])
                && start + length > index
            {
                forms.extend(others.iter().map(|other| whole(other.clone(), weights.synonym)));
            }
        }
        let neighbours = [index.checked_sub(1).map(|before| (before, index)), Some((index, index + 1))];
        for (left, right) in neighbours.into_iter().flatten() {
            if let (Some(left), Some(right)) = (units.get(left), units.get(right))
                && !left.is_han()
                && !right.is_han()
                && left.position + 1 == right.position
            {
                let joined = scorer.tokenizer.stem(&format!("{}{}", left.surface, right.surface));
                if scorer.postings.has(&joined, Scope::Words)? {
                    forms.push(whole(vec![joined], weights.joined));
                }
            }
        }
        if unit.is_han() {
            let pairs: Vec<String> =
                grams(&unit.token).into_iter().filter(|gram| gram.chars().nth(1).is_some()).collect();
            let tokens = if pairs.is_empty() { vec![unit.token.clone()] } else { pairs };
            let share = if tokens.len() > 2 { 0.6 } else { 1.0 };
            forms.push(Form { tokens, weight: weights.grams, scope: Scope::Grams, share, adjacent: false });
            return Ok(forms);
        }
        if let Some((left, right)) = scorer.spelling.split(&unit.surface, scorer.tokenizer) {
            forms.push(Form {
                tokens: vec![left, right],
                weight: weights.joined,
                scope: Scope::Words,
                share: 1.0,
                adjacent: true,
            });
        }
        if forms.len() == 1 && !scorer.postings.has(&unit.token, Scope::Words)? {
            let nearest = scorer.spelling.nearest(&unit.token);
            forms.extend(
                nearest.into_iter().map(|(token, distance)| whole(vec![token], weights.fuzzy.powi(distance as i32))),
            );
        }
        Ok(forms)
    }

    /// The documents that meet one form, each with score and share met, and the form's idf.
    fn form(&mut self, form: &Form) -> Result<(Vec<(u32, f32, f32)>, f32), CatalogError> {
        if let [token] = form.tokens.as_slice() {
            let scores = self.term(token, form.scope)?;
            return Ok((
                scores.docs.iter().map(|(doc, score)| (*doc, *score, form.weight.max(0.5))).collect(),
                scores.idf,
            ));
        }
        let mut parts = Vec::with_capacity(form.tokens.len());
        for token in &form.tokens {
            parts.push(self.term(token, form.scope)?);
        }
        let count = parts.len() as f32;
        let mut sums: HashMap<u32, (f32, f32)> = HashMap::new();
        let adjacent = match (form.adjacent, form.tokens.as_slice()) {
            (true, [left, right]) => Some(self.scorer.postings.title_phrase(left, right)?),
            _ => None,
        };
        for part in &parts {
            for (doc, score) in &part.docs {
                let entry = sums.entry(*doc).or_insert((0.0, 0.0));
                entry.0 += score / count;
                entry.1 += 1.0 / count;
            }
        }
        let idf = parts.iter().map(|part| part.idf).sum::<f32>() / count;
        let kept = sums.into_iter().filter(|(doc, (_, share))| {
            *share >= form.share - 0.001 && adjacent.as_ref().is_none_or(|docs| docs.binary_search(doc).is_ok())
        });
        let docs = kept.map(|(doc, (score, share))| (doc, score * share, share * form.weight.max(0.5))).collect();
        Ok((docs, idf))
    }

    fn term(&mut self, token: &str, scope: Scope) -> Result<Rc<TermScores>, CatalogError> {
        let key = (token.to_owned(), scope);
        if let Some(known) = self.terms.get(&key) {
            return Ok(known.clone());
        }
        let scores = self.scorer.postings.score(token, scope, self.scorer.weights.k1, &mut self.scratch)?;
        let scores = Rc::new(scores);
        self.terms.insert(key, scores.clone());
        Ok(scores)
    }

    fn phrase(&mut self, unit: &Unit, next: &Unit, totals: &mut [f32]) -> Result<(), CatalogError> {
        let idf = (self.term(&unit.token, Scope::Words)?.idf + self.term(&next.token, Scope::Words)?.idf) / 2.0;
        for doc in self.scorer.postings.title_phrase(&unit.token, &next.token)? {
            totals[doc as usize] += self.scorer.weights.phrase * idf;
        }
        Ok(())
    }

    fn boosts(&mut self, boosts: &[String], totals: &mut [f32]) -> Result<(), CatalogError> {
        for boost in boosts {
            let units = self.scorer.requests.units(&fold(boost));
            for index in 0..units.len() {
                let share = self.scorer.weights.boost / units.len() as f32;
                for (doc, score, _) in self.unit(&units, index)?.0 {
                    totals[doc as usize] += share * score;
                }
            }
        }
        Ok(())
    }
}
