//! Inline mode: `@bot words` in any chat gives cards that open the bot at the product. Nothing of it is kept.

use std::sync::Arc;

use teloxide::payloads::{AnswerInlineQuery, AnswerInlineQuerySetters};
use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryId, InlineQueryResult, InlineQueryResultArticle,
    InlineQueryResultsButton, InlineQueryResultsButtonKind, InputMessageContent, InputMessageContentText, ParseMode,
};

use super::api::CallError;
use super::bot::Bot;
use super::courier::Undelivered;
use super::deep_link::Target;
use super::incoming::Incoming;
use super::markup::shorten;
use super::render::card_text;
use crate::domain::language::Language;
use crate::domain::reply::Card;
use crate::domain::wording::telegram as wording;

/// Telegram may show the same answer to the same words for so long, in seconds.
const CACHE_S: u32 = 60;

impl Bot {
    /// Answers an inline query. A failure is told to nobody: the next letter asks again.
    pub(super) async fn answer_inline(
        self: &Arc<Self>,
        incoming: &Incoming,
        query: &str,
        text: &str,
    ) -> Result<(), Undelivered> {
        let language = Language::detect(text).unwrap_or(incoming.language);
        let (words, is_empty) = (text.to_owned(), text.trim().is_empty());
        let permit = self.turns.acquire().await.map_err(|_| Undelivered::Stopping)?;
        let (cards, name) = self
            .ask(move |shop| {
                let cards = if is_empty { Ok(Vec::new()) } else { shop.glance(&words, language) };
                (cards, shop.name(language))
            })
            .await?;
        drop(permit);
        let cards = cards.unwrap_or_else(|error| {
            tracing::warn!(%error, "inline query failed");
            Vec::new()
        });
        let results: Vec<InlineQueryResult> = cards.iter().filter_map(|card| self.article(card, language)).collect();
        let button = InlineQueryResultsButton {
            text: shorten(&wording::open_shop(language, &name), 64),
            kind: InlineQueryResultsButtonKind::StartParameter("inline".into()),
        };
        let answer =
            AnswerInlineQuery::new(InlineQueryId(query.to_owned()), results).cache_time(CACHE_S).button(button);
        let answered: Result<serde_json::Value, CallError> = self.api.call(&answer).await;
        if let Err(error) = answered
            && !error.is_late()
        {
            tracing::debug!(%error, "inline query not answered");
        }
        Ok(())
    }

    fn article(&self, card: &Card, language: Language) -> Option<InlineQueryResult> {
        let code = Target::Product(card.sku.clone()).encode()?;
        let link = format!("https://t.me/{}?start={code}", self.me.username).parse().ok()?;
        let text = card_text(card, language, false);
        let content = InputMessageContentText::new(text.html).parse_mode(ParseMode::Html);
        let buttons = vec![vec![InlineKeyboardButton::url(wording::ask_button(language), link)]];
        let price = card.price.map(|price| price.to_string()).unwrap_or_default();
        let about = [price, card.reason.clone().unwrap_or_default()];
        let about: Vec<&str> = about.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let mut article =
            InlineQueryResultArticle::new(code, shorten(&card.title, 100), InputMessageContent::Text(content))
                .reply_markup(InlineKeyboardMarkup::new(buttons))
                .description(shorten(&about.join(" · "), 200));
        article.thumbnail_url = card.image.as_deref().and_then(|image| image.parse().ok());
        Some(InlineQueryResult::Article(article))
    }
}
