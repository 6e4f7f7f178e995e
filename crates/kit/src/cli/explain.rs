//! `call-log check explain`: what the documentation says of a kind of finding.

use clap::{Args, builder::PossibleValuesParser};
use sea_orm_drift::{Rule, RuleDoc};

use super::{Exit, print};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The kind of finding, as a report names it; without it, all are listed.
    #[arg(value_parser = PossibleValuesParser::new(Rule::ALL.iter().map(|rule| rule.name())), hide_possible_values = true)]
    rule: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let page = args.rule.as_deref().and_then(RuleDoc::of);
    print(|stdout| match page {
        Some(page) => write!(stdout, "{}", page.text),
        None => RuleDoc::all().try_for_each(|page| writeln!(stdout, "{:<24} {}", page.rule, page.summary())),
    })?;
    Ok(Exit::Success)
}
