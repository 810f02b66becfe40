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
use super::names::FullNames;
use super::postings::{PostingsReader, Scope, Scratch, TermScores};
use super::request::{RequestReader, Unit};
use super::spelling::Spelling;
use super::synonyms::Synonyms;
use super::tallies::{Match, Table};
use super::tokens::{Tokenizer, grams};
use super::weights::Weights;

/// What a search wants: a product has to meet this share of what the best product meets of the request.
pub const MEET_OF_BEST: f32 = 0.45;
/// What likeness wants: any word in common.
pub const MEET_ANY: f32 = 0.0;
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
    /// The categories and brands.
    pub names: &'a FullNames,
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

/// The documents that meet a word or a form of it, and its inverse document frequency.
struct Matches {
    found: Vec<Match>,
    idf: f32,
}

struct Run<'a> {
    scorer: &'a Scorer<'a>,
    scratch: Scratch,
    sums: Table,
    best: Table,
    terms: HashMap<(String, Scope), Rc<TermScores>>,
}

impl Scorer<'_> {
    /// The documents that meet so much of the request, in the order of documents. Nothing when the request has no words.
    pub fn score(&self, text: &str, boosts: &[String], meet: f32) -> Result<Option<Vec<Scored>>, CatalogError> {
        let units = self.requests.units(text);
        if units.is_empty() {
            return Ok(None);
        }
        let documents = self.postings.documents();
        let mut run = Run::new(self);
        let mut totals = vec![0.0f32; documents];
        let mut met = vec![0.0f32; documents];
        let mut mass = 0.0f32;
        let mut idfs = Vec::with_capacity(units.len());
        for (index, unit) in units.iter().enumerate() {
            let matches = run.unit(&units, index)?;
            let weight = if unit.aside { self.weights.aside } else { 1.0 };
            let idf = matches.idf * weight;
            mass += idf;
            idfs.push(idf);
            for found in matches.found {
                totals[found.doc as usize] += found.score * weight;
                met[found.doc as usize] += idf * found.share;
            }
            if let Some(next) = units.get(index + 1).filter(|next| next.position == unit.position + 1) {
                run.phrase(unit, next, &mut totals)?;
            }
        }
        let best = met.iter().copied().fold(0.0, f32::max);
        if best < mass * MEET_AT_LEAST.min(meet) {
            return Ok(Some(Vec::new()));
        }
        run.boosts(boosts, &mut totals)?;
        self.add_names(&units, &idfs, &mut totals);
        let enough = best * meet;
        let found = totals.into_iter().zip(met).enumerate().filter(|(_, (_, met))| *met > 0.0 && *met >= enough);
        let power = self.weights.coverage;
        Ok(Some(
            found
                .map(|(doc, (total, met))| Scored { doc: doc as u32, score: total * (met / mass).min(1.0).powf(power) })
                .collect(),
        ))
    }

    /// Raises the products whose category or brand the request names in full, itself or by a synonym.
    fn add_names(&self, units: &[Unit], idfs: &[f32], totals: &mut [f32]) {
        let tokens: Vec<&str> = units.iter().map(|unit| unit.token.as_str()).collect();
        let idf_of = |token: &str| tokens.iter().position(|known| *known == token).map(|index| idfs[index]);
        let mut raise = |docs: &[u32], amount: f32| {
            docs.iter().for_each(|doc| totals[*doc as usize] += self.weights.named * amount);
        };
        for start in 0..tokens.len() {
            for name in self.names.beginning(tokens[start]) {
                let covered: Option<Vec<f32>> = name.tokens.iter().map(|token| idf_of(token)).collect();
                if let Some(idfs) = covered {
                    raise(&name.docs, idfs.iter().sum());
                }
            }
            let Some((length, others)) = self.synonyms.at(&tokens[start..]) else { continue };
            let amount = self.weights.synonym * idfs[start..start + length].iter().sum::<f32>();
            for other in others {
                let names = self.names.beginning(&other[0]).iter().filter(|name| name.tokens == *other);
                names.for_each(|name| raise(&name.docs, amount));
            }
        }
    }

    /// What wishes alone add to each document that has them.
    pub fn wishes(&self, boosts: &[String]) -> Result<Vec<f32>, CatalogError> {
        let documents = self.postings.documents();
        let mut run = Run::new(self);
        let mut totals = vec![0.0f32; documents];
        run.boosts(boosts, &mut totals)?;
        Ok(totals)
    }
}

impl<'a> Run<'a> {
    fn new(scorer: &'a Scorer<'a>) -> Self {
        let documents = scorer.postings.documents();
        Self {
            scorer,
            scratch: Scratch::new(documents),
            sums: Table::new(documents),
            best: Table::new(documents),
            terms: HashMap::new(),
        }
    }

    /// The best form of a word in each document, and the word's weight in the request.
    fn unit(&mut self, units: &[Unit], index: usize) -> Result<Matches, CatalogError> {
        let forms = self.forms(units, index)?;
        let own = self.term(&units[index].token, Scope::Words)?;
        let mut met = Vec::with_capacity(forms.len());
        for form in forms {
            let matches = self.form(&form)?;
            met.push((form, matches));
        }
        // A word that no product has is as rare as the commonest of the words that stand for it.
        let mut idf = if own.docs.is_empty() {
            let whole = met.iter().filter(|(form, matches)| form.scope == Scope::Words && !matches.found.is_empty());
            whole.map(|(_, matches)| matches.idf).reduce(f32::min)
        } else {
            Some(own.idf)
        };
        let limit = idf.unwrap_or(f32::INFINITY);
        for (form, matches) in met {
            if idf.is_none() && !matches.found.is_empty() {
                idf = Some(matches.idf);
            }
            let level = form.weight * if matches.idf > limit { limit / matches.idf } else { 1.0 };
            for found in matches.found {
                self.best.offer(found.doc, found.score * level, found.share);
            }
        }
        let found: Vec<Match> = self.best.drain().collect();
        let unmet = self.scorer.postings.idf(0);
        Ok(Matches { idf: if found.is_empty() { unmet } else { idf.unwrap_or(unmet) }, found })
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

    /// The documents that meet one form.
    fn form(&mut self, form: &Form) -> Result<Matches, CatalogError> {
        let least = form.weight.max(0.5);
        if let [token] = form.tokens.as_slice() {
            let scores = self.term(token, form.scope)?;
            let found = scores.docs.iter().map(|(doc, score)| Match { doc: *doc, score: *score, share: least });
            return Ok(Matches { found: found.collect(), idf: scores.idf });
        }
        let mut parts = Vec::with_capacity(form.tokens.len());
        for token in &form.tokens {
            parts.push(self.term(token, form.scope)?);
        }
        let count = parts.len() as f32;
        for part in &parts {
            for (doc, score) in &part.docs {
                self.sums.add(*doc, score / count, 1.0 / count);
            }
        }
        let idf = parts.iter().map(|part| part.idf).sum::<f32>() / count;
        let adjacent = match (form.adjacent, form.tokens.as_slice()) {
            (true, [left, right]) => Some(self.scorer.postings.title_phrase(left, right)?),
            _ => None,
        };
        let kept = self.sums.drain().filter(|sum| {
            sum.share >= form.share - 0.001 && adjacent.as_ref().is_none_or(|docs| docs.binary_search(&sum.doc).is_ok())
        });
        let found = kept.map(|sum| Match { doc: sum.doc, score: sum.score * sum.share, share: sum.share * least });
        Ok(Matches { found: found.collect(), idf })
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
                for found in self.unit(&units, index)?.found {
                    totals[found.doc as usize] += share * found.score;
                }
            }
        }
        Ok(())
    }
}
