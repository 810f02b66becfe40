//! Finds the same section written in the other language (`returns.en.md` beside `returns.zh.md`), section by section.
//!
//! Only files with as many sections are taken for translations of each other. Pure. Called by `index`.

use std::collections::HashMap;

use super::passage::Passage;
use crate::domain::language::Language;

/// For each passage the place of the same section in the other language's file, where there is one.
pub(super) fn twins(passages: &[Passage]) -> Vec<Option<usize>> {
    let mut files: HashMap<(&str, Language), Vec<usize>> = HashMap::new();
    for (place, passage) in passages.iter().enumerate() {
        files.entry((&passage.topic, passage.language)).or_default().push(place);
    }
    let mut twins = vec![None; passages.len()];
    for ((topic, language), own) in &files {
        let other = files.get(&(*topic, language.other())).filter(|other| other.len() == own.len());
        for (mine, theirs) in own.iter().zip(other.into_iter().flatten()) {
            twins[*mine] = Some(*theirs);
        }
    }
    twins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::passage::cut;

    #[test]
    fn sections_at_the_same_place_are_twins_and_others_stand_alone() {
        let mut passages = cut("returns.en.md", "## How long\n30 days.\n\n## Who pays\nWe do.\n");
        passages.extend(cut("returns.zh.md", "## 期限\n30 天。\n\n## 运费\n我们付。\n"));
        passages.extend(cut("stores.en.md", "## Where\nIn town.\n"));
        assert_eq!(twins(&passages), [Some(2), Some(3), Some(0), Some(1), None]);
    }
}
