//! Feeds, search, limits, relaxations and reloads on real files and a real index.

use std::fs;
use std::path::{Path, PathBuf};

use daogou::catalog::{
    Catalog, CatalogError, CatalogSnapshot, FeedOptions, LoadOptions, Source, read_feed, read_reviews,
};
use daogou::domain::identifier::Generation;
use daogou::domain::search::{AttributeFilter, Filters, RelaxationChange, SearchQuery, Sort};
use proptest::prelude::*;
use serde_json::{Value, json};

fn shop() -> Vec<Value> {
    let product = |id: &str, zh: &str, en: &str, category: (&str, &str), price: f64, attributes: Value| {
        json!({
            "id": id, "title": {"zh": zh, "en": en}, "category": {"zh": category.0, "en": category.1},
            "brand": {"zh": "雪岭", "en": "Snowridge"}, "price": price, "stock": 5, "attributes": attributes,
        })
    };
    let (down, phone, case) = (("羽绒服", "Down jackets"), ("手机", "Phones"), ("手机壳", "Phone cases"));
    let colour = |zh: &str, en: &str| json!({"zh": zh, "en": en});
    vec![
        product(
            "D1",
            "女士短款羽绒服",
            "Women's short down jacket",
            down,
            799.0,
            json!({"颜色": [colour("黑色", "black"), colour("白色", "white")], "面料": "100%聚酯纤维", "季节": "冬季", "size": ["S", "M"]}),
        ),
        product(
            "D2",
            "男士长款羽绒服 KX-210",
            "Men's long down jacket KX-210",
            down,
            1299.0,
            json!({"颜色": colour("曜石黑", "obsidian black"), "面料": "锦纶", "季节": "秋冬", "size": ["L", "XL"]}),
        ),
        product(
            "D3",
            "儿童轻薄羽绒服",
            "Kids' light down jacket",
            down,
            299.0,
            json!({"颜色": colour("红色", "red"), "面料": "锦纶", "季节": "冬季", "特点": "不防水"}),
        ),
        product(
            "P1",
            "智能手机 6.1 英寸",
            "Smartphone 6.1 inch",
            phone,
            3999.0,
            json!({"颜色": colour("金属灰", "metallic grey")}),
        ),
        product(
            "C1",
            "手机壳 防摔",
            "Phone case, shockproof",
            case,
            39.0,
            json!({"颜色": colour("金色", "gold"), "特点": "防水"}),
        ),
        product("C2", "透明手机壳", "Clear phone case", case, 29.0, json!({})),
    ]
}

fn write(folder: &Path, products: &[Value]) -> Source {
    let path = folder.join("products.jsonl");
    let lines: Vec<String> = products.iter().map(Value::to_string).collect();
    fs::write(&path, lines.join("\n")).expect("written");
    Source { feed: path, reviews: None, synonyms: None }
}

fn snapshot() -> CatalogSnapshot {
    let folder = tempfile::tempdir().expect("folder");
    CatalogSnapshot::in_memory(&write(folder.path(), &shop()), &FeedOptions::default()).expect("indexed").0
}

fn found(snapshot: &CatalogSnapshot, query: &SearchQuery) -> Vec<String> {
    let query = SearchQuery { limit: 10, ..query.clone() };
    let hits = snapshot.search(&query).expect("searched").hits;
    hits.into_iter().map(|hit| hit.sku.to_string()).collect()
}

fn words(text: &str) -> SearchQuery {
    SearchQuery { text: text.into(), ..SearchQuery::default() }
}

fn limits(filters: Filters) -> SearchQuery {
    SearchQuery { filters, ..SearchQuery::default() }
}

fn attribute(name: &str, value: &str) -> Filters {
    let filter = AttributeFilter { name: name.into(), value: value.into() };
    Filters { attributes: vec![filter], ..Filters::default() }
}

#[test]
fn a_request_in_either_language_finds_products_of_the_other() {
    let zh_only: Vec<Value> = shop()
        .into_iter()
        .map(|mut product| {
            for field in ["title", "category", "brand"] {
                product[field] = product[field]["zh"].clone();
            }
            product
        })
        .collect();
    let folder = tempfile::tempdir().expect("folder");
    let source = write(folder.path(), &zh_only);
    let (snapshot, _) = CatalogSnapshot::in_memory(&source, &FeedOptions::default()).expect("indexed");
    let hits = found(&snapshot, &words("down jacket"));
    assert_eq!(hits.len(), 3, "{hits:?}");
    assert!(hits.iter().all(|sku| sku.starts_with('D')), "{hits:?}");
}

#[test]
fn a_whole_sentence_is_searched_by_what_it_wants() {
    let hits = found(&snapshot(), &words("我想买一款适合冬天穿的羽绒服"));
    assert_eq!(hits.len(), 3);
    assert!(hits.iter().all(|sku| sku.starts_with('D')), "{hits:?}");
}

#[test]
fn a_kind_named_in_full_comes_before_what_goes_with_it() {
    assert_eq!(found(&snapshot(), &words("phone"))[0], "P1");
    assert_eq!(found(&snapshot(), &words("手机"))[0], "P1");
    assert!(found(&snapshot(), &words("phone case"))[0].starts_with('C'));
}

#[test]
fn model_numbers_are_found_however_they_are_written() {
    for text in ["KX-210", "kx210", "KX 210", "ＫＸ－２１０"] {
        assert_eq!(found(&snapshot(), &words(text)).first().map(String::as_str), Some("D2"), "{text}");
    }
}

#[test]
fn a_misspelt_word_finds_the_nearest_and_never_outranks_the_right_one() {
    assert!(found(&snapshot(), &words("jakcet")).iter().all(|sku| sku.starts_with('D')));
    let mut products = shop();
    products.push(json!({"id": "E1", "title": "Jakcet spare button"}));
    let folder = tempfile::tempdir().expect("folder");
    let source = write(folder.path(), &products);
    let (snapshot, _) = CatalogSnapshot::in_memory(&source, &FeedOptions::default()).expect("indexed");
    assert_eq!(found(&snapshot, &words("jakcet"))[0], "E1");
    assert!(!found(&snapshot, &words("jacket")).contains(&"E1".to_owned()));
}

#[test]
fn what_no_product_is_finds_nothing() {
    assert!(found(&snapshot(), &words("洗衣机")).is_empty());
    assert!(found(&snapshot(), &words("trampoline")).is_empty());
}

#[test]
fn colours_match_in_both_languages_and_not_within_other_words() {
    let snapshot = snapshot();
    for black in ["黑", "黑色", "black"] {
        assert_eq!(found(&snapshot, &limits(attribute("颜色", black))), ["D1", "D2"], "{black}");
    }
    assert_eq!(found(&snapshot, &limits(attribute("colour", "金"))), ["C1"]);
}

#[test]
fn an_excluded_material_is_never_returned() {
    let snapshot = snapshot();
    for word in ["聚酯纤维", "polyester", "涤纶"] {
        let query = limits(Filters { exclude: vec![word.into()], ..Filters::default() });
        let hits = found(&snapshot, &query);
        assert!(!hits.contains(&"D1".to_owned()) && hits.len() == 5, "{word}: {hits:?}");
    }
}

#[test]
fn values_that_deny_a_feature_do_not_meet_it() {
    assert_eq!(found(&snapshot(), &limits(attribute("feature", "防水"))), ["C1"]);
    assert_eq!(found(&snapshot(), &limits(attribute("feature", "waterproof"))), ["C1"]);
}

#[test]
fn sizes_seasons_brands_and_categories_are_limits_under_any_name() {
    let snapshot = snapshot();
    assert_eq!(found(&snapshot, &limits(attribute("尺码", "xl"))), ["D2"]);
    assert_eq!(found(&snapshot, &limits(attribute("season", "winter"))), ["D1", "D2", "D3"]);
    let brand = |name: &str| limits(Filters { brands: vec![name.into()], ..Filters::default() });
    assert_eq!(found(&snapshot, &brand("snowridge")).len(), 6);
    assert_eq!(found(&snapshot, &brand("雪岭")).len(), 6);
    let category = |name: &str| limits(Filters { categories: vec![name.into()], ..Filters::default() });
    assert_eq!(found(&snapshot, &category("手机")), ["P1"]);
    assert_eq!(found(&snapshot, &category("down jackets")).len(), 3);
}

#[test]
fn sorting_by_price_leaves_out_what_is_only_related() {
    let query = SearchQuery { sort: Sort::PriceAsc, ..words("羽绒服") };
    assert_eq!(found(&snapshot(), &query), ["D3", "D1", "D2"]);
    let query = SearchQuery { sort: Sort::PriceDesc, ..words("羽绒服") };
    assert_eq!(found(&snapshot(), &query), ["D2", "D1", "D3"]);
}

#[test]
fn zero_hits_offer_counted_relaxations() {
    let snapshot = snapshot();
    let mut query = words("羽绒服");
    query.filters = Filters { price_max: Some(750.0), ..attribute("颜色", "黑色") };
    assert_eq!(snapshot.count(&query).expect("counted"), 0);
    let offers = snapshot.relaxations(&query).expect("relaxed");
    assert!(matches!(offers[0].change, RelaxationChange::PriceMax { to } if to == 800.0), "{:?}", offers[0].change);
    let dropped = offers.iter().find(|offer| matches!(offer.change, RelaxationChange::Attribute { .. }));
    assert_eq!(dropped.map(|offer| offer.count), Some(1));
    for offer in offers {
        assert_eq!(snapshot.count(&offer.query).expect("counted"), offer.count, "{:?}", offer.change);
        assert!(offer.count > 0);
    }
}

#[test]
fn scores_do_not_depend_on_the_other_products_shown_or_on_their_order() {
    let mut reversed = shop();
    reversed.reverse();
    let folder = tempfile::tempdir().expect("folder");
    let source = write(folder.path(), &reversed);
    let (other, _) = CatalogSnapshot::in_memory(&source, &FeedOptions::default()).expect("indexed");
    let snapshot = snapshot();
    let query = SearchQuery { limit: 10, ..words("黑色 羽绒服") };
    assert_eq!(snapshot.search(&query).expect("searched").hits, other.search(&query).expect("searched").hits);
    let cheap = SearchQuery { filters: Filters { price_max: Some(900.0), ..Filters::default() }, ..query.clone() };
    let all = snapshot.search(&query).expect("searched").hits;
    for hit in snapshot.search(&cheap).expect("searched").hits {
        assert!(all.contains(&hit));
    }
}

#[test]
fn pages_follow_each_other_and_the_total_stays() {
    let snapshot = snapshot();
    let all = found(&snapshot, &SearchQuery::default());
    let page = |offset| snapshot.search(&SearchQuery { offset, limit: 2, ..SearchQuery::default() }).expect("searched");
    let paged: Vec<String> =
        [0, 2, 4, 6].into_iter().flat_map(|offset| page(offset).hits).map(|hit| hit.sku.to_string()).collect();
    assert_eq!(paged, all);
    assert_eq!((page(0).total, page(6).total), (6, 6));
}

#[test]
fn similar_products_are_of_the_same_kind_and_not_itself() {
    let hits = snapshot().similar(&"D1".into(), 5).expect("searched");
    let skus: Vec<&str> = hits.iter().map(|hit| hit.sku.as_str()).collect();
    assert_eq!(skus.len(), 2);
    assert!(skus.contains(&"D2") && skus.contains(&"D3"));
}

#[test]
fn an_unchanged_feed_is_opened_and_not_indexed_again() {
    let folder = tempfile::tempdir().expect("folder");
    let source = write(folder.path(), &shop());
    let catalog = Catalog::open_or_load(folder.path(), &source, LoadOptions::default()).expect("loaded");
    assert_eq!(catalog.snapshot().generation(), Generation(1));
    drop(catalog);
    let catalog = Catalog::open_or_load(folder.path(), &source, LoadOptions::default()).expect("opened");
    assert_eq!(catalog.snapshot().generation(), Generation(1));
    assert!(catalog.load(&source).expect("loaded").unchanged);
    assert_eq!(found(&catalog.snapshot(), &words("kx210")), ["D2"]);
}

#[test]
fn a_reload_swaps_keeps_running_queries_and_can_be_taken_back() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog =
        Catalog::first(folder.path(), &write(folder.path(), &shop()), LoadOptions::default()).expect("loaded");
    let held = catalog.snapshot();
    let mut products = shop();
    products[0]["price"] = json!(699);
    products.remove(5);
    products.push(json!({"id": "N1", "title": "New tent"}));
    let outcome = catalog.load(&write(folder.path(), &products)).expect("loaded");
    assert_eq!(outcome.generation, Generation(2));
    assert_eq!(outcome.diff.added, ["N1".into()]);
    assert_eq!(outcome.diff.removed, ["C2".into()]);
    assert_eq!(outcome.diff.changed.len(), 1);
    assert_eq!(outcome.diff.changed[0].fields, ["price"]);
    assert_eq!(found(&held, &words("透明手机壳"))[0], "C2");
    assert!(found(&held, &words("tent")).is_empty());
    assert_eq!(found(&catalog.snapshot(), &words("tent")), ["N1"]);
    assert_eq!(catalog.rollback().expect("taken back"), Generation(1));
    assert!(found(&catalog.snapshot(), &words("tent")).is_empty());
    assert!(matches!(catalog.rollback(), Err(CatalogError::NoFormerGeneration(_))));
    drop(catalog);
    let source = write(folder.path(), &products);
    let again = Catalog::open_or_load(folder.path(), &source, LoadOptions::default()).expect("opened");
    assert_eq!(again.snapshot().generation(), Generation(1), "what was taken back stays so after a restart");
}

#[test]
fn only_the_last_three_generations_are_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog =
        Catalog::first(folder.path(), &write(folder.path(), &shop()), LoadOptions::default()).expect("loaded");
    for price in 1..=4 {
        let mut products = shop();
        products[0]["price"] = json!(price);
        catalog.load(&write(folder.path(), &products)).expect("loaded");
    }
    let kept = |number: u64| folder.path().join(format!("catalog/gen-{number}")).exists();
    assert_eq!((1..=5).map(kept).collect::<Vec<_>>(), [false, false, true, true, true]);
}

#[test]
fn another_processs_load_is_taken_over() {
    let folder = tempfile::tempdir().expect("folder");
    let source = write(folder.path(), &shop());
    let serving = Catalog::first(folder.path(), &source, LoadOptions::default()).expect("loaded");
    assert_eq!(serving.refresh().expect("looked"), None);
    let other = Catalog::open(folder.path(), LoadOptions::default()).expect("opened");
    other.load(&write(folder.path(), &shop()[..3])).expect("loaded");
    assert_eq!(serving.refresh().expect("looked"), Some(Generation(2)));
    assert_eq!(serving.snapshot().products().len(), 3);
}

fn damage(folder: &Path, part: &str, extension: Option<&str>) -> PathBuf {
    let place = folder.join("catalog").join(part);
    let mut files: Vec<PathBuf> = match place.is_dir() {
        true => fs::read_dir(&place).expect("listed").map(|entry| entry.expect("entry").path()).collect(),
        false => vec![place],
    };
    files.retain(|file| extension.is_none() || file.extension().and_then(|name| name.to_str()) == extension);
    let file = files.pop().expect("a file to damage");
    let mut bytes = fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&file, bytes).expect("written");
    file
}

#[test]
fn a_damaged_index_is_built_anew_from_the_copy_of_the_feed() {
    for extension in ["idx", "term", "json"] {
        let folder = tempfile::tempdir().expect("folder");
        let source = write(folder.path(), &shop());
        drop(Catalog::first(folder.path(), &source, LoadOptions::default()).expect("loaded"));
        damage(folder.path(), "gen-1/index", Some(extension));
        let catalog = Catalog::open(folder.path(), LoadOptions::default()).expect("mended");
        assert_eq!(catalog.snapshot().generation(), Generation(1));
        assert_eq!(found(&catalog.snapshot(), &words("kx210")), ["D2"], "{extension}");
    }
}

#[test]
fn a_generation_beyond_repair_gives_way_to_the_former_one() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog =
        Catalog::first(folder.path(), &write(folder.path(), &shop()), LoadOptions::default()).expect("loaded");
    catalog.load(&write(folder.path(), &shop()[..3])).expect("loaded");
    drop(catalog);
    damage(folder.path(), "gen-2/feed", None);
    let catalog = Catalog::open(folder.path(), LoadOptions::default()).expect("opened");
    assert_eq!(catalog.snapshot().generation(), Generation(1));
}

#[test]
fn a_broken_feed_leaves_the_current_generation() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog =
        Catalog::first(folder.path(), &write(folder.path(), &shop()), LoadOptions::default()).expect("loaded");
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let text: String = shop().iter().map(|product| format!("{product}\n")).collect();
    std::io::Write::write_all(&mut zipped, text.repeat(50).as_bytes()).expect("zipped");
    let zipped = zipped.finish().expect("zipped");
    for broken in [&b""[..], b"not json\n", &zipped[..zipped.len() / 2], br#"{"id": "x"}"#] {
        let path = folder.path().join("broken");
        fs::write(&path, broken).expect("written");
        let source = Source { feed: path, reviews: None, synonyms: None };
        assert!(catalog.load(&source).is_err());
        assert_eq!(catalog.snapshot().generation(), Generation(1));
        let opened = Catalog::open_or_load(folder.path(), &source, LoadOptions::default()).expect("opened");
        assert_eq!(opened.snapshot().products().len(), 6);
    }
}

#[test]
fn queries_never_fail_while_catalogs_are_swapped() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog =
        Catalog::first(folder.path(), &write(folder.path(), &shop()), LoadOptions::default()).expect("loaded");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let mut searched = 0;
            while !done.load(std::sync::atomic::Ordering::Acquire) || searched < 10 {
                assert_eq!(found(&catalog.snapshot(), &words("kx210")), ["D2"]);
                searched += 1;
            }
        });
        for price in 1..=4 {
            let mut products = shop();
            products[0]["price"] = json!(price);
            catalog.load(&write(folder.path(), &products)).expect("loaded");
        }
        done.store(true, std::sync::atomic::Ordering::Release);
        searching.join().expect("searched");
    });
}

#[test]
fn every_bad_line_is_reported_with_its_number_and_field() {
    let long = format!("{{\"id\": \"l\", \"title\": \"{}\"}}", "x".repeat(10 << 20));
    let mut feed = Vec::new();
    for line in [
        r#"{"id": "a", "title": "good"}"#,
        "",
        r#"{"id": "a", "title": "again"}"#,
        r#"{"id": "b", "title": "x", "price": -1}"#,
        r#"{"id": "c", "title": ["x"]}"#,
        "[]",
        &long,
        r#"{"id": 12, "title": "a number is an id", "price": null, "model": "KX"}"#,
    ] {
        feed.extend_from_slice(line.as_bytes());
        feed.push(b'\n');
    }
    feed.extend_from_slice(b"{\"id\": \"u\", \"title\": \"\xff\"}");
    let report = read_feed(feed.as_slice(), &FeedOptions::default()).report;
    let problems: Vec<(u64, Option<&str>)> =
        report.problems.iter().map(|problem| (problem.line, problem.field.as_deref())).collect();
    let expected = [(3, Some("id")), (4, Some("price")), (5, Some("title")), (6, None), (7, None), (9, None)];
    assert_eq!(problems, expected);
    assert_eq!((report.products, report.bad, report.lines), (2, 6, 8));
    assert_eq!(report.unknown_fields.get("model"), Some(&1));
}

#[test]
fn reviews_without_text_or_product_are_reported() {
    let lines = "{\"id\": 1, \"product_id\": \"D1\", \"rating\": 5, \"text\": \"暖和\"}\n{\"product_id\": \"D1\"}\n{\"text\": \"x\"}\nno\n";
    let reviews = read_reviews(lines.as_bytes());
    assert_eq!((reviews.count, reviews.problems.len()), (1, 3));
    assert_eq!(reviews.problems[0].field.as_deref(), Some("text"));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("(zh|en|sku|x|colour)", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_reading_a_feed_fail(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let feed = read_feed(bytes.as_slice(), &FeedOptions::default());
        prop_assert_eq!(feed.report.products + feed.report.bad, feed.report.lines);
        prop_assert_eq!(feed.records.len() as u64, feed.report.products);
    }

    #[test]
    fn every_line_of_json_is_a_product_or_a_problem(
        fields in prop::collection::hash_map(
            "(id|title|price|stock|attributes|variants|rating|category|brand|added|currency|lang|sales|url|other)", any_value(), 0..10),
    ) {
        let line = Value::Object(fields.into_iter().collect()).to_string();
        let feed = read_feed(line.as_bytes(), &FeedOptions::default());
        prop_assert_eq!(feed.report.products + feed.report.bad, 1);
        for record in &feed.records {
            prop_assert!(!record.product.title.is_empty());
            prop_assert!(record.product.price.is_none_or(|price| price.minor >= 0));
        }
    }

    #[test]
    fn a_cut_or_flipped_gzip_feed_is_never_taken_for_whole(cut in 20usize..300, flip in any::<u8>()) {
        let text: String = shop().iter().map(|product| format!("{product}\n")).collect();
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut zipped, text.as_bytes()).expect("zipped");
        let mut bytes = zipped.finish().expect("zipped");
        bytes.truncate(cut);
        if let Some(last) = bytes.last_mut() {
            *last ^= flip;
        }
        let report = read_feed(bytes.as_slice(), &FeedOptions::default()).report;
        prop_assert!(report.truncated.is_some(), "{report:?}");
    }

    #[test]
    fn no_text_makes_a_search_fail(text in "\\PC{0,60}", colour in ".{0,8}", word in ".{0,8}") {
        let query = SearchQuery {
            text,
            filters: Filters { exclude: vec![word], price_max: Some(1000.0), ..attribute("colour", &colour) },
            limit: 5,
            ..SearchQuery::default()
        };
        SHOP.with(|shop| {
            let result = shop.search(&query).expect("searched");
            prop_assert!(result.hits.len() <= result.total && result.hits.iter().all(|hit| hit.score.is_finite()));
            shop.relaxations(&query).expect("relaxed");
            Ok(())
        })?;
    }
}

thread_local! {
    static SHOP: CatalogSnapshot = snapshot();
}

#[test]
fn of_what_meets_a_request_alike_the_better_rated_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let goods = [
        json!({"id": "x", "title": "blue cotton towel", "rating": 5.0, "review_count": 400}),
        json!({"id": "y", "title": "steel kettle"}),
        json!({"id": "z", "title": "red towel"}),
        json!({"id": "a", "title": "blue ceramic mug", "rating": 2.5, "review_count": 40}),
        json!({"id": "b", "title": "blue ceramic mug", "rating": 4.8, "review_count": 40}),
        json!({"id": "c", "title": "blue ceramic mug"}),
        json!({"id": "d", "title": "ceramic mug", "rating": 5.0, "review_count": 400}),
    ];
    let source = write(folder.path(), &goods);
    let (snapshot, _) = CatalogSnapshot::in_memory(&source, &FeedOptions::default()).expect("indexed");
    assert_eq!(
        found(&snapshot, &words("blue ceramic mug")),
        ["b", "c", "a", "d"],
        "never before what meets the request better"
    );
}
