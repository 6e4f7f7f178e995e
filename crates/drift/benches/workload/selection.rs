//! The words of the command line: `postgres 100` measures that backend with that many tables.

use super::{Backend, Result, SIZES};

/// What is to be measured.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) backends: Vec<Backend>,
    pub(crate) sizes: Vec<usize>,
}

impl Selection {
    /// Reads the command line. Words beyond backends and `sizes` are an error, flags are cargo's.
    pub(crate) fn from_arguments(further_sizes: &[usize]) -> Result<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let measures = arguments.iter().any(|argument| argument == "--bench");
        let mut backends = Vec::new();
        let mut sizes = Vec::new();
        for word in arguments.iter().filter(|argument| !argument.starts_with("--")) {
            let backend = Backend::ALL.into_iter().find(|backend| backend.name().eq_ignore_ascii_case(word));
            let size = SIZES.iter().chain(further_sizes).find(|size| size.to_string() == *word);
            backends.extend(backend);
            sizes.extend(size);
            if backend.is_none() && size.is_none() {
                let all = SIZES.iter().chain(further_sizes).map(usize::to_string).collect::<Vec<_>>().join(" ");
                return Err(format!("`{word}` is none of postgresql mariadb sqlite {all}").into());
            }
        }
        if !measures {
            // Under `cargo test --benches` it is enough to see that it runs.
            return Ok(Self { backends: vec![Backend::Sqlite], sizes: vec![SIZES[0]] });
        }
        if backends.is_empty() {
            backends = Backend::ALL.to_vec();
        }
        if sizes.is_empty() {
            sizes = SIZES.iter().chain(further_sizes).copied().collect();
        }
        Ok(Self { backends, sizes })
    }
}
