//! The chat template: a model's own Jinja, rendered so that what was written stays apart from the template's control text.
//!
//! Jinja does not escape, so the messages are rendered as place-holders and put back afterwards as their own pieces: a
//! `<|im_end|>` in a message can then be tokenized as plain text. Never touches tokens. Called by `tokenizer`.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};

use crate::domain::generator::{ChatMessage, Role};

/// ChatML, for a GGUF that has no template.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Private-use characters around the index of a message; they are looked for in rendered text only, never in messages.
const OPEN: char = '\u{F8FD}';
const CLOSE: char = '\u{F8FE}';

/// A stretch of a rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// From the template: control tokens count.
    Control(String),
    /// What the message of this index says: plain text whatever it contains.
    Written {
        /// Index into the messages given.
        message: usize,
        /// Its text.
        text: String,
    },
}

/// A compiled chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl ChatTemplate {
    /// Compiles a template, ChatML if there is none; `bos` and `eos` are the texts of these tokens.
    ///
    /// # Errors
    /// The template engine's message.
    pub fn compile(source: Option<&str>, bos: String, eos: String) -> Result<Self, String> {
        let mut environment = Environment::new();
        // As transformers does: https://huggingface.co/docs/transformers/chat_templating
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| error.to_string())?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", strftime_now);
        let source = source.unwrap_or(CHATML).to_owned();
        environment.add_template_owned("chat", source).map_err(|error| error.to_string())?;
        Ok(Self { environment, bos, eos })
    }

    /// Renders messages and the start of the assistant's turn.
    ///
    /// A template that knows no system role gets the system's text at the head of the first user message.
    ///
    /// # Errors
    /// The template engine's message, or that the template left a message out.
    pub fn render(&self, messages: &[ChatMessage]) -> Result<Vec<Piece>, String> {
        let separate: Vec<Vec<usize>> = (0..messages.len()).map(|index| vec![index]).collect();
        match self.render_groups(messages, &separate) {
            Ok(pieces) => Ok(pieces),
            Err(reason) => match merged_system(messages) {
                Some(groups) => self.render_groups(messages, &groups).map_err(|_| reason),
                None => Err(reason),
            },
        }
    }

    /// Renders one chat message for each group of messages; the group's last message gives the role.
    fn render_groups(&self, messages: &[ChatMessage], groups: &[Vec<usize>]) -> Result<Vec<Piece>, String> {
        let turns: Vec<Value> = groups
            .iter()
            .filter_map(|group| {
                let role = messages.get(*group.last()?)?.role;
                let marks: Vec<String> = group.iter().map(|index| format!("{OPEN}{index}{CLOSE}")).collect();
                Some(context! { role => role_name(role), content => marks.join("\n\n") })
            })
            .collect();
        let template = self.environment.get_template("chat").map_err(|error| error.to_string())?;
        let rendered = template
            .render(context! {
                messages => turns,
                add_generation_prompt => true,
                enable_thinking => false,
                bos_token => &self.bos,
                eos_token => &self.eos,
            })
            .map_err(|error| error.to_string())?;
        split(&rendered, messages)
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

/// Groups in which leading system messages join the first user message; `None` when there is nothing to join.
fn merged_system(messages: &[ChatMessage]) -> Option<Vec<Vec<usize>>> {
    let first = messages.iter().position(|message| message.role != Role::System)?;
    if first == 0 || messages[first].role != Role::User {
        return None;
    }
    let mut groups = vec![(0..=first).collect()];
    groups.extend((first + 1..messages.len()).map(|index| vec![index]));
    Some(groups)
}

/// Puts the messages back where their marks are.
fn split(rendered: &str, messages: &[ChatMessage]) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut seen = vec![false; messages.len()];
    let mut rest = rendered;
    while let Some(start) = rest.find(OPEN) {
        let (control, marked) = rest.split_at(start);
        let marked = &marked[OPEN.len_utf8()..];
        let Some(end) = marked.find(CLOSE) else { return Err("the template cut a message".into()) };
        let index = marked[..end].parse::<usize>().ok().filter(|index| *index < messages.len());
        let Some(index) = index else { return Err("the template changed a message".into()) };
        if !control.is_empty() {
            pieces.push(Piece::Control(control.to_owned()));
        }
        seen[index] = true;
        pieces.push(Piece::Written { message: index, text: messages[index].content.clone() });
        rest = &marked[end + CLOSE.len_utf8()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Control(rest.to_owned()));
    }
    match seen.iter().position(|seen| !seen) {
        Some(index) => Err(format!("the template leaves out message {}", index + 1)),
        None => Ok(pieces),
    }
}

/// The date for templates that print one, in the format that Llama 3 uses whatever is asked for.
fn strftime_now(_format: String) -> String {
    let now = time::OffsetDateTime::now_utc();
    format!("{:02} {} {}", now.day(), &now.month().to_string()[..3], now.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Control(text) | Piece::Written { text, .. } => text.as_str(),
            })
            .collect()
    }

    fn chat() -> Vec<ChatMessage> {
        vec![ChatMessage::new(Role::System, "parse"), ChatMessage::new(Role::User, "a {{ b }}<|im_end|>")]
    }

    #[test]
    fn chatml_is_the_fallback_and_messages_are_not_rendered() {
        let template = ChatTemplate::compile(None, String::new(), String::new()).unwrap();
        let pieces = template.render(&chat()).unwrap();
        assert_eq!(
            text(&pieces),
            "<|im_start|>system\nparse<|im_end|>\n<|im_start|>user\na {{ b }}<|im_end|><|im_end|>\n<|im_start|>assistant\n"
        );
        assert_eq!(pieces[3], Piece::Written { message: 1, text: "a {{ b }}<|im_end|>".into() });
    }

    #[test]
    fn a_template_without_a_system_role_gets_it_in_the_first_user_message() {
        // Gemma 2's, shortened.
        let source = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}";
        let template = ChatTemplate::compile(Some(source), "<bos>".into(), "<eos>".into()).unwrap();
        assert_eq!(
            text(&template.render(&chat()).unwrap()),
            "<bos><start_of_turn>user\nparse\n\na {{ b }}<|im_end|><end_of_turn>\n<start_of_turn>model\n"
        );
    }

    #[test]
    fn python_methods_and_thinking_templates_work() {
        // The shape of Qwen3's: string methods, namespaces, reversed loops and the empty thought.
        let source = "{%- set ns = namespace(last=0) %}{%- for message in messages[::-1] %}{%- if message.role == 'user' and not (message.content.startswith('<tool>')) %}{%- set ns.last = loop.index0 %}{%- break %}{%- endif %}{%- endfor %}{%- for message in messages %}{{- '<|im_start|>' + message.role + '\n' + message.content.split('</think>')[-1].lstrip('\n') + '<|im_end|>\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}{%- endif %}";
        let template = ChatTemplate::compile(Some(source), String::new(), String::new()).unwrap();
        assert!(text(&template.render(&chat()).unwrap()).ends_with("<|im_start|>assistant\n<think>\n\n</think>\n\n"));
    }

    #[test]
    fn a_template_that_drops_a_message_is_an_error() {
        let template = ChatTemplate::compile(Some("{{ messages[0].content }}"), String::new(), String::new()).unwrap();
        let users = [ChatMessage::new(Role::User, "a"), ChatMessage::new(Role::User, "b")];
        assert_eq!(template.render(&users).unwrap_err(), "the template leaves out message 2");
    }
}
