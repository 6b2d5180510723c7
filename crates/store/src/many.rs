//! Questions about many things at once: `… IN ($1, $2, …)`.

use std::fmt::Write;

use crate::Val;

/// Writes `$1, $2, …` for a list of values, behind the parameters there are. Few lengths are used, and the last value
/// repeated, so that there are few texts to keep prepared.
pub(crate) fn any_of(
    text: &mut String,
    params: &mut Vec<Val<'static>>,
    values: impl ExactSizeIterator<Item = Val<'static>>,
) {
    let length = [1, 10, 50, 101, 404]
        .into_iter()
        .find(|length| *length >= values.len())
        .unwrap_or(values.len());
    let mut values: Vec<Val<'static>> = values.collect();
    if let Some(last) = values.last().cloned() {
        values.resize(length, last);
    }
    for (at, value) in values.into_iter().enumerate() {
        params.push(value);
        let comma = if at == 0 { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(text, "{comma}${}", params.len());
    }
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
            let mut params = vec![Val::Null];
            any_of(&mut text, &mut params, values.into_iter());
            assert!(text.starts_with("$2"));
            assert_eq!(text.matches('$').count(), params.len() - 1);
            assert!(params.contains(&Val::Int(length - 1)));
            texts.insert(text);
        }
        assert_eq!(texts.len(), 5);
    }
}
