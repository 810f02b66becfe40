//! Charts of an evaluation as SVG: how reliable the confidence is, and F1 by intent.

use std::path::Path;

use plotters::prelude::*;

use super::understanding::{Case, intent_f1, reliability};

/// Why a chart was not drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw {path}: {cause}")]
pub struct ChartError {
    path: String,
    cause: String,
}

/// Draws the share of right intents against the confidence, with the diagonal that a calibrated one lies on.
///
/// # Errors
/// The file cannot be written.
pub fn draw_reliability(cases: &[&Case<'_>], path: &Path) -> Result<(), ChartError> {
    let bins: Vec<(usize, f64, f64)> = reliability(cases).into_iter().filter(|(count, ..)| *count > 0).collect();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::new(path, (560, 480)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption("Confidence and share of right intents", ("sans-serif", 18))
            .margin(16)
            .x_label_area_size(40)
            .y_label_area_size(48)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        chart.configure_mesh().x_desc("confidence").y_desc("right").draw()?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.4)))?;
        chart
            .draw_series(LineSeries::new(bins.iter().map(|(_, sure, right)| (*sure, *right)), BLUE.stroke_width(2)))?;
        let dots = bins.iter().map(|(count, sure, right)| {
            Circle::new((*sure, *right), 3 + (*count as f64).sqrt().min(14.0) as i32, BLUE.mix(0.5).filled())
        });
        chart.draw_series(dots)?;
        area.present()?;
        Ok(())
    };
    draw().map_err(|cause| ChartError { path: path.display().to_string(), cause: cause.to_string() })
}

/// Draws one bar an intent.
///
/// # Errors
/// The file cannot be written.
pub fn draw_intents(cases: &[&Case<'_>], path: &Path) -> Result<(), ChartError> {
    let scores: Vec<(&str, f64)> = intent_f1(cases).into_iter().map(|(kind, f1)| (kind.name(), f1)).collect();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let height = 90 + 22 * scores.len() as u32;
        let area = SVGBackend::new(path, (640, height)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption("F1 by intent", ("sans-serif", 18))
            .margin(16)
            .x_label_area_size(30)
            .y_label_area_size(110)
            .build_cartesian_2d(0.0..1.0, 0.0..scores.len() as f64)?;
        let name = |at: &f64| scores.get(at.floor() as usize).map_or(String::new(), |(name, _)| (*name).to_owned());
        chart.configure_mesh().disable_y_mesh().y_labels(scores.len() + 1).y_label_formatter(&name).draw()?;
        let bars = scores.iter().enumerate().map(|(row, (_, f1))| {
            Rectangle::new([(0.0, row as f64 + 0.15), (*f1, row as f64 + 0.85)], BLUE.mix(0.6).filled())
        });
        chart.draw_series(bars)?;
        area.present()?;
        Ok(())
    };
    draw().map_err(|cause| ChartError { path: path.display().to_string(), cause: cause.to_string() })
}
