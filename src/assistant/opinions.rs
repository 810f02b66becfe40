//! What buyers say: counts of the reviews, and a quotation from either side.

use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::Reply;
use crate::domain::review::Review;
use crate::domain::wording::listing;

/// Quoted reviews are cut at about so many characters, at the end of a clause.
const MAX_QUOTE: usize = 160;

/// The verdict on a product with at most one quotation from each side, preferring what mentions the words asked about.
pub(super) fn opinions(reply: Reply, product: &Product, reviews: &[Review], asked: &str) -> Reply {
    let language = reply.lang;
    let title = product.title.get(language);
    if reviews.is_empty() {
        return reply.text(listing::no_reviews(language, title));
    }
    let side = |wanted: fn(u8) -> bool| {
        reviews.iter().filter(move |review| review.rating.is_some_and(wanted)).collect::<Vec<_>>()
    };
    let (happy, unhappy) = (side(|stars| stars >= 4), side(|stars| stars <= 2));
    let mut reply = reply.text(listing::review_verdict(language, title, happy.len(), unhappy.len(), reviews.len()));
    for (side, source) in [(happy, listing::praise(language)), (unhappy, listing::criticism(language))] {
        if let Some(review) = most_telling(&side, asked, language) {
            reply = reply.quote(cut(&review.text), source);
        }
    }
    reply
}

/// The review that shares most with what was asked, then the one in the shopper's language, then a longer one.
fn most_telling<'a>(reviews: &[&'a Review], asked: &str, language: Language) -> Option<&'a Review> {
    let shared = |text: &str| {
        let characters: Vec<char> = asked.chars().collect();
        characters.windows(2).filter(|pair| text.contains(&pair.iter().collect::<String>())).count()
    };
    reviews.iter().copied().max_by_key(|review| {
        (shared(&review.text), review.lang == language, review.text.chars().count().min(MAX_QUOTE), review.id.clone())
    })
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_QUOTE {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_QUOTE).collect();
    let end = start.rfind(['。', '！', '，', '.', '!', ',', ' ']).unwrap_or(start.len());
    format!("{}…", &start[..end])
}
