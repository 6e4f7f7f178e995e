//! Finds the sentences in source files, for messages that are not the text of a type.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};

/// Macros and methods whose texts nobody reads who is not a developer.
const FOR_DEVELOPERS: [&str; 10] = [
    "expect",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "unreachable",
    "include_str",
    "todo",
    "matches",
];

/// The sentences in the sources below `folder`, from the root of the workspace, without those in tests. `{...}` is a value.
///
/// # Panics
/// If a file cannot be read.
pub fn prose(folder: &str) -> String {
    let mut text = String::new();
    let root = super::workspace();
    for file in sources(&root.join(folder)) {
        let source = fs::read_to_string(&file).expect("a source can be read");
        let tokens: TokenStream = source.parse().expect("a source that compiles");
        let mut sentences = Vec::new();
        collect(tokens, &mut sentences);
        if !sentences.is_empty() {
            let name = file.strip_prefix(&root).unwrap_or(&file).display();
            let _ = writeln!(text, "{name}\n    {}", sentences.join("\n    "));
        }
    }
    text
}

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).expect("a folder of sources");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
    let is_test = |path: &PathBuf| path.file_stem().is_some_and(|name| name == "tests" || name == "message_tests");
    let paths = paths.into_iter().filter(|path| !is_test(path) && (path.is_dir() || is_source(path)));
    paths.flat_map(|path| sources(&path)).collect()
}

fn collect(tokens: TokenStream, sentences: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut is_for_developers = false;
    let mut is_test = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // `#![...]`, such as the documentation of the file.
                tokens.next_if(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
                if let Some(TokenTree::Group(attribute)) = tokens.next_if(|next| is_group(next, Delimiter::Bracket)) {
                    let text = attribute.stream().to_string().replace(' ', "");
                    is_test |= text.starts_with("cfg(test");
                    if text.starts_with("error") {
                        collect(attribute.stream(), sentences);
                    }
                }
            }
            TokenTree::Ident(name) => is_for_developers = FOR_DEVELOPERS.contains(&name.to_string().as_str()),
            TokenTree::Punct(punct) => {
                is_test &= punct.as_char() != ';';
                is_for_developers &= punct.as_char() == '!';
            }
            TokenTree::Group(group) => {
                let is_skipped = is_for_developers || (is_test && group.delimiter() == Delimiter::Brace);
                if !is_skipped {
                    collect(group.stream(), sentences);
                }
                is_test &= group.delimiter() != Delimiter::Brace;
                is_for_developers = false;
            }
            TokenTree::Literal(literal) => sentences.extend(text(&literal).filter(|text| is_prose(text))),
        }
    }
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// The text of a string literal.
fn text(literal: &Literal) -> Option<String> {
    let source = literal.to_string();
    if let Some(raw) = source.strip_prefix('r') {
        return raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
    }
    let mut escaped = source.strip_prefix('"')?.strip_suffix('"')?.chars().peekable();
    let mut text = String::new();
    while let Some(character) = escaped.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match escaped.next() {
            // The line goes on.
            Some('\n') => while escaped.next_if(|next| next.is_whitespace()).is_some() {},
            Some('n') => text.push_str("\\n"),
            other => text.extend(other),
        }
    }
    Some(text)
}

/// Whether somebody reads it: at least two words in lower case, or one beside a value.
fn is_prose(text: &str) -> bool {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || ",:;.'-".contains(c));
    let is_statement = ["SELECT ", "SET ", "PRAGMA ", "LOCK ", "KILL "].iter().any(|word| text.starts_with(word));
    let words = text.split_whitespace().filter(is_word).count();
    !is_statement && text.contains(' ') && (words > 1 || (words == 1 && (text.contains('{') || text.contains('`'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let mut sentences = Vec::new();
        collect(source.parse().expect("it is Rust"), &mut sentences);
        sentences
    }

    #[test]
    fn sentences_are_found_and_nothing_else() {
        let source = r##"
            //! About the file.
            #![expect(lint, reason = "nobody reads this either")]
            #[error("the table {0} is `gone`, \
                     again")]
            #[expect(lint, reason = "nobody reads this")]
            fn say() { print("SELECT id FROM the table"); name("call_log"); format!("no row of {table}"); value.expect("it is there"); }
            #[cfg(test)]
            mod tests { const TEXT: &str = "only in a test"; }
            const LATER: &str = r#"said "after" the tests"#;
        "##;
        assert_eq!(found(source), ["the table {0} is `gone`, again", "no row of {table}", r#"said "after" the tests"#]);
    }
}
