//! What Telegram refuses: markup that cannot be read, buttons that carry too much.

use serde_json::Value;

/// Labels and data (or addresses) of a keyboard, as strict as Telegram.
pub fn buttons(markup: &Value) -> Result<Vec<(String, String)>, String> {
    let rows = markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for button in rows.iter().flat_map(|row| row.as_array().cloned().unwrap_or_default()) {
        let label = button["text"].as_str().unwrap_or_default().to_owned();
        let data = button["callback_data"].as_str().or(button["url"].as_str()).unwrap_or_default().to_owned();
        if label.is_empty() || data.is_empty() || (button["callback_data"].is_string() && data.len() > 64) {
            return Err("Bad Request: BUTTON_DATA_INVALID".into());
        }
        found.push((label, data));
    }
    Ok(found)
}

/// The text that markup shows; refuses what Telegram's parser refuses.
pub fn visible(text: &str, is_html: bool) -> Result<String, String> {
    if !is_html {
        return Ok(text.to_owned());
    }
    let mut shown = String::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        shown.push_str(&rest[..at]);
        let (sign, after) = rest[at..].split_at(1);
        if sign == "<" {
            let (tag, after) = after.split_once('>').ok_or("Bad Request: can't parse entities: unclosed start tag")?;
            match tag.strip_prefix('/') {
                Some(name) if open.pop().as_deref() == Some(name) => {}
                None if ["b", "i", "s", "pre", "blockquote"].contains(&tag) => open.push(tag.to_owned()),
                _ => return Err(format!("Bad Request: can't parse entities: unsupported tag \"{tag}\"")),
            }
            rest = after;
        } else {
            let known = [("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\"")];
            let (name, sign) = known.into_iter().find(|(name, _)| after.starts_with(name)).unwrap_or(("", "&"));
            shown.push_str(sign);
            rest = &after[name.len()..];
        }
    }
    shown.push_str(rest);
    if open.is_empty() { Ok(shown) } else { Err("Bad Request: can't parse entities: can't find end tag".into()) }
}
