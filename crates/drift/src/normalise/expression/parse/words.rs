//! Calls whose arguments have words between them.

use super::{COMPARISON, Expression, Parser, Token};
use crate::model::Dialect;

impl Parser {
    /// `CASE`, as a call of its conditions and values in turn, and the value that is left.
    pub(super) fn case(&mut self) -> Option<Expression> {
        let compared = if self.takes_words(&["when"]) {
            None
        } else {
            let operand = self.operation(0)?;
            if !self.takes_words(&["when"]) {
                return None;
            }
            Some(operand)
        };
        let mut parts = Vec::new();
        loop {
            let condition = self.operation(0)?;
            parts.push(match &compared {
                Some(operand) => Expression::Operation("=".to_owned(), Box::new(operand.clone()), Box::new(condition)),
                None => condition,
            });
            parts.push(if self.takes_words(&["then"]) { self.operation(0)? } else { return None });
            if self.takes_words(&["when"]) {
                continue;
            }
            let is_else = self.takes_words(&["else"]);
            parts.push(if is_else { self.operation(0)? } else { Expression::Name("null".to_owned()) });
            return self.takes_words(&["end"]).then(|| Expression::Call("case".to_owned(), parts));
        }
    }

    /// `TRIM(BOTH FROM x)` is how PostgreSQL writes `trim(x)`, and `TRIM(LEADING '0' FROM x)` is `ltrim(x, '0')`.
    pub(super) fn trimmed(&mut self) -> Option<Expression> {
        let names = [("both", "trim"), ("leading", "ltrim"), ("trailing", "rtrim")];
        let (_, name) = names.into_iter().find(|(word, _)| self.takes_words(&[word])).unwrap_or(names[0]);
        if self.takes_words(&["from"]) {
            return Some(Expression::Call(name.to_owned(), self.list(")")?));
        }
        let first = self.operation(0)?;
        if !self.takes_words(&["from"]) {
            let rest = if self.takes(",") { self.list(")")? } else { self.takes(")").then(Vec::new)? };
            return Some(Expression::Call(name.to_owned(), [vec![first], rest].concat()));
        }
        let text = self.operation(0)?;
        self.takes(")").then(|| Expression::Call(name.to_owned(), vec![text, first]))
    }

    /// `SUBSTRING(x FROM 1 FOR 3)` is `substring(x, 1, 3)`.
    pub(super) fn substring(&mut self) -> Option<Expression> {
        let mut arguments = vec![self.operation(0)?];
        for word in ["from", "for"] {
            if self.takes_words(&[word]) {
                arguments.push(self.operation(0)?);
            }
        }
        if self.takes(",") {
            arguments.extend(self.list(")")?);
        } else if !self.takes(")") {
            return None;
        }
        Some(Expression::Call(self.of_one_name("substring"), arguments))
    }

    /// `POSITION('@' IN x)` is `strpos(x, '@')`.
    pub(super) fn position(&mut self) -> Option<Expression> {
        let part = self.operation(COMPARISON + 1)?;
        let text = if self.takes_words(&["in"]) { self.operation(0)? } else { return None };
        self.takes(")").then(|| Expression::Call("strpos".to_owned(), vec![text, part]))
    }

    /// `EXTRACT(year FROM x)` is `date_part('year', x)`, as PostgreSQL before 14 writes it.
    pub(super) fn extracted(&mut self) -> Option<Expression> {
        let (Token::Word(field) | Token::Text(field)) = self.next()? else { return None };
        let operand = if self.takes_words(&["from"]) { self.operation(0)? } else { return None };
        let (name, arguments) = if self.dialect == Dialect::Postgres {
            ("date_part".to_owned(), vec![Expression::Text(field), operand])
        } else {
            (field, vec![operand])
        };
        self.takes(")").then_some(Expression::Call(name, arguments))
    }
}
