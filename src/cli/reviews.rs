//! `daogou reviews`: what buyers say of a product, a category or the whole shop.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};

use super::Common;
use super::catalog::open_or_sample;
use crate::assemble;
use crate::backoffice::reviews::{ReviewReport, Tally, analyse};
use crate::catalog::{CatalogSnapshot, read_reviews};
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::review::Review;
use crate::domain::sentiment::ReviewSentiment;
use crate::domain::wording::opinion as wording;

/// Analyses what buyers say of a product, a category or the whole shop.
///
/// How many praise and complain, of what, in whose words, by month, and which reviews are suspicious.
/// Stars are trusted where there are any; reviews without stars, and those of three, are judged by their words, Chinese ones by the
/// sentence encoder too.
/// Aspects (size, material, quality, price, delivery, …) are found by words in Chinese and English; each count is of reviews, each
/// quotation a clause as it stands in the review that is named. `--json` prints one object: `{"scope", "reviews", "praise", "complaint",
/// "stars", "aspects": [{"aspect", "praise", "complaint", "quotes": [{"review", "sku", "text", "praise"}]}], "months": [{"month", …}],
/// "trend": {"earlier", "later"} | null, "suspicious": [{"kind", "reviews", "text"}]}`, and with `--by` one such object a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of this product only.
    #[arg(long, value_name = "SKU", conflicts_with = "category")]
    sku: Option<String>,
    /// Of this category only, by its name in either language.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// One report for each product or category instead of one for all, the most complained of first.
    #[arg(long, value_enum, conflicts_with = "sku")]
    by: Option<Group>,
    /// Read the reviews from this file (JSON lines, plain or .gz) instead of the loaded catalog.
    #[arg(long, value_name = "FILE")]
    reviews: Option<PathBuf>,
    /// Quotations for each side of each aspect.
    #[arg(long, default_value_t = 2, value_name = "N")]
    quotes: usize,
    /// With `--by`: at most so many.
    #[arg(long, default_value_t = 20, value_name = "K")]
    limit: usize,
    /// The language of titles and names.
    #[arg(long, default_value = "en", value_parser = parse_language, value_name = "zh|en")]
    lang: Language,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is reported one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Each product.
    Product,
    /// Each category.
    Category,
}

/// Reads the reviews, analyses and prints.
///
/// # Errors
/// There is no such product or category, or the catalog or the file cannot be read.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let snapshot = open_or_sample(None, common)?;
    let encoder = assemble::load_encoder(&common.load_config()?);
    let sentiment = ReviewSentiment::bundled()?.with_encoder(encoder);
    let all = all_reviews(&args, &snapshot)?;
    let category = |sku: &Sku| snapshot.product(sku).map(|product| product.category.get(args.lang).to_owned());
    let wanted: Vec<&Review> = all.iter().filter(|review| is_wanted(&args, &snapshot, review)).collect();
    if wanted.is_empty() {
        check_scope(&args, &snapshot)?;
        eprintln!("daogou: {}", wording::none(args.lang));
    }
    let Some(by) = args.by else {
        let report = analyse(&wanted, &sentiment, args.quotes);
        print_report(&mut output, &args, &scope_name(&args, &snapshot), &report)?;
        output.flush()?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut groups: BTreeMap<(String, String), Vec<&Review>> = BTreeMap::new();
    for review in wanted {
        let sku = &review.product_id;
        let key = match by {
            Group::Product => {
                let title = snapshot.product(sku).map(|product| product.title.get(args.lang).to_owned());
                (sku.to_string(), title.unwrap_or_default())
            }
            Group::Category => (String::new(), category(sku).unwrap_or_default()),
        };
        groups.entry(key).or_default().push(review);
    }
    let mut reports: Vec<(String, ReviewReport)> = groups
        .into_iter()
        .map(|((sku, name), reviews)| {
            (format!("{sku} {name}").trim().to_owned(), analyse(&reviews, &sentiment, args.quotes))
        })
        .collect();
    reports.sort_by_key(|(_, report)| std::cmp::Reverse(report.tally.complaint));
    reports.truncate(args.limit);
    if args.json {
        reports.iter().try_for_each(|(name, report)| print_json(&mut output, name, report))?;
        output.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(output, "{}", overview(&reports, args.lang))?;
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn all_reviews(args: &Args, snapshot: &CatalogSnapshot) -> anyhow::Result<Vec<Review>> {
    let Some(path) = &args.reviews else {
        let each = snapshot.products().iter().flat_map(|product| snapshot.reviews(&product.sku).iter().cloned());
        return Ok(each.collect());
    };
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let read = read_reviews(file);
    for problem in &read.problems {
        eprintln!("{}: {problem}", path.display());
    }
    let mut products: Vec<(Sku, Vec<Review>)> = read.by_product.into_iter().collect();
    products.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(products.into_iter().flat_map(|(_, reviews)| reviews).collect())
}

fn is_wanted(args: &Args, snapshot: &CatalogSnapshot, review: &Review) -> bool {
    let of_sku = args.sku.as_deref().is_none_or(|sku| sku == review.product_id.as_str());
    let of_category = args.category.as_deref().is_none_or(|name| is_of(snapshot, &review.product_id, name));
    of_sku && of_category
}

fn is_of(snapshot: &CatalogSnapshot, sku: &Sku, category: &str) -> bool {
    let same = |name: &str| name.to_lowercase() == category.trim().to_lowercase();
    snapshot.product(sku).is_some_and(|product| product.category.iter().any(same))
}

/// Tells a product or category without reviews from one that there is not.
fn check_scope(args: &Args, snapshot: &CatalogSnapshot) -> anyhow::Result<()> {
    if let Some(sku) = &args.sku
        && args.reviews.is_none()
        && snapshot.product(&Sku::from(sku.as_str())).is_none()
    {
        bail!("there is no product `{sku}`");
    }
    if let Some(name) = &args.category
        && !snapshot.products().iter().any(|product| is_of(snapshot, &product.sku, name))
    {
        bail!("there is no category `{name}`");
    }
    Ok(())
}

fn scope_name(args: &Args, snapshot: &CatalogSnapshot) -> String {
    match (&args.sku, &args.category) {
        (Some(sku), _) => {
            let product = snapshot.product(&Sku::from(sku.as_str()));
            format!("{sku} {}", product.map_or("", |product| product.title.get(args.lang))).trim_end().to_owned()
        }
        (None, Some(category)) => category.clone(),
        (None, None) => wording::whole_shop(args.lang).to_owned(),
    }
}

fn print_json(output: &mut impl Write, name: &str, report: &ReviewReport) -> anyhow::Result<()> {
    let mut object = json!({ "scope": name });
    if let (Value::Object(object), Value::Object(report)) = (&mut object, serde_json::to_value(report)?) {
        object.extend(report);
    }
    writeln!(output, "{object}")?;
    Ok(())
}

fn print_report(output: &mut impl Write, args: &Args, name: &str, report: &ReviewReport) -> anyhow::Result<()> {
    if args.json {
        return print_json(output, name, report);
    }
    let (language, tally) = (args.lang, &report.tally);
    writeln!(
        output,
        "{name}\n{}",
        wording::counts(language, tally.reviews, tally.praise, tally.complaint, tally.stars)
    )?;
    if let Some(trend) = report.trend {
        writeln!(output, "{}", wording::trend(language, trend.earlier, trend.later))?;
    }
    let mut table = table(&wording::aspect_headings(language));
    for finding in &report.aspects {
        let quote = |quote: &crate::backoffice::reviews::Quote| {
            format!("{} “{}” ({})", if quote.praise { "+" } else { "−" }, quote.text, quote.review)
        };
        table.add_row([
            wording::aspect(language, finding.aspect).to_owned(),
            finding.praise.to_string(),
            finding.complaint.to_string(),
            finding.quotes.iter().map(quote).collect::<Vec<_>>().join("\n"),
        ]);
    }
    if !report.aspects.is_empty() {
        writeln!(output, "{table}")?;
    }
    if report.months.len() > 1 {
        writeln!(output, "{}", months(report, language))?;
    }
    if !report.suspicious.is_empty() {
        writeln!(output, "{}", wording::suspicious(language, report.suspicious.len()))?;
        for suspicion in &report.suspicious {
            let text: String = suspicion.text.chars().take(60).collect();
            let why = wording::suspicion(language, suspicion.kind.name());
            writeln!(output, "  {why}: {} “{text}”", suspicion.reviews.join(", "))?;
        }
    }
    Ok(())
}

fn overview(reports: &[(String, ReviewReport)], language: Language) -> Table {
    let mut table = table(&wording::overview_headings(language));
    for (name, report) in reports {
        let most = |count: fn(&crate::backoffice::reviews::AspectFinding) -> usize| {
            let top = report.aspects.iter().filter(|finding| count(finding) > 0).max_by_key(|finding| count(finding));
            top.map(|finding| format!("{} {}", wording::aspect(language, finding.aspect), count(finding)))
        };
        let mut row = vec![name.clone()];
        row.extend(cells(&report.tally));
        row.push(most(|finding| finding.praise).unwrap_or_default());
        row.push(most(|finding| finding.complaint).unwrap_or_default());
        table.add_row(row);
    }
    table
}

fn months(report: &ReviewReport, language: Language) -> Table {
    let mut table = table(&wording::month_headings(language));
    for month in &report.months {
        table.add_row(std::iter::once(month.month.clone()).chain(cells(&month.tally)));
    }
    table
}

/// Reviews, stars, praise and complaints of a tally.
fn cells(tally: &Tally) -> [String; 4] {
    let stars = tally.stars.map_or_else(|| "–".into(), |stars| format!("{stars:.1}"));
    let share = |share: f64| format!("{share:.0} %");
    [tally.reviews.to_string(), stars, share(tally.praise_share()), share(tally.complaint_share())]
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_header(headings);
    table
}

/// `zh` or `en`.
pub fn parse_language(text: &str) -> Result<Language, String> {
    match text {
        "zh" => Ok(Language::Zh),
        "en" => Ok(Language::En),
        _ => Err("zh or en is wanted".into()),
    }
}
