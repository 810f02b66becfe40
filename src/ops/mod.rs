//! Floor 3: health and metrics on a local address, for whoever runs the shop. Serves no shopper and needs no password.

mod metrics;
mod server;

pub use self::metrics::{Metrics, ShopView};
pub use self::server::{OpsError, Ready, serve};
