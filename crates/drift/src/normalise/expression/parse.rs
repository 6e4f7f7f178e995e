//! Parses an expression.

mod words;

use super::{
    token::{Token, tokens},
    tree::Expression,
};
use crate::model::Dialect;

impl Expression {
    /// `None` if this parser does not know it.
    pub(in crate::normalise) fn parse(text: &str, dialect: Dialect) -> Option<Self> {
        let mut parser = Parser { tokens: tokens(text, dialect)?, position: 0, dialect };
        let expression = parser.operation(0)?;
        (parser.position == parser.tokens.len()).then_some(expression)
    }
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
    dialect: Dialect,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position)
    }

    fn next(&mut self) -> Option<Token> {
        self.position += 1;
        self.tokens.get(self.position - 1).cloned()
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Symbol(next)) if next == symbol);
        self.position += usize::from(is_next);
        is_next
    }

    fn takes_words(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(self.position..self.position + words.len()).unwrap_or_default();
        let are_next = !next.is_empty()
            && next.iter().zip(words).all(|(token, word)| matches!(token, Token::Word(next) if next == word));
        self.position += if are_next { words.len() } else { 0 };
        are_next
    }

    /// All that binds at least as tightly as `strength`.
    fn operation(&mut self, strength: u8) -> Option<Expression> {
        let mut left = self.operand()?;
        loop {
            let before = self.position;
            if self.takes("::") {
                left = Expression::Cast(Box::new(left), self.type_name()?);
            } else if self.takes_words(&["at", "time", "zone"]) {
                // PostgreSQL before 14 writes the function.
                left = Expression::Call("timezone".to_owned(), vec![self.operation(AT_TIME_ZONE + 1)?, left]);
            } else if let Some((test, binds)) = self.test() {
                if binds < strength {
                    self.position = before;
                    return Some(left);
                }
                left = self.tested(test, left)?;
            } else if let Some((operator, binds)) = self.operator() {
                if binds < strength {
                    self.position = before;
                    return Some(left);
                }
                // `x = ANY (ARRAY['a', 'b'])` is how PostgreSQL writes `x IN ('a', 'b')`.
                if operator == "=" && self.takes_words(&["any"]) {
                    let list = self.operand()?;
                    left = Expression::Operation("in".to_owned(), Box::new(left), Box::new(list.without_casts()));
                    continue;
                }
                // `x <> ALL (ARRAY['a', 'b'])` is how it writes `x NOT IN ('a', 'b')`.
                if operator == "<>" && self.takes_words(&["all"]) {
                    let list = self.operand()?.without_casts();
                    left = Expression::Operation("in".to_owned(), Box::new(left), Box::new(list)).negated();
                    continue;
                }
                let right = self.operation(binds + 1)?;
                left = if operator == "||" && matches!(self.dialect, Dialect::MySql | Dialect::MariaDb) {
                    Expression::Call("concat".to_owned(), vec![left, right])
                } else {
                    Expression::Operation(operator, Box::new(left), Box::new(right))
                };
            } else {
                return Some(left);
            }
        }
    }

    /// Source: <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE>,
    /// <https://mariadb.com/kb/en/operator-precedence/>.
    fn operator(&mut self) -> Option<(String, u8)> {
        let text = match self.next() {
            Some(Token::Symbol(symbol)) => symbol,
            Some(Token::Word(word)) if ["or", "xor", "and", "div", "mod"].contains(&word.as_str()) => word,
            _ => return self.back(),
        };
        let binds = match text.as_str() {
            "or" => 1,
            "xor" => 2,
            "and" => 3,
            "=" | "==" | "<=>" | "<" | ">" | "<=" | ">=" | "<>" | "!=" => COMPARISON,
            "~" | "~*" | "!~" | "!~*" | "~~" | "~~*" | "!~~" | "!~~*" => 6,
            // SeaORM's connections set PIPES_AS_CONCAT on MySQL and MariaDB, where it binds more tightly.
            "||" if self.dialect != Dialect::Postgres => 9,
            "||" | "->" | "->>" => 6,
            "+" | "-" => 7,
            "*" | "/" | "%" | "div" | "mod" => 8,
            _ => return self.back(),
        };
        Some((text, binds))
    }

    /// A test that follows its operand: `IS NOT NULL`, `NOT IN (...)`.
    fn test(&mut self) -> Option<(Test, u8)> {
        let tests: [(&[&str], Test); 19] = [
            (&["is", "not", "null"], Test::IsNull { is_negated: true }),
            (&["is", "null"], Test::IsNull { is_negated: false }),
            (&["notnull"], Test::IsNull { is_negated: true }),
            (&["isnull"], Test::IsNull { is_negated: false }),
            (&["is", "not", "distinct", "from"], Test::IsSame { is_negated: false }),
            (&["is", "distinct", "from"], Test::IsSame { is_negated: true }),
            (&["is", "not", "true"], Test::IsTrue { is_negated: true }),
            (&["is", "true"], Test::IsTrue { is_negated: false }),
            (&["is", "not", "false"], Test::IsFalse { is_negated: true }),
            (&["is", "false"], Test::IsFalse { is_negated: false }),
            (&["is", "not", "unknown"], Test::IsNull { is_negated: true }),
            (&["is", "unknown"], Test::IsNull { is_negated: false }),
            (&["not", "in"], Test::In { is_negated: true }),
            (&["in"], Test::In { is_negated: false }),
            (&["not", "between"], Test::Between { is_negated: true }),
            (&["between"], Test::Between { is_negated: false }),
            (&["not", "like"], Test::Like { is_negated: true }),
            (&["like"], Test::Like { is_negated: false }),
            // SQLite: `x NOT NULL`.
            (&["not", "null"], Test::IsNull { is_negated: true }),
        ];
        // SQLite compares any two values by IS.
        let of_sqlite: [(&[&str], Test); 4] = [
            (&["is", "not"], Test::IsSame { is_negated: true }),
            (&["is"], Test::IsSame { is_negated: false }),
            (&["not", "glob"], Test::Glob { is_negated: true }),
            (&["glob"], Test::Glob { is_negated: false }),
        ];
        let of_mysql: [(&[&str], Test); 4] = [
            (&["not", "regexp"], Test::Regexp { is_negated: true }),
            (&["regexp"], Test::Regexp { is_negated: false }),
            (&["not", "rlike"], Test::Regexp { is_negated: true }),
            (&["rlike"], Test::Regexp { is_negated: false }),
        ];
        let own = match self.dialect {
            Dialect::Postgres => Vec::new(),
            Dialect::MySql | Dialect::MariaDb => of_mysql.to_vec(),
            Dialect::Sqlite => of_sqlite.to_vec(),
        };
        let mut tests = tests.into_iter().chain(own);
        tests.find(|(words, _)| self.takes_words(words)).map(|(_, test)| (test, COMPARISON))
    }

    /// The operand with its test, as calls and operations.
    fn tested(&mut self, test: Test, operand: Expression) -> Option<Expression> {
        let operation = |operator: &str, left: Expression, right: Expression| {
            Expression::Operation(operator.to_owned(), Box::new(left), Box::new(right))
        };
        let of_each = |items: &[Expression], is_negated: bool| {
            let tests = items.iter().map(|item| {
                let is_null = Expression::Call("isnull".to_owned(), vec![item.clone()]);
                if is_negated { is_null.negated() } else { is_null }
            });
            tests.reduce(|left, right| operation("and", left, right))
        };
        let (found, is_negated) = match test {
            // Of a row, both ask each of its values.
            Test::IsNull { is_negated } if matches!(&operand, Expression::Call(name, _) if name == "row") => {
                let Expression::Call(_, items) = &operand else { return None };
                (of_each(items, is_negated)?, false)
            }
            Test::IsFalse { is_negated } => {
                (Expression::Call("istrue".to_owned(), vec![operand.negated()]), is_negated)
            }
            Test::IsNull { is_negated } => (Expression::Call("isnull".to_owned(), vec![operand]), is_negated),
            Test::IsTrue { is_negated } => (Expression::Call("istrue".to_owned(), vec![operand]), is_negated),
            Test::IsSame { is_negated } => (operation("<=>", operand, self.operation(COMPARISON + 1)?), is_negated),
            Test::In { is_negated } => {
                let list = if self.takes("(") { Expression::Array(self.list(")")?) } else { return None };
                (operation("in", operand, list), is_negated)
            }
            Test::Between { is_negated } => {
                let least = self.operation(COMPARISON + 1)?;
                let greatest = if self.takes_words(&["and"]) { self.operation(COMPARISON + 1)? } else { return None };
                let (above, below) = (operation(">=", operand.clone(), least), operation("<=", operand, greatest));
                (operation("and", above, below), is_negated)
            }
            Test::Regexp { is_negated } => (operation("~", operand, self.operation(COMPARISON + 1)?), is_negated),
            Test::Glob { is_negated } => (operation("glob", operand, self.operation(COMPARISON + 1)?), is_negated),
            Test::Like { is_negated } => (operation("~~", operand, self.operation(COMPARISON + 1)?), is_negated),
        };
        Some(if is_negated { found.negated() } else { found })
    }

    fn back<T>(&mut self) -> Option<T> {
        self.position -= 1;
        None
    }

    fn operand(&mut self) -> Option<Expression> {
        match self.next()? {
            Token::Text(text) => Some(Expression::Text(text)),
            Token::Prefixed(prefix, inside) => Some(Expression::Prefixed(prefix, inside)),
            Token::Number(number) => Some(Expression::Number(number)),
            Token::Symbol(symbol) if symbol == "(" => {
                let inside = self.operation(0)?;
                self.takes(")").then_some(inside)
            }
            Token::Symbol(symbol) if symbol == "-" => {
                let operand = self.operation(AT_TIME_ZONE)?;
                Some(match operand.as_number().filter(|number| !number.starts_with('-')) {
                    Some(number) => Expression::Number(format!("-{number}")),
                    None => Expression::Negation(Box::new(operand)),
                })
            }
            Token::Symbol(symbol) if symbol == "+" => self.operation(AT_TIME_ZONE),
            Token::Symbol(symbol) if symbol == "!" => Some(self.operation(AT_TIME_ZONE)?.negated()),
            Token::Word(word) if word == "not" => Some(self.operation(NOT)?.negated()),
            Token::Word(word) if word == "cast" && self.takes("(") => {
                let operand = self.operation(0)?;
                let ty = if self.takes_words(&["as"]) { self.type_name()? } else { return None };
                self.takes(")").then(|| Expression::Cast(Box::new(operand), ty))
            }
            Token::Word(word) if word == "case" => self.case(),
            Token::Word(word) if word == "array" && self.takes("[") => Some(Expression::Array(self.list("]")?)),
            Token::Word(word) => self.named(word),
            Token::Quoted(name) => self.named(name),
            Token::Symbol(_) => None,
        }
    }

    fn named(&mut self, mut name: String) -> Option<Expression> {
        const NOT_NAMES: [&str; 8] = ["case", "when", "then", "else", "end", "is", "select", "exists"];
        if NOT_NAMES.contains(&name.as_str()) {
            return None;
        }
        // `interval 1 day`
        if let (true, "interval", Some(Token::Number(number))) = (self.is_mysql(), name.as_str(), self.peek()) {
            let number = number.clone();
            let Some(Token::Word(unit)) = self.tokens.get(self.position + 1).cloned() else { return None };
            self.position += 2;
            return Some(Expression::Cast(Box::new(Expression::Text(format!("{number} {unit}"))), name));
        }
        // `interval '1 day'`
        if let (Dialect::Postgres, Some(Token::Text(text))) = (self.dialect, self.peek()) {
            let constant = Expression::Text(text.clone());
            self.position += 1;
            return Some(Expression::Cast(Box::new(constant), name));
        }
        while self.takes(".") {
            let (Token::Word(next) | Token::Quoted(next)) = self.next()? else { return None };
            name = if name == "pg_catalog" { next } else { format!("{name}.{next}") };
        }
        let is_called = self.takes("(");
        if is_called && name == "trim" {
            return self.trimmed();
        }
        if is_called && name == "extract" {
            return self.extracted();
        }
        if is_called && name == "position" {
            return self.position();
        }
        if is_called && name == "substring" {
            return self.substring();
        }
        let arguments = if is_called { self.list(")")? } else { Vec::new() };
        Some(match (self.of_one_name(&name), arguments) {
            (name, arguments) if arguments.is_empty() => Expression::Name(name),
            (name, arguments) => Expression::Call(name, arguments),
        })
    }

    fn is_mysql(&self) -> bool {
        matches!(self.dialect, Dialect::MySql | Dialect::MariaDb)
    }

    /// MySQL and MariaDB have several names for one function, and print their own.
    fn of_one_name(&self, name: &str) -> String {
        let is_mysql = self.is_mysql();
        let own = match name {
            "lower" if is_mysql => "lcase",
            "upper" if is_mysql => "ucase",
            "current_date" if is_mysql => "curdate",
            "current_time" if is_mysql => "curtime",
            "substring" if is_mysql => "substr",
            "now" | "transaction_timestamp" => "current_timestamp",
            "localtimestamp" | "localtime" if is_mysql => "current_timestamp",
            other => other,
        };
        own.to_owned()
    }

    fn list(&mut self, end: &str) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        if self.takes(end) {
            return Some(items);
        }
        loop {
            items.push(self.operation(0)?);
            if self.takes(end) {
                return Some(items);
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    /// Words, with `(10, 2)` and `[]` between or after them.
    fn type_name(&mut self) -> Option<String> {
        const ENDS: [&str; 15] = [
            "or", "xor", "and", "at", "div", "mod", "is", "in", "not", "between", "like", "when", "then", "else", "end",
        ];
        let mut text = String::new();
        loop {
            match self.next() {
                Some(Token::Word(word)) if ENDS.contains(&word.as_str()) => {
                    self.position -= 1;
                    break;
                }
                Some(Token::Word(word) | Token::Quoted(word)) => {
                    if text.ends_with(|c: char| c.is_alphanumeric() || c == ')') {
                        text.push(' ');
                    }
                    text.push_str(&word);
                }
                Some(Token::Symbol(symbol)) if symbol == "." => text.push('.'),
                Some(Token::Symbol(symbol)) if symbol == "[" && self.takes("]") => text.push_str("[]"),
                Some(Token::Symbol(symbol)) if symbol == "(" => {
                    let arguments = self.list(")")?;
                    let numbers = arguments.iter().map(Expression::as_number).collect::<Option<Vec<_>>>()?;
                    text.extend(["(", &numbers.join(","), ")"]);
                }
                _ => {
                    self.position -= 1;
                    break;
                }
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// How tightly `AT TIME ZONE` and a sign bind.
const AT_TIME_ZONE: u8 = 10;

/// How tightly `NOT` and comparisons bind.
const NOT: u8 = 4;
const COMPARISON: u8 = 5;

/// A test that follows its operand.
#[derive(Clone, Copy)]
enum Test {
    IsNull { is_negated: bool },
    IsTrue { is_negated: bool },
    IsFalse { is_negated: bool },
    IsSame { is_negated: bool },
    In { is_negated: bool },
    Between { is_negated: bool },
    Like { is_negated: bool },
    Glob { is_negated: bool },
    Regexp { is_negated: bool },
}

#[cfg(test)]
mod tests;
