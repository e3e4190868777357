//! Functions that several services share.
use std::ops::RangeInclusive;

/// Looks each name up. Returns the items that exist and the names that do not.
pub(super) fn find_all<'n, T>(names: &[&'n str], find: impl Fn(&str) -> Option<T>) -> (Vec<T>, Vec<&'n str>) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for &name in names {
        match find(name) {
            Some(thing) => found.push(thing),
            None => missing.push(name),
        }
    }
    (found, missing)
}

/// A page's size: `default` when none was asked for, refused outside `allowed`.
pub(super) fn page_size(
    asked: Option<i64>,
    default: usize,
    allowed: RangeInclusive<usize>,
) -> Result<usize, ()> {
    match asked {
        None => Ok(default),
        Some(asked) => usize::try_from(asked).ok().filter(|size| allowed.contains(size)).ok_or(()),
    }
}
