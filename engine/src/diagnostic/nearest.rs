//! The name that somebody may have meant.

/// The known name nearest to `unknown`, if one is near enough to be worth saying.
///
/// Near enough is a third of the letters: `inptus` finds `inputs`, `foo` finds nothing.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = unknown.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= unknown.len().max(name.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How a help line begins that has the nearest name.
pub(super) const MEANT: &str = "did you mean ";

/// A help line: the nearest name, else all names that there are.
pub fn suggestion<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// More names than this are not read by anybody.
    const MAX_NAMES: usize = 16;
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(unknown, known.iter().copied()) {
        return Some(format!("{MEANT}`{name}`?"));
    }
    let names: Vec<String> = known.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    let more = if known.len() > MAX_NAMES { ", …" } else { "" };
    (!names.is_empty()).then(|| format!("known here: {}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        assert_eq!(nearest("inptus", ["to", "inputs"]), Some("inputs"));
        assert_eq!(nearest("Inputs", ["to", "inputs"]), Some("inputs"));
        assert_eq!(nearest("foo", ["inputs", "onConflict"]), None);
        assert_eq!(suggestion("foo", ["inputs"]).unwrap(), "known here: `inputs`");
        assert_eq!(suggestion("foo", []), None);
    }
}
