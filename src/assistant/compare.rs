//! Products side by side: a table of what differs.

use std::collections::BTreeSet;

use crate::domain::attribute::display_name;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::Block;
use crate::domain::wording::listing;

/// Stands where a listing does not say.
const UNSAID: &str = "–";

/// The table of the properties in which the products differ; none when no listing shows a difference. The price is always a
/// row.
pub(super) fn comparison(products: &[&Product], language: Language) -> Option<Block> {
    let header = std::iter::once(String::new())
        .chain(
            products
                .iter()
                .enumerate()
                .map(|(place, product)| format!("{}. {}", place + 1, product.title.get(language))),
        )
        .collect();
    let row = |title: String, show: &dyn Fn(&Product) -> String| {
        std::iter::once(title).chain(products.iter().map(|product| show(product))).collect::<Vec<String>>()
    };
    let mut rows = Vec::new();
    for name in ["price", "brand", "rating", "stock", "category"] {
        rows.extend(
            listing::row(language, name).map(|title| row(title.to_owned(), &|product| fixed(product, name, language))),
        );
    }
    let names: BTreeSet<&String> = products.iter().flat_map(|product| product.attributes.keys()).collect();
    for name in names {
        let show = |product: &Product| product.show_attribute(name, language).unwrap_or_else(|| UNSAID.to_owned());
        rows.push(row(display_name(name, language), &show));
    }
    let price = listing::row(language, "price").unwrap_or_default();
    let differs = |cells: &[String]| cells[1..].iter().any(|cell| *cell != cells[1]);
    let says_enough =
        |cells: &[String]| cells[1..].iter().filter(|cell| *cell != UNSAID).count() * 2 >= cells.len() - 1;
    let any_difference = rows.iter().any(|cells| differs(cells));
    rows.retain(|cells| cells[0] == price || (differs(cells) && says_enough(cells)));
    any_difference.then_some(Block::Table { header, rows })
}

fn fixed(product: &Product, name: &str, language: Language) -> String {
    let shown = match name {
        "price" => {
            product.price.map(|price| price.to_string()).or_else(|| Some(listing::price_on_request(language).into()))
        }
        "brand" => Some(product.brand.get(language).to_owned()),
        "rating" => product.rating.map(|rating| format!("{rating:.1}")),
        "stock" => Some(listing::stock(language, product.stock)),
        _ => Some(product.category.get(language).to_owned()),
    };
    shown.filter(|text| !text.is_empty()).unwrap_or_else(|| UNSAID.to_owned())
}
