//! Puts two lists of named things side by side.

/// One name, on one side or on both.
pub(super) enum Pair<'a, T> {
    Declared(&'a T),
    Live(&'a T),
    Both(&'a T, &'a T),
}

/// Every name once: first in declared order, then what is only live, in live order.
pub(super) fn pair<'a, T>(
    declared: &'a [T],
    live: &'a [T],
    name: impl Fn(&T) -> String + Copy + 'a,
) -> impl Iterator<Item = Pair<'a, T>> {
    let named = move |list: &'a [T], wanted: &'a T| list.iter().find(|item| name(item) == name(wanted));
    let first = declared.iter().map(move |item| match named(live, item) {
        Some(live) => Pair::Both(item, live),
        None => Pair::Declared(item),
    });
    let rest = live.iter().filter(move |item| named(declared, item).is_none()).map(Pair::Live);
    first.chain(rest)
}
