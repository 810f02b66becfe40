//! The sample shop with the bundled model, assembled once for all tests.

use std::path::Path;
use std::sync::LazyLock;

use daogou::assemble::{Shop, shop};
use daogou::config::Config;

/// A busy machine must not change what is understood, only how soon.
const PATIENCE_MS: u64 = 60_000;

struct Opened {
    shop: Shop,
    _folder: tempfile::TempDir,
}

static SAMPLE: LazyLock<Opened> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("folder");
    let mut config = sample_config(folder.path());
    config.telegram.support_group = Some(-1_002_000);
    let shop = shop(&config, "telegram", false).expect("the sample shop");
    Opened { shop, _folder: folder }
});

/// The configuration of the sample shop with its state in a folder.
pub fn sample_config(data_dir: &Path) -> Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = Config { data_dir: data_dir.to_owned(), ..Config::default() };
    config.assistant.understand_ms = PATIENCE_MS;
    for path in [
        &mut config.shop.feed,
        &mut config.shop.reviews,
        &mut config.shop.policies,
        &mut config.shop.orders,
        &mut config.shop.synonyms,
        &mut config.model.path,
    ] {
        *path = root.join(&*path);
    }
    config
}

/// The sample shop.
pub fn sample_shop() -> &'static Shop {
    &SAMPLE.shop
}
