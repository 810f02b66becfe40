//! Reads a text while the model writes it, and passes on how much of it may be shown already: whole words that pass the check
//! which the whole text must pass.

use std::time::{Duration, Instant};

use crate::domain::generator::{FinishReason, Generation, GenerationEvent};
use crate::domain::ground::Ungrounded;

/// How long is waited for the model before it is asked whether the text is still wanted.
const GLANCE: Duration = Duration::from_millis(50);
/// More often than this nobody could read along.
const TELL_EVERY: Duration = Duration::from_millis(150);

/// Reads to the end and returns the whole text, unchecked; none when it did not come in time, or was cut short. `grown` is told of
/// what may be shown so far, and says whether the rest is still wanted; it is asked that alone, with nothing, while the model is silent or
/// writes what is not shown.
pub(super) fn read_along(
    mut generation: Generation,
    check: &dyn Fn(&str) -> Result<(), Ungrounded>,
    grown: &mut dyn FnMut(Option<&str>) -> bool,
) -> Option<String> {
    let mut text = String::new();
    let (mut shown, mut is_sound, mut told) = (0, true, Instant::now());
    loop {
        let event = generation.next_event_within(GLANCE).ok()?;
        if !grown(None) {
            return None;
        }
        let Some(event) = event else { continue };
        match event {
            GenerationEvent::Piece { text: piece, .. } => text.push_str(&piece),
            GenerationEvent::Finished { reason: FinishReason::Stop, .. } => return Some(text.trim().to_owned()),
            GenerationEvent::Finished { .. } | GenerationEvent::Failed(_) => return None,
        }
        let sure = sure_part(&text);
        if !is_sound || sure.len() <= shown || told.elapsed() < TELL_EVERY {
            continue;
        }
        (shown, told) = (sure.len(), Instant::now());
        match check(sure) {
            Ok(()) if !grown(Some(sure)) => return None,
            Ok(()) => {}
            // What follows cannot mend it; the end will be refused.
            Err(_) => is_sound = false,
        }
    }
}

/// A text without the word or number at its end, which may go on.
fn sure_part(text: &str) -> &str {
    const NUMERALS: &str = "零〇一二两三四五六七八九十百千万亿半";
    let may_go_on = |character: char| {
        let is_latin = character.is_alphanumeric() && u32::from(character) < 0x2E80;
        is_latin || "_.,'’%¥￥$€£".contains(character) || NUMERALS.contains(character)
    };
    text.trim_start().trim_end_matches(may_go_on).trim_end()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::domain::generator::Usage;

    /// A generation whose pieces come far enough apart to be told of.
    fn writing(pieces: &'static [&'static str]) -> Generation {
        let (events, received) = sync_channel(pieces.len() + 1);
        std::thread::spawn(move || {
            for piece in pieces {
                std::thread::sleep(TELL_EVERY + Duration::from_millis(10));
                let _gone =
                    events.send(GenerationEvent::Piece { text: (*piece).into(), logprob: 0.0, others: Vec::new() });
            }
            let _gone = events.send(GenerationEvent::Finished { reason: FinishReason::Stop, usage: Usage::default() });
        });
        Generation::new(received, Instant::now() + Duration::from_secs(20))
    }

    #[test]
    fn a_word_or_number_that_may_go_on_is_not_shown() {
        for (text, sure) in [
            ("It costs ¥2", "It costs"),
            ("It costs ¥299 and", "It costs ¥299"),
            ("适合零下十", "适合零下"),
            ("适合零下十五度", "适合零下十五度"),
            ("NO_ANS", ""),
        ] {
            assert_eq!(sure_part(text), sure);
        }
    }

    #[test]
    fn what_is_written_is_told_as_it_grows() {
        let mut told = Vec::new();
        let mut grown = |sure: Option<&str>| {
            told.extend(sure.map(str::to_owned));
            true
        };
        let whole = read_along(writing(&["Warm ", "and light", ", 720 g."]), &|_| Ok(()), &mut grown);
        assert_eq!(whole.as_deref(), Some("Warm and light, 720 g."));
        assert_eq!(told, ["Warm", "Warm and", "Warm and light, 720"]);
    }

    #[test]
    fn nothing_is_told_from_where_the_check_fails() {
        let check = |text: &str| if text.contains("rain") { Err(Ungrounded::Name("rain".into())) } else { Ok(()) };
        let mut told = Vec::new();
        let mut grown = |sure: Option<&str>| {
            told.extend(sure.map(str::to_owned));
            true
        };
        read_along(writing(&["Warm. ", "Good in rain ", "and in snow ", "too."]), &check, &mut grown);
        assert_eq!(told, ["Warm."]);
    }

    #[test]
    fn what_is_no_longer_wanted_is_given_up() {
        let whole = read_along(writing(&["Warm ", "and light ", "and dry."]), &|_| Ok(()), &mut |_| false);
        assert_eq!(whole, None);
    }

    #[test]
    fn a_silent_model_is_given_up_once_nobody_waits() {
        let (events, received) = sync_channel(1);
        let generation = Generation::new(received, Instant::now() + Duration::from_secs(60));
        let mut asked = 0;
        let whole = read_along(generation, &|_| Ok(()), &mut |_| {
            asked += 1;
            asked < 3
        });
        assert_eq!((whole, asked), (None, 3));
        drop(events);
    }
}
