//! What was measured, against what, and whether it meets its target: as a Markdown table.

use std::fmt::Write as _;
use std::path::Path;

use crate::error::{BenchError, Doing};

/// What the judged figure has to be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Anything: the figure is shown and not judged.
    None,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was measured, with its unit.
    pub measure: String,
    /// Our figure.
    pub ours: String,
    /// The figure of what we are compared with; a dash when there is nothing.
    pub other: String,
    /// Ours over the other's; absent when there is no other.
    pub ratio: Option<f64>,
    /// The figure the target speaks of.
    pub judged: f64,
    /// What it has to be.
    pub target: Target,
}

impl Row {
    /// A comparison: the ratio of ours to the other's is judged.
    pub fn compared(measure: impl Into<String>, ours: f64, other: f64, target: Target) -> Self {
        let ratio = if other == 0.0 { f64::NAN } else { ours / other };
        Self {
            measure: measure.into(),
            ours: figure(ours),
            other: figure(other),
            ratio: Some(ratio),
            judged: ratio,
            target,
        }
    }

    /// A ratio that was made of several comparisons.
    pub fn ratio(measure: impl Into<String>, ratio: f64, target: Target) -> Self {
        Self {
            measure: measure.into(),
            ours: "–".to_owned(),
            other: "–".to_owned(),
            ratio: Some(ratio),
            judged: ratio,
            target,
        }
    }

    /// A figure that is judged by itself.
    pub fn alone(measure: impl Into<String>, ours: f64, target: Target) -> Self {
        Self {
            measure: measure.into(),
            ours: figure(ours),
            other: "–".to_owned(),
            ratio: None,
            judged: ours,
            target,
        }
    }

    /// A figure that is judged by itself and shown beside another.
    pub fn beside(measure: impl Into<String>, ours: f64, other: f64, target: Target) -> Self {
        Self {
            other: figure(other),
            ..Self::alone(measure, ours, target)
        }
    }

    /// Whether the target is met; a figure that is not a number never meets it.
    pub fn met(&self) -> bool {
        match self.target {
            Target::AtLeast(least) => self.judged >= least,
            Target::AtMost(most) => self.judged <= most,
            Target::None => true,
        }
    }
}

/// A number with three to four digits that mean something.
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => {
            let digits = format!("{value:.0}");
            let mut out = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0
                    && (digits.len() - index).is_multiple_of(3)
                    && digits.as_bytes()[index - 1] != b'-'
                {
                    out.push(',');
                }
                out.push(digit);
            }
            out
        }
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The middle of the values; not a number when there are none.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// The mean that fits ratios: twice as fast and half as fast make no difference. Not a number when
/// there are none.
pub fn geometric_mean(ratios: &[f64]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}

/// The value below which `percent` of all lie (nearest rank; for an even count the median is the mean
/// of the two in the middle). Not a number when there are none.
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return f64::NAN;
    }
    let middle = sorted.len() / 2;
    if (percent - 50.0).abs() < f64::EPSILON && sorted.len().is_multiple_of(2) {
        return f64::midpoint(sorted[middle - 1], sorted[middle]);
    }
    let rank = (percent / 100.0 * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
}

/// A measure's part of the results: a heading, a sentence on how it was taken, its rows.
#[derive(Debug, Clone)]
pub struct Section {
    /// The measure's name; a second run of the same replaces the first.
    pub name: String,
    /// How it was taken.
    pub how: String,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Section {
    /// The section as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.name, self.how);
        text.push_str("| measure | ours | other | ratio | target | verdict |\n|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let ratio = row
                .ratio
                .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}×"));
            let unit = if row.ratio.is_some() { "×" } else { "" };
            let target = match row.target {
                Target::AtLeast(least) => format!("≥ {least}{unit}"),
                Target::AtMost(most) => format!("≤ {most}{unit}"),
                Target::None => "–".to_owned(),
            };
            let verdict = match row.target {
                Target::None => "–",
                _ if row.met() => "met",
                _ => "**missed**",
            };
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {ratio} | {target} | {verdict} |",
                row.measure, row.ours, row.other
            );
        }
        text
    }
}

/// Writes the sections into the results file; sections of other measures stay as they are.
pub fn save(path: &Path, machine: &str, sections: &[Section]) -> Result<(), BenchError> {
    let old = std::fs::read_to_string(path).unwrap_or_default();
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in old.split("\n## ").skip(1) {
        let name = part.lines().next().unwrap_or_default().to_owned();
        parts.push((name, format!("## {}\n", part.trim_end())));
    }
    for section in sections {
        let text = section.markdown();
        match parts.iter_mut().find(|(name, _)| *name == section.name) {
            Some(part) => part.1 = text,
            None => parts.push((section.name.clone(), text)),
        }
    }
    let mut text = format!("# Measured\n\n{machine}\n");
    for (_, part) in parts {
        text.push('\n');
        text.push_str(&part);
    }
    std::fs::write(path, text).doing("write the results")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_of_a_measure_replaces_its_section_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.md");
        let section = |name: &str, ours| Section {
            name: name.to_owned(),
            how: "Two rounds.".to_owned(),
            rows: vec![Row::compared("speed", ours, 100.0, Target::AtLeast(1.0))],
        };
        save(&path, "machine", &[section("a", 120.0), section("b", 90.0)]).unwrap();
        save(&path, "machine", &[section("a", 150.0)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("| speed | 150 | 100 | 1.50× | ≥ 1× | met |"),
            "{text}"
        );
        assert!(
            text.contains("| speed | 90.0 | 100 | 0.90× | ≥ 1× | **missed** |"),
            "{text}"
        );
        assert!(
            !text.contains("120") && text.matches("## ").count() == 2,
            "{text}"
        );
    }

    #[test]
    fn figures_have_separators_and_few_digits_and_medians_are_in_the_middle() {
        assert_eq!(
            (figure(1_234_567.8).as_str(), figure(12.345).as_str()),
            ("1,234,568", "12.3")
        );
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!((percentile(&[1.0, 2.0, 3.0, 4.0], 95.0) - 4.0).abs() < 1e-9);
        assert!(median(&[]).is_nan());
        assert!((geometric_mean(&[0.5, 2.0]) - 1.0).abs() < 1e-9 && geometric_mean(&[]).is_nan());
    }
}
