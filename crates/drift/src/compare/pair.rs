//! Puts two lists of named things side by side.

/// One name, on one side or on both.
pub(super) enum Pair<'a, T> {
    Declared(&'a T),
    Live(&'a T),
    Both(&'a T, &'a T),
}

/// Every name once: first in declared order, then what is only live, in live order. Both lists mostly are in one order,
/// so the place of the one is where the other is looked for first.
pub(super) fn pair<'a, T>(
    declared: &'a [T],
    live: &'a [T],
    is_same: impl Fn(&T, &T) -> bool + Copy + 'a,
) -> impl Iterator<Item = Pair<'a, T>> {
    let named = move |list: &'a [T], place: usize, wanted: &'a T| {
        let here = list.get(place).filter(|item| is_same(item, wanted));
        here.or_else(|| list.iter().find(|item| is_same(item, wanted)))
    };
    let first = declared.iter().enumerate().map(move |(place, item)| match named(live, place, item) {
        Some(live) => Pair::Both(item, live),
        None => Pair::Declared(item),
    });
    let rest = live.iter().enumerate().filter(move |(place, item)| named(declared, *place, item).is_none());
    first.chain(rest.map(|(_, item)| Pair::Live(item)))
}
