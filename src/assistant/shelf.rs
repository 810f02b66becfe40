//! The cart and the saved list: changes them and shows them at today's prices.

use crate::catalog::CatalogSnapshot;
use crate::domain::cart::{Cart, MAX_QUANTITY};
use crate::domain::change::Pieces;
use crate::domain::identifier::Sku;
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Block, Choice, Reply};
use crate::domain::wording::{listing, shelf};

/// Puts pieces of a product into the cart, never more than are left.
pub(super) fn add_to_cart(reply: Reply, cart: &mut Cart, product: &Product, quantity: u32) -> Reply {
    let language = reply.lang;
    let title = product.title.get(language);
    let has = cart.lines().iter().find(|line| line.sku == product.sku).map_or(0, |line| line.quantity);
    let left = product.stock.unwrap_or(MAX_QUANTITY);
    if left == 0 {
        return reply.text(shelf::sold_out(language, title));
    }
    let wanted = has.saturating_add(quantity.max(1));
    if wanted > left {
        cart.remove(&product.sku);
        cart.add(&product.sku, left);
        return reply.text(shelf::only_left(language, title, left));
    }
    let now = cart.add(&product.sku, quantity);
    reply.text(shelf::added(language, title, now))
}

/// Changes the pieces of a product that is in the cart, to so many or by so many; what is not in it is put in.
pub(super) fn change_pieces(reply: Reply, cart: &mut Cart, product: &Product, pieces: Pieces, quantity: u32) -> Reply {
    let has = cart.lines().iter().find(|line| line.sku == product.sku).map_or(0, |line| line.quantity);
    let wanted = match pieces {
        Pieces::Set => quantity,
        Pieces::Fewer => has.saturating_sub(quantity),
    };
    if wanted == 0 {
        return remove_from_cart(reply, cart, product);
    }
    cart.remove(&product.sku);
    add_to_cart(reply, cart, product, wanted)
}

/// Takes a product out of the cart.
pub(super) fn remove_from_cart(reply: Reply, cart: &mut Cart, product: &Product) -> Reply {
    let language = reply.lang;
    let title = product.title.get(language);
    let said =
        if cart.remove(&product.sku) { shelf::removed(language, title) } else { shelf::not_in_cart(language, title) };
    reply.text(said)
}

/// The cart as a table with its total; products that have gone are named.
pub(super) fn show_cart(mut reply: Reply, cart: &Cart, snapshot: &CatalogSnapshot) -> Reply {
    let language = reply.lang;
    if cart.lines().is_empty() {
        return reply.text(shelf::cart_empty(language));
    }
    let mut rows = Vec::new();
    let mut sum: Option<Money> = None;
    for line in cart.lines() {
        let Some(product) = snapshot.product(&line.sku) else {
            reply = reply.text(shelf::gone(language, line.sku.as_str()));
            continue;
        };
        let cost = product.price.map(|price| price.times(line.quantity));
        sum = match (sum, cost) {
            (Some(sum), Some(cost)) if sum.currency == cost.currency => {
                Some(Money { minor: sum.minor.saturating_add(cost.minor), ..sum })
            }
            (None, cost) => cost,
            (sum, _) => sum,
        };
        let print = |money: Option<Money>| {
            money.map_or_else(|| listing::price_on_request(language).into(), |it| it.to_string())
        };
        rows.push(vec![
            product.title.get(language).to_owned(),
            print(product.price),
            line.quantity.to_string(),
            print(cost),
        ]);
    }
    let header = shelf::cart_header(language).map(str::to_owned).to_vec();
    reply = reply.block(Block::Table { header, rows });
    if let Some(sum) = sum {
        reply = reply.text(shelf::total(language, sum));
    }
    reply.choices(vec![Choice::new(shelf::clear_button(language), Action::CartClear)])
}

/// Puts a product on the saved list, once.
pub(super) fn save(reply: Reply, saved: &mut Vec<Sku>, product: &Product) -> Reply {
    if !saved.contains(&product.sku) {
        saved.push(product.sku.clone());
    }
    let said = shelf::saved(reply.lang, product.title.get(reply.lang));
    reply.text(said)
}
