//! Splits the text of a type: `timestamp(3) without time zone` is a name and an argument.

/// A type's text in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeText {
    /// All words outside the parentheses, in lower case, single-spaced.
    pub(super) name: String,
    /// What stands between the parentheses, split at commas, without blanks and quotes.
    pub(super) arguments: Vec<String>,
    /// How many `[]` follow.
    pub(super) dimensions: usize,
}

impl TypeText {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let element = text.trim_end_matches("[]");
        let dimensions = (text.len() - element.len()) / 2;
        let (before, inside, after) = match (element.find('('), element.rfind(')')) {
            (Some(open), Some(close)) if open < close => {
                (&element[..open], Some(&element[open + 1..close]), &element[close + 1..])
            }
            _ => (element, None, ""),
        };
        let mut name = String::with_capacity(element.len());
        for word in before.split_whitespace().chain(after.split_whitespace()) {
            let blank = if name.is_empty() { "" } else { " " };
            name.extend([blank, word]);
        }
        if name.is_ascii() {
            name.make_ascii_lowercase();
        } else {
            name = name.to_lowercase();
        }
        Self { name, arguments: inside.map(arguments).unwrap_or_default(), dimensions }
    }

    /// The argument at `position`, where it is a number.
    pub(super) fn number(&self, position: usize) -> Option<u32> {
        self.arguments.get(position)?.parse().ok()
    }

    /// Precision and scale; a missing scale is 0.
    pub(super) fn digits(&self) -> Option<(u32, u32)> {
        Some((self.number(0)?, self.number(1).unwrap_or(0)))
    }

    /// Digits of a second.
    pub(super) fn precision(&self, implicit: u8) -> u8 {
        self.number(0).and_then(|digits| u8::try_from(digits).ok()).unwrap_or(implicit)
    }

    /// Name and arguments, spelt one way.
    pub(super) fn canonical(&self) -> String {
        if self.arguments.is_empty() {
            self.name.clone()
        } else {
            format!("{}({})", self.name, self.arguments.join(","))
        }
    }
}

/// Splits at commas outside quotes; doubled quotes inside quotes stand for one.
fn arguments(inside: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    let mut characters = inside.chars().peekable();
    while let Some(character) = characters.next() {
        let last = found.last_mut().expect("begins with one and never shrinks");
        match character {
            '\'' if quoted && characters.peek() == Some(&'\'') => {
                last.push('\'');
                characters.next();
            }
            '\'' => quoted = !quoted,
            ',' if !quoted => found.push(String::new()),
            blank if blank.is_whitespace() && !quoted => {}
            other => last.push(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_may_stand_in_the_middle() {
        let parsed = TypeText::parse("timestamp(3) without time zone[]");
        assert_eq!(
            (parsed.name.as_str(), parsed.precision(6), parsed.dimensions),
            ("timestamp without time zone", 3, 1)
        );
    }

    #[test]
    fn quotes_and_commas_inside_labels_are_kept() {
        let parsed = TypeText::parse("ENUM('a,b', 'it''s', ' c ')");
        assert_eq!(parsed.arguments, ["a,b", "it's", " c "]);
    }

    #[test]
    fn precision_and_scale_are_read_with_and_without_blanks() {
        assert_eq!(TypeText::parse("decimal(10, 2)").digits(), Some((10, 2)));
        assert_eq!(TypeText::parse("numeric(10)").digits(), Some((10, 0)));
        assert_eq!(TypeText::parse("numeric").digits(), None);
    }
}
