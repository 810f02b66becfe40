//! `daogou chat`: a shopper at the terminal, or a script of one.

use std::io::{BufReader, IsTerminal, stdin, stdout};
use std::process::ExitCode;

use super::Common;
use crate::assemble;
use crate::assistant::examples;
use crate::domain::language::{Language, Localized};
use crate::domain::reply::Reply;
use crate::domain::wording::{chat as wording, terminal};
use crate::faces::terminal::{Style, Terminal, converse, draw};

/// Talks with a shopper in Chinese or English about the loaded catalog (the sample shop where nothing was loaded).
///
/// With a terminal on standard input: line editing, history, /help. Without: one turn a line. `--json` prints one object a
/// turn: `{"turn", "text", "intent": {"intent", "lang", …slots} or null for a button, "confidence", "source", "hits": [{"sku", "title",
/// "price", "currency", "score", "reason"}], "reply": {"lang", "blocks": [{"block": "text"|"quote"|"products"|"table"|"choices"|"picture",
/// …}]}, "generation", "handoff": reason or null, "timings_ms": {stage: ms}}`; for what the terminal answers itself, such as /help, "intent" and
/// "generation" are null. A conversation goes on where it was left, also after a
/// restart; `--new` begins afresh and `--session` names another one. In a reply with numbered choices a bare number picks one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Answers this one message and exits.
    #[arg(long, value_name = "TEXT")]
    once: Option<String>,
    /// Prints one JSON object a turn.
    #[arg(long)]
    json: bool,
    /// Rules and lexical search only.
    #[arg(long)]
    no_model: bool,
    /// Forgets the conversation so far.
    #[arg(long)]
    new: bool,
    /// Which conversation to go on with.
    #[arg(long, value_name = "NAME", default_value = "default")]
    session: String,
}

/// Converses.
///
/// # Errors
/// The shop cannot be assembled, a scripted turn failed, or the output is closed.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let shop = assemble::shop(&config, "terminal", args.no_model)?;
    let mut terminal = Terminal::new(&shop.assistant, &args.session);
    if args.new {
        terminal.begin_anew()?;
    }
    let width = textwrap::termwidth();
    if let Some(text) = &args.once {
        let line = text.replace('\n', " ");
        terminal.run_script(line.as_bytes(), stdout().lock(), args.json, width)?;
    } else if args.json || !stdin().is_terminal() {
        terminal.run_script(BufReader::new(stdin().lock()), stdout().lock(), args.json, width)?;
    } else {
        let is_plain = std::env::var_os("NO_COLOR").is_some() || !stdout().is_terminal();
        let style = if is_plain { Style::Plain } else { Style::Ansi };
        println!("{}\n", draw(&welcome(&config.shop.name, &shop), width, style));
        converse(&mut terminal, &config.data_dir.join("terminal-history"), style)?;
    }
    shop.store.commit()?;
    Ok(ExitCode::SUCCESS)
}

/// The greeting in both languages, since nobody has spoken yet.
fn welcome(name: &Localized, shop: &assemble::Shop) -> Reply {
    let language = match std::env::var("LANG") {
        Ok(locale) if locale.starts_with("zh") => Language::Zh,
        _ => Language::En,
    };
    let snapshot = shop.catalog.snapshot();
    let examples = |language| examples(&snapshot, false, language).into_iter().take(2);
    let lines = examples(Language::Zh).chain(examples(Language::En)).map(|example| format!("  · {example}"));
    Reply::new(language)
        .text(wording::greeting(Language::Zh, name.get(Language::Zh)))
        .text(wording::greeting(Language::En, name.get(Language::En)))
        .text(lines.collect::<Vec<_>>().join("\n"))
        .text(terminal::help(language))
}
