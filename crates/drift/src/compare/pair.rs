//! Puts two lists of named things side by side.

/// One name, on one side or on both.
pub(super) enum Pair<'a, T> {
    Declared(&'a T),
    Live(&'a T),
    Both(&'a T, &'a T),
}

/// A full outer join by `is_same`, which must be symmetric: first in declared order, then what is only live, in live order.
/// Both lists are mostly in the same order, so the item at the same index is tried before the others.
pub(super) fn pair<'a, T>(
    declared: &'a [T],
    live: &'a [T],
    is_same: impl Fn(&T, &T) -> bool + Copy + 'a,
) -> impl Iterator<Item = Pair<'a, T>> {
    let named = move |list: &'a [T], index: usize, wanted: &'a T| {
        let here = list.get(index).filter(|item| is_same(item, wanted));
        here.or_else(|| list.iter().find(|item| is_same(item, wanted)))
    };
    let first = declared.iter().enumerate().map(move |(index, item)| match named(live, index, item) {
        Some(live) => Pair::Both(item, live),
        None => Pair::Declared(item),
    });
    let rest = live.iter().enumerate().filter(move |(index, item)| named(declared, *index, item).is_none());
    first.chain(rest.map(|(_, item)| Pair::Live(item)))
}
