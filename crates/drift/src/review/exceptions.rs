//! Applies exceptions to a report.

use chrono::NaiveDate;

use crate::{
    exceptions::{Exception, Exceptions, Stale},
    fingerprint::Fingerprint,
    report::Report,
    rule::Rule,
};

/// What an exception did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    MatchedNothing,
    Overruled,
    SuppressionFields,
}

impl Report {
    /// Applies each exception to the findings that it matches. Expired exceptions apply to nothing; they, and those that
    /// match nothing, are listed in [`stale`](Self::stale). A finding keeps the exception of an earlier call.
    #[must_use]
    pub fn except(mut self, exceptions: &Exceptions, today: NaiveDate) -> Self {
        let (expired, in_force): (Vec<_>, Vec<_>) =
            exceptions.in_order.iter().partition(|exception| exception.has_expired(today));
        let mut uses = vec![Use::MatchedNothing; in_force.len()];
        for (fingerprint, suppression) in self.suppressions_mut() {
            for (exception, its_use) in
                in_force.iter().zip(&mut uses).filter(|(exception, _)| exception.matches(&fingerprint))
            {
                if suppression.exception.is_none() {
                    suppression.exception = Some((*exception).clone());
                    *its_use = Use::SuppressionFields;
                } else if *its_use == Use::MatchedNothing {
                    *its_use = Use::Overruled;
                }
            }
        }
        let cannot_tell: Vec<bool> = in_force.iter().map(|exception| self.hides_what_matches(exception)).collect();
        self.stale.extend(expired.into_iter().cloned().map(Stale::Expired));
        let in_force = in_force.into_iter().cloned().zip(uses).zip(cannot_tell);
        self.stale.extend(in_force.filter_map(|((exception, its_use), cannot_tell)| match its_use {
            Use::MatchedNothing if cannot_tell => None,
            Use::MatchedNothing => Some(Stale::Unmatched(exception)),
            Use::Overruled => Some(Stale::Overruled(exception)),
            Use::SuppressionFields => None,
        }));
        self.sort();
        self
    }

    /// Whether the exception might match a finding that cannot be seen: the parts of a missing table are not compared.
    fn hides_what_matches(&self, exception: &Exception) -> bool {
        self.differences.iter().any(|difference| {
            let rule = difference.change.rule();
            if rule == Rule::TableMissing {
                return exception.may_match_in_table(&difference.table.to_string());
            }
            let object = || difference.object().to_string();
            let of_column = |rule| exception.matches(&Fingerprint { rule, object: object(), consequence: None });
            rule == Rule::ColumnMissing
                && Rule::ALL.iter().copied().filter(|rule| rule.needs_both_columns()).any(of_column)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
