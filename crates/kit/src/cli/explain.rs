//! `call-log check explain`: what the documentation says of a kind of finding.

use clap::{Args, builder::PossibleValuesParser};
use sea_orm_drift::{Rule, RuleDoc};

use super::{
    exit::Exit,
    stdout::print,
    wrap::{reflowed, stdout_columns, wrapped},
};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The kind of finding, as a report names it; without it, all are listed.
    #[arg(value_parser = PossibleValuesParser::new(Rule::ALL.iter().map(|rule| rule.name())), hide_possible_values = true)]
    rule: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let page = args.rule.as_deref().and_then(RuleDoc::of);
    let line = |page: RuleDoc| format!("{:<24} {}\n", page.rule, page.summary());
    let text = page.map_or_else(
        || wrapped(&RuleDoc::all().map(line).collect::<String>(), stdout_columns()),
        |page| reflowed(page.text, stdout_columns()),
    );
    print(|stdout| write!(stdout, "{text}"))?;
    Ok(Exit::Success)
}
