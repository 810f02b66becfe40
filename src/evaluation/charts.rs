//! Charts of an evaluation as SVG: how reliable the confidence is, and F1 by intent.

use std::path::Path;

use plotters::prelude::*;

use super::understanding::{Case, calibration_error, intent_f1, reliability};

/// Why a chart was not drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw {path}: {cause}")]
pub struct ChartError {
    path: String,
    cause: String,
}

/// Draws the share of right intents against the confidence, with the diagonal that a calibrated one lies on; each dot with its
/// number of messages.
///
/// # Errors
/// The file cannot be written.
pub fn draw_reliability(cases: &[&Case<'_>], path: &Path) -> Result<(), ChartError> {
    let bins: Vec<(usize, f64, f64)> = reliability(cases).into_iter().filter(|(count, ..)| *count > 0).collect();
    let error = 100.0 * calibration_error(cases);
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::new(path, (560, 520)).into_drawing_area();
        area.fill(&WHITE)?;
        let title = format!("Confidence against right intents: {} messages, ECE {error:.1} %", cases.len());
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 17))
            .margin(20)
            .x_label_area_size(40)
            .y_label_area_size(48)
            .build_cartesian_2d(0.0..1.04, 0.0..1.04)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .x_labels(11)
            .y_labels(11)
            .x_desc("confidence")
            .y_desc("share of right intents")
            .draw()?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.5)))?;
        chart
            .draw_series(LineSeries::new(bins.iter().map(|(_, sure, right)| (*sure, *right)), BLUE.stroke_width(2)))?;
        let dots =
            bins.iter().map(|(count, sure, right)| Circle::new((*sure, *right), dot(*count), BLUE.mix(0.5).filled()));
        chart.draw_series(dots)?;
        // The number stands below the dot, so that the line above it stays free.
        let style = ("sans-serif", 13).into_font().color(&BLACK);
        let numbers = bins.iter().map(|(count, sure, right)| {
            let below = 0.03 + f64::from(dot(*count)) / 420.0;
            Text::new(count.to_string(), (sure - 0.012, right - below), style.clone())
        });
        chart.draw_series(numbers)?;
        area.present()?;
        Ok(())
    };
    draw().map_err(|cause| ChartError { path: path.display().to_string(), cause: cause.to_string() })
}

/// Draws one bar an intent, with its F1 in percent and how many messages are labelled so.
///
/// # Errors
/// The file cannot be written.
pub fn draw_intents(cases: &[&Case<'_>], path: &Path) -> Result<(), ChartError> {
    let labelled = |kind| cases.iter().filter(|case| case.labelled.intent == kind).count();
    let mut scores: Vec<(&str, f64, usize)> =
        intent_f1(cases).into_iter().map(|(kind, f1)| (kind.name(), f1, labelled(kind))).collect();
    // Rows count from below: the first intent stands on top.
    scores.reverse();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let height = 90 + 22 * scores.len() as u32;
        let area = SVGBackend::new(path, (680, height)).into_drawing_area();
        area.fill(&WHITE)?;
        let rows = scores.len() as f64;
        let mut chart = ChartBuilder::on(&area)
            .caption("F1 by intent, in percent (messages)", ("sans-serif", 17))
            .margin(16)
            .x_label_area_size(30)
            .y_label_area_size(110)
            .build_cartesian_2d(0.0..1.15, -0.6..rows - 0.4)?;
        // A tick stands at each whole number, which is the middle of a bar.
        let name = |at: &f64| {
            let row = at.round();
            let is_row = (at - row).abs() < 1e-6 && row >= 0.0;
            scores.get(row as usize).filter(|_| is_row).map_or(String::new(), |(name, ..)| (*name).to_owned())
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .y_labels(2 * scores.len())
            .y_label_formatter(&name)
            .draw()?;
        let bars = scores.iter().enumerate().map(|(row, (_, f1, _))| {
            let middle = row as f64;
            Rectangle::new([(0.0, middle - 0.36), (*f1, middle + 0.36)], BLUE.mix(0.6).filled())
        });
        chart.draw_series(bars)?;
        let style = ("sans-serif", 13).into_font().color(&BLACK);
        let values = scores.iter().enumerate().map(|(row, (_, f1, count))| {
            Text::new(format!("{:.0} ({count})", f1 * 100.0), (f1 + 0.01, row as f64 + 0.28), style.clone())
        });
        chart.draw_series(values)?;
        area.present()?;
        Ok(())
    };
    draw().map_err(|cause| ChartError { path: path.display().to_string(), cause: cause.to_string() })
}

/// The radius of a dot for so many messages, in pixels.
fn dot(count: usize) -> i32 {
    3 + (count as f64).sqrt().min(12.0) as i32
}
