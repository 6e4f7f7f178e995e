//! Exceptions in TOML.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::exception::{Exception, ExceptionLevel};
use crate::file_error::{FileError, InputFileError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Spanned<String>,
    object: Spanned<String>,
    level: ExceptionLevel,
    reason: Spanned<String>,
    expires: Option<Spanned<Value>>,
}

pub(super) fn parse(text: &str, file: &str) -> Result<Vec<Exception>, FileError> {
    let line = |position: usize| text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1;
    let File { exception: entries } = toml::from_str(text).map_err(|error| {
        InputFileError::Syntax(one_line(error.message())).at(file, error.span().map(|span| line(span.start)))
    })?;
    let read = |entry: Spanned<Entry>| {
        let begin = line(entry.span().start);
        let entry = entry.into_inner();
        let spans = [entry.rule.span(), entry.object.span(), entry.reason.span()];
        let [rule, object, reason] = [entry.rule.get_ref(), entry.object.get_ref(), entry.reason.get_ref()];
        let exception = Exception::new(entry.level, rule, object, reason).map_err(|error| {
            let [rule, object, reason] = spans;
            let span = if matches!(error, InputFileError::BlankObject) {
                object
            } else if matches!(error, InputFileError::BlankReason) {
                reason
            } else {
                rule
            };
            error.at(file, Some(line(span.start)))
        })?;
        let expires = match &entry.expires {
            None => None,
            Some(written) => {
                let day = day(written.get_ref());
                Some(day.ok_or_else(|| InputFileError::NotADate.at(file, Some(line(written.span().start))))?)
            }
        };
        Ok(Exception { expires, location: Some(format!("{file}, line {begin}")), ..exception })
    };
    entries.into_iter().map(read).collect()
}

fn day(written: &Value) -> Option<NaiveDate> {
    let Value::Datetime(toml::value::Datetime { date: Some(date), time: None, offset: None }) = written else {
        return None;
    };
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}
