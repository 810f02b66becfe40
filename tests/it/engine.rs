//! The in-process engine with llama.cpp running for real on tiny random models.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use daogou::domain::generator::{
    ChatMessage, FinishReason, GenerationEvent, GenerationRequest, GeneratorError, Grammar, Priority, Role,
    ScoreRequest, TextGenerator,
};
use daogou::inference::crew::Crew;
use daogou::inference::engine::{Engine, EngineSettings};

use crate::tiny_gguf::{Shape, TinyGguf};

const OBJECT: &str = r#"root ::= "{\"intent\": \"" ("search" | "refine" | "more") "\"" (", \"query\": \"" span "\"")? "}"
span ::= [a-z羽绒服]{1,8}
"#;

/// A model file that is deleted with this.
pub struct Model {
    pub path: PathBuf,
    _folder: tempfile::TempDir,
}

/// Writes a tiny model into a folder of its own.
pub fn model(tiny: &TinyGguf) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    tiny.write(&path);
    Model { path, _folder: folder }
}

fn engine(shape: Shape) -> (Engine, Model) {
    let model = model(&TinyGguf::new(shape));
    let engine = Engine::start(&EngineSettings::for_model(&model.path)).unwrap();
    (engine, model)
}

fn request(message: &str) -> GenerationRequest {
    GenerationRequest {
        messages: vec![
            ChatMessage::new(Role::System, "parse the message of a shopper into one object"),
            ChatMessage::new(Role::User, message),
        ],
        shared_messages: 1,
        grammar: None,
        max_tokens: 24,
        temperature: 0.0,
        seed: 1,
        priority: Priority::Understand,
        deadline: Instant::now() + Duration::from_secs(120),
    }
}

fn constrained(message: &str, gbnf: &str) -> GenerationRequest {
    let grammar = Some(Grammar { gbnf: gbnf.to_owned(), fallback: None });
    GenerationRequest { grammar, max_tokens: 80, ..request(message) }
}

fn scoring(candidates: &[&str]) -> ScoreRequest {
    ScoreRequest {
        prefix: vec![
            ChatMessage::new(Role::System, "score"),
            ChatMessage::new(Role::User, "want: a down jacket for winter\nitem: "),
        ],
        candidates: candidates.iter().map(|text| (*text).to_owned()).collect(),
        positive: "yes".into(),
        negative: "no".into(),
        priority: Priority::Explain,
        deadline: Instant::now() + Duration::from_secs(120),
    }
}

#[test]
fn text_follows_the_grammar_with_both_kinds_of_vocabulary() {
    for shape in [Shape::Qwen, Shape::Llama] {
        let (engine, _model) = engine(shape);
        for message in ["我想买羽绒服", "a down jacket", ""] {
            let done = engine.generate(constrained(message, OBJECT)).unwrap().complete().unwrap();
            assert_eq!(done.reason, FinishReason::Stop, "{shape:?} {message:?}: {}", done.text);
            let value: serde_json::Value = serde_json::from_str(&done.text).unwrap();
            assert!(["search", "refine", "more"].contains(&value["intent"].as_str().unwrap()));
            assert_eq!(done.logprobs.len(), done.usage.completion_tokens);
            assert!(done.logprobs.iter().all(|logprob| *logprob <= 0.0 && logprob.is_finite()));
        }
    }
}

#[test]
fn eight_at_once_say_what_each_says_alone() {
    let (engine, _model) = engine(Shape::Qwen);
    let messages: Vec<String> =
        (0..12).map(|index| format!("message {index} 羽绒服 {}", "word ".repeat(index))).collect();
    let alone: Vec<String> =
        messages.iter().map(|message| engine.generate(request(message)).unwrap().complete().unwrap().text).collect();
    let running: Vec<_> = messages.iter().map(|message| engine.generate(request(message)).unwrap()).collect();
    let together: Vec<String> = running.into_iter().map(|generation| generation.complete().unwrap().text).collect();
    assert_eq!(alone, together);
    assert_eq!(engine.queue_depth(), 0);
}

#[test]
fn a_shared_prefix_is_decoded_once() {
    let (engine, model) = engine(Shape::Qwen);
    let first = engine.generate(request("one")).unwrap().complete().unwrap();
    let second = engine.generate(request("two")).unwrap().complete().unwrap();
    assert_eq!(first.usage.cached_tokens, 0);
    assert!(second.usage.cached_tokens >= 40, "{:?}", second.usage);
    let mut cold = request("two");
    cold.shared_messages = 0;
    let other = Engine::start(&EngineSettings::for_model(&model.path)).unwrap();
    assert_eq!(second.text, other.generate(cold).unwrap().complete().unwrap().text);
}

#[test]
fn a_control_token_in_a_message_stays_plain_text() {
    let (engine, _model) = engine(Shape::Qwen);
    let tokens = |message: &str| engine.generate(request(message)).unwrap().complete().unwrap().usage.prompt_tokens;
    // Ten bytes, none of which the tiny vocabulary merges, and not one control token.
    assert_eq!(tokens("<|im_end|>"), tokens("") + 10);
}

#[test]
fn scores_do_not_depend_on_the_other_candidates() {
    for shape in [Shape::Qwen, Shape::Llama] {
        let (engine, _model) = engine(shape);
        let texts: Vec<String> =
            (0..30).map(|index| format!("item {index} 羽绒服 {}", "warm ".repeat(index % 7))).collect();
        let candidates: Vec<&str> = texts.iter().map(String::as_str).collect();
        let scores = engine.score(scoring(&candidates)).unwrap();
        assert!(scores.iter().any(|score| (score - scores[0]).abs() > 0.01), "{scores:?}");
        let permuted: Vec<&str> = candidates.iter().rev().copied().collect();
        let reversed = engine.score(scoring(&permuted)).unwrap();
        for (one, other) in scores.iter().zip(reversed.iter().rev()) {
            assert!((one - other).abs() < 1e-4, "{one} {other}");
        }
        for (index, subset) in [(0, &candidates[..1]), (11, &candidates[11..13])] {
            let few = engine.score(scoring(subset)).unwrap();
            assert!((few[0] - scores[index]).abs() < 1e-3);
        }
    }
}

#[test]
fn a_full_queue_refuses_at_once_and_the_rest_is_served() {
    let model = model(&TinyGguf::new(Shape::Qwen));
    let settings = EngineSettings { slots: 1, queue: 2, ..EngineSettings::for_model(&model.path) };
    let engine = Engine::start(&settings).unwrap();
    let long = |message| GenerationRequest { max_tokens: 400, ..request(message) };
    let running: Vec<_> = (0..40).map(|_| engine.generate(long("busy"))).collect();
    assert!(running.iter().any(|result| matches!(result, Err(GeneratorError::Overloaded { limit: 2 }))));
    for generation in running.into_iter().flatten() {
        generation.complete().unwrap();
    }
    assert!(engine.generate(request("free again")).is_ok());
}

#[test]
fn dropping_a_generation_frees_its_place() {
    let model = model(&TinyGguf { context: 100_000, ..TinyGguf::new(Shape::Qwen) });
    let settings = EngineSettings { slots: 1, context: Some(100_000), ..EngineSettings::for_model(&model.path) };
    let engine = Engine::start(&settings).unwrap();
    // Banning the end would take a grammar: this one never ends.
    let endless = GenerationRequest {
        grammar: Some(Grammar { gbnf: "root ::= [a-z] root".into(), fallback: None }),
        max_tokens: 90_000,
        ..request("endless")
    };
    let mut first = engine.generate(endless.clone()).unwrap();
    let waiting = engine.generate(endless).unwrap();
    assert!(matches!(first.next_event().unwrap(), GenerationEvent::Piece { .. }));
    drop(waiting);
    drop(first);
    let done = engine.generate(constrained("next", OBJECT)).unwrap().complete().unwrap();
    assert_eq!(done.reason, FinishReason::Stop);
}

#[test]
fn a_deadline_ends_a_generation_with_what_there_is() {
    let model = model(&TinyGguf { context: 100_000, ..TinyGguf::new(Shape::Qwen) });
    let settings = EngineSettings { context: Some(100_000), ..EngineSettings::for_model(&model.path) };
    let engine = Engine::start(&settings).unwrap();
    let endless = GenerationRequest {
        grammar: Some(Grammar { gbnf: "root ::= [a-z] root".into(), fallback: None }),
        max_tokens: 90_000,
        deadline: Instant::now() + Duration::from_millis(300),
        ..request("endless")
    };
    match engine.generate(endless).unwrap().complete() {
        Ok(done) => {
            assert_eq!(done.reason, FinishReason::Deadline);
            assert!(!done.text.is_empty());
        }
        // On a machine that pauses for longer than a step, the receiver's own deadline comes first.
        Err(error) => assert_eq!(error, GeneratorError::Deadline),
    }
    let late = GenerationRequest { deadline: Instant::now(), ..request("late") };
    assert_eq!(engine.generate(late).unwrap().complete().unwrap_err(), GeneratorError::Deadline);
}

#[test]
fn too_long_a_prompt_is_refused_and_a_long_answer_is_cut() {
    let model = model(&TinyGguf { context: 256, ..TinyGguf::new(Shape::Qwen) });
    let engine = Engine::start(&EngineSettings::for_model(&model.path)).unwrap();
    let error = engine.generate(request(&"羽绒服".repeat(200))).unwrap_err();
    assert!(matches!(error, GeneratorError::TooLong { tokens, context: 256 } if tokens > 1800), "{error}");
    // Refused by its size, before it is tokenized.
    let huge = engine.generate(request(&"羽".repeat(3_000_000))).unwrap_err();
    assert!(matches!(huge, GeneratorError::TooLong { context: 256, .. }));
    let endless = GenerationRequest { max_tokens: 10_000, ..constrained("x", "root ::= [a-z] root") };
    let done = engine.generate(endless).unwrap().complete().unwrap();
    assert_eq!(done.reason, FinishReason::Length);
    assert_eq!(done.usage.prompt_tokens + done.usage.completion_tokens, 256);
}

#[test]
fn more_than_the_context_holds_waits_its_turn() {
    let model = model(&TinyGguf { context: 256, ..TinyGguf::new(Shape::Qwen) });
    let settings = EngineSettings { context: Some(512), ..EngineSettings::for_model(&model.path) };
    let engine = Engine::start(&settings).unwrap();
    let running: Vec<_> = (0..20)
        .map(|index| {
            let message = format!("{index} {}", "x".repeat(100));
            engine.generate(GenerationRequest { max_tokens: 60, ..request(&message) }).unwrap()
        })
        .collect();
    for generation in running {
        let done = generation.complete().unwrap();
        assert!(matches!(done.reason, FinishReason::Stop | FinishReason::Length));
    }
}

#[test]
fn a_dead_end_starts_again_with_the_looser_grammar() {
    // No token has the id that the second rule asks for.
    let (engine, _model) = engine(Shape::Qwen);
    let dead = "root ::= \"ab\" [\u{e000}-\u{e001}] <[999999]>";
    let loose = "root ::= \"ab\" \"c\"";
    let with = |fallback: Option<&str>| GenerationRequest {
        grammar: Some(Grammar { gbnf: dead.into(), fallback: fallback.map(str::to_owned) }),
        ..request("x")
    };
    let stuck = engine.generate(with(None)).unwrap().complete().unwrap();
    assert_eq!(stuck.reason, FinishReason::DeadEnd);
    assert!(stuck.text.starts_with("ab"), "{}", stuck.text);
    let saved = engine.generate(with(Some(loose))).unwrap().complete().unwrap();
    assert_eq!((saved.reason, saved.text.as_str()), (FinishReason::Stop, "abc"));
    assert_eq!(saved.logprobs.len(), saved.usage.completion_tokens);
}

#[test]
fn a_grammar_that_does_not_compile_is_an_error_and_not_an_abort() {
    let (engine, _model) = engine(Shape::Qwen);
    for bad in ["root ::= <<<", "nothing here", "root ::= other", "root ::= root \"a\"", "", "root ::= \"\0\""] {
        let error = engine.generate(constrained("x", bad)).unwrap().complete().unwrap_err();
        assert!(matches!(error, GeneratorError::Invalid(_)), "{bad:?}: {error}");
    }
    assert!(engine.generate(constrained("x", OBJECT)).unwrap().complete().is_ok());
}

#[test]
fn hundreds_of_literal_alternatives_work() {
    let (engine, _model) = engine(Shape::Qwen);
    let brands: Vec<String> = (0..600).map(|index| format!("\"brand {} {index}\"", "羽绒".repeat(index % 3))).collect();
    let gbnf = format!("root ::= \"{{\" ({}) \"}}\"", brands.join(" | "));
    for round in 0..3 {
        let done = engine.generate(constrained(&format!("x{round}"), &gbnf)).unwrap().complete().unwrap();
        assert_eq!(done.reason, FinishReason::Stop);
        assert!(done.text.starts_with("{brand ") && done.text.ends_with('}'), "{}", done.text);
    }
}

#[test]
fn a_seed_repeats_a_temperature() {
    let (engine, _model) = engine(Shape::Qwen);
    let say = |seed| {
        let warm = GenerationRequest { temperature: 1.2, seed, ..constrained("x", "root ::= [a-z]{20}") };
        engine.generate(warm).unwrap().complete().unwrap().text
    };
    assert_eq!(say(3), say(3));
    assert_ne!(say(3), say(4));
}

#[test]
fn streamed_pieces_are_whole_characters() {
    let (engine, _model) = engine(Shape::Qwen);
    let mut generation = engine.generate(constrained("x", "root ::= [羽绒服]{6}")).unwrap();
    let mut text = String::new();
    let mut empty = 0;
    while let GenerationEvent::Piece { text: piece, .. } = generation.next_event().unwrap() {
        empty += usize::from(piece.is_empty());
        text.push_str(&piece);
    }
    assert_eq!(text.chars().count(), 6);
    assert!(text.chars().all(|character| "羽绒服".contains(character)), "{text}");
    assert_eq!(empty, 12, "two of three bytes wait");
}

#[test]
fn a_complete_grammar_ends_without_another_token() {
    for shape in [Shape::Qwen, Shape::Llama] {
        let (engine, _model) = engine(shape);
        // As many tokens as the text takes: the end itself would be one too many.
        let max_tokens = if shape == Shape::Qwen { 3 } else { 1 };
        let exact = GenerationRequest { max_tokens, ..constrained("x", "root ::= \"羽\"") };
        let done = engine.generate(exact).unwrap().complete().unwrap();
        assert_eq!((done.text.as_str(), done.reason), ("羽", FinishReason::Stop));
        // While more may come, the model decides.
        let open = engine.generate(constrained("x", "root ::= \"a\" \"b\"?")).unwrap().complete().unwrap();
        assert!(["a", "ab"].contains(&open.text.as_str()));
    }
}

/// What a soak asks for, by a number.
fn soak_request(number: u64) -> GenerationRequest {
    let message = format!("{number} {}", "羽绒服 coat ".repeat((number % 9) as usize));
    let mut asked = match number % 3 {
        0 => constrained(&message, OBJECT),
        1 => GenerationRequest { temperature: 0.9, seed: number as u32, ..request(&message) },
        _ => constrained(&message, "root ::= [a-z羽]{4,40}"),
    };
    asked.messages[0].content =
        ["parse", "answer the question of a shopper", "score it"][(number % 3) as usize].repeat(6);
    asked.priority = [Priority::Understand, Priority::Explain, Priority::Background][(number / 3 % 3) as usize];
    asked.max_tokens = 20 + (number % 30) as usize;
    asked
}

#[test]
fn a_busy_hour_leaves_every_answer_right_and_every_cell_free() {
    let model = model(&TinyGguf { context: 512, ..TinyGguf::new(Shape::Qwen) });
    let settings =
        EngineSettings { context: Some(1024), queue: 1000, prefixes: 2, ..EngineSettings::for_model(&model.path) };
    let engine = Engine::start(&settings).unwrap();
    let alone: Vec<String> =
        (0..27).map(|number| engine.generate(soak_request(number)).unwrap().complete().unwrap().text).collect();
    let scores = engine.score(scoring(&["one", "two", "three"])).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (engine, alone, scores) = (&engine, &alone, &scores);
            scope.spawn(move || {
                for round in 0..30_u64 {
                    let number = (thread * 7 + round * 5) % 27;
                    let mut generation = engine.generate(soak_request(number)).unwrap();
                    match (thread + round) % 5 {
                        0 => drop(generation),
                        1 => {
                            let _ = generation.next_event();
                        }
                        2 => {
                            let again = engine.score(scoring(&["one", "two", "three"])).unwrap();
                            assert!(again.iter().zip(scores).all(|(one, other)| (one - other).abs() < 1e-3));
                            assert_eq!(generation.complete().unwrap().text, alone[number as usize]);
                        }
                        _ => assert_eq!(generation.complete().unwrap().text, alone[number as usize]),
                    }
                }
            });
        }
    });
    // A prompt that takes all that one sequence may, twice over at once, fits only if nothing was left behind.
    let whole = || GenerationRequest { max_tokens: 2, shared_messages: 0, ..request(&"x".repeat(420)) };
    let both = [engine.generate(whole()).unwrap(), engine.generate(whole()).unwrap()];
    for generation in both {
        assert!(generation.complete().unwrap().usage.prompt_tokens > 480);
    }
    assert_eq!(engine.queue_depth(), 0);
}

#[test]
fn a_crew_says_what_one_engine_says_and_shares_the_work() {
    let model = model(&TinyGguf::new(Shape::Qwen));
    let alone = Engine::start(&EngineSettings::for_model(&model.path)).unwrap();
    let crew = Crew::start(&EngineSettings { queue: 40, ..EngineSettings::for_model(&model.path) }, Some(3)).unwrap();
    assert_eq!((crew.len(), crew.describe().name), (3, alone.describe().name));
    let ask = |engine: &dyn TextGenerator, number: usize| {
        engine.generate(constrained(&format!("message {number}"), OBJECT)).unwrap().complete().unwrap().text
    };
    let wanted: Vec<String> = (0..9).map(|number| ask(&alone, number)).collect();
    let found: Vec<String> = std::thread::scope(|scope| {
        let crew = &crew;
        let running: Vec<_> = (0..9).map(|number| scope.spawn(move || ask(crew, number))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(found, wanted);
    let scores = crew.score(scoring(&["one", "two"])).unwrap();
    let single = alone.score(scoring(&["one", "two"])).unwrap();
    assert!(scores.iter().zip(&single).all(|(one, other)| (one - other).abs() < 1e-4));
    assert_eq!(crew.queue_depth(), 0);
    assert!(crew.totals().completion > 0);
}
