//! The names of all kinds of findings, stable across versions, and a page of documentation for each.

/// Declares the names, and embeds `docs/NAME.md` for each.
macro_rules! rules {
    ($($name:literal,)*) => {
        /// A kind of finding: of [`Difference`](crate::Difference)s, and those that end in `-unchecked`, of what is
        /// [`Unchecked`](crate::Unchecked).
        pub const RULES: [&str; [$($name),*].len()] = [$($name),*];

        const PAGES: [&str; RULES.len()] = [$(include_str!(concat!("../docs/", $name, ".md"))),*];
    };
}

rules![
    "table-missing",
    "relation-differs",
    "column-missing",
    "column-unexpected",
    "column-spelling-differs",
    "type-differs",
    "enum-labels-differ",
    "nullability-differs",
    "default-differs",
    "generation-differs",
    "collation-differs",
    "sequence-behind",
    "sequence-narrower",
    "primary-key-differs",
    "unique-missing",
    "index-missing",
    "index-unexpected",
    "foreign-key-missing",
    "foreign-key-differs",
    "foreign-key-unexpected",
    "check-missing",
    "check-unexpected",
    "privilege-missing",
    "row-security",
    "default-unchecked",
    "generator-unchecked",
    "trigger-unchecked",
    "policy-unchecked",
    "view-unchecked",
    "constraint-unchecked",
    "check-unchecked",
];

/// Those that are found only of a column that is on both sides.
pub(crate) const OF_A_SHARED_COLUMN: [&str; 11] = [
    "column-spelling-differs",
    "type-differs",
    "enum-labels-differ",
    "nullability-differs",
    "default-differs",
    "generation-differs",
    "collation-differs",
    "sequence-behind",
    "sequence-narrower",
    "default-unchecked",
    "generator-unchecked",
];

/// What a kind of finding means, what it breaks, and how to repair it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// One of [`RULES`].
    pub rule: &'static str,
    /// The whole page, in Markdown: the rule as its title, and the sections What, What breaks, Repair and Example.
    pub text: &'static str,
}

impl Page {
    /// All pages, in the order of [`RULES`].
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.into_iter().zip(PAGES).map(|(rule, text)| Self { rule, text })
    }

    /// The page of a rule; `None` if there is no such rule.
    pub fn of(rule: &str) -> Option<Self> {
        Self::all().find(|page| page.rule == rule)
    }

    /// What is found, in one sentence.
    pub fn summary(&self) -> String {
        let what = self.section("What").unwrap_or_default();
        let first = what.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let end = first.find(". ").unwrap_or(first.len());
        first[..end].trim_end_matches('.').to_owned()
    }

    /// What stands under a heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        let mut lines = self.text.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading));
        lines.next()?;
        let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
        Some(lines.join("\n").trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
