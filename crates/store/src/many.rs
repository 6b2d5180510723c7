//! Questions about many things at once: `… IN ($1, $2, …)`.

use std::fmt::Write;

use crate::Val;

/// Writes `$1, $2, …` for a list of values. Few lengths are used, and the last value repeated, so that there
/// are few texts to keep prepared.
pub(crate) fn any_of(
    text: &mut String,
    values: impl ExactSizeIterator<Item = Val<'static>>,
) -> Vec<Val<'static>> {
    let length = [1, 10, 50, 101, 404]
        .into_iter()
        .find(|length| *length >= values.len())
        .unwrap_or(values.len());
    let mut values: Vec<Val<'static>> = values.collect();
    if let Some(last) = values.last().cloned() {
        values.resize(length, last);
    }
    for n in 1..=values.len() {
        let comma = if n == 1 { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(text, "{comma}${n}");
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_many_lengths_are_few_texts() {
        let mut texts = std::collections::HashSet::new();
        for length in 1..=404_i64 {
            let mut text = String::new();
            let values: Vec<Val<'static>> = (0..length).map(Val::from).collect();
            let params = any_of(&mut text, values.into_iter());
            assert_eq!(text.matches('$').count(), params.len());
            assert!(params.contains(&Val::Int(length - 1)));
            texts.insert(text);
        }
        assert_eq!(texts.len(), 5);
    }
}
