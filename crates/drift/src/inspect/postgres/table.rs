//! A table, from the facts of the catalogue.

use sea_orm::DbErr;

use super::{
    column::column,
    facts::{
        CheckFacts, ColumnFacts, DeniedBaseFacts, Domains, PartitionsFacts, PolicyFacts, RelationFacts, RuleFacts,
        names,
    },
    foreign_keys::{foreign_key, referrer},
    index::{add_indexes, is_short},
};
use crate::{
    inspect::answer::parsed,
    model::{
        Check, Column, Deletes, Dialect, IndexRestriction, PartitionBound, PartitionMethod, Partitions, Privilege,
        Published, RelationKind, RewriteRule, RowSecurity, RuleEffect, Table, TableName, UnknownName,
        UnknownObjectKind, Writability,
    },
    normalise,
};

/// The privileges that are useless without USAGE on the schema.
const EVERYTHING: [Privilege; 3] = [Privilege::Select, Privilege::Insert, Privilege::Update];

pub(super) fn table(name: TableName, facts: RelationFacts, domains: &Domains) -> Result<Table, DbErr> {
    let lacks_usage = facts.lacks_usage;
    let mut table = Table {
        relation: relation(&facts),
        unknown_names: facts
            .denied_functions
            .into_iter()
            .flatten()
            .map(|facts| UnknownName { name: facts.name, kind: UnknownObjectKind::Denied, used_by: facts.used_by })
            .collect(),
        deletes: if !facts.may_delete {
            Deletes::Denied
        } else if facts.policies.as_deref().is_some_and(hides_deletes) {
            Deletes::Hidden
        } else {
            Deletes::Allowed
        },
        row_security: match facts.policies.as_deref() {
            Some(_) if facts.is_row_security_off => RowSecurity::Refused,
            policies => policies.map_or(RowSecurity::Open, row_security),
        },
        triggers: facts.triggers.unwrap_or_default(),
        columns_of_triggers: facts.columns_of_triggers.unwrap_or_default(),
        has_before_insert_trigger: facts.has_before_insert_trigger.unwrap_or_default(),
        has_children: facts.has_children,
        is_child: facts.is_child,
        kept_in_row: facts.kept_in_row.unwrap_or_default(),
        rules: facts.rules.into_iter().flatten().filter_map(rewrite_rule).collect(),
        partitions: facts.partitions.map(partitions),
        missing_replica_identity: facts
            .missing_replica_identity
            .map(|what| if what == "updates" { Published::Updates } else { Published::Deletes }),
        referrers: facts.referrers.into_iter().flatten().map(referrer).collect(),
        ..Table::new(name)
    };
    let columns = facts.columns.unwrap_or_default();
    add_checks(&mut table, facts.checks.unwrap_or_default(), facts.partition_constraint, &columns);
    add_indexes(&mut table, facts.indexes.unwrap_or_default(), &columns);
    let foreign_keys = facts.foreign_keys.unwrap_or_default().into_iter();
    table.foreign_keys = foreign_keys.map(|facts| foreign_key(facts, &columns)).collect();
    table.identity_columns = names(&facts.identity_columns.unwrap_or_default(), &columns);
    let unproven_not_nulls = facts.unproven_not_nulls.unwrap_or_default();
    table.columns.reserve_exact(columns.len());
    for facts in columns {
        let domain = facts.domain().and_then(|number| domains.get(&number)).map_or(&[][..], Vec::as_slice);
        for level in domain {
            for text in level.checks.as_deref().map(parsed::<Vec<String>>).transpose()?.unwrap_or_default() {
                let text = text.strip_prefix("CHECK ").unwrap_or(&text).to_owned();
                let name = format!("of the domain of {}", facts.name);
                table.checks.push(Check { name, text, columns: vec![facts.name.clone()] });
            }
        }
        let may_hold_nulls = facts.not_null && unproven_not_nulls.contains(&facts.number);
        let column = Column { may_hold_nulls, ..column(facts, domain) };
        table.columns.push(if lacks_usage { Column { denied: EVERYTHING.into(), ..column } } else { column });
    }
    let Table { indexes, columns, .. } = &mut table;
    for index in indexes {
        if index.restrictions.contains(&IndexRestriction::Expression) && is_short(index, columns) {
            index.restrictions.retain(|limit| *limit != IndexRestriction::LongValues);
        }
    }
    Ok(table)
}

fn add_checks(table: &mut Table, checks: Vec<CheckFacts>, of_partition: Option<String>, columns: &[ColumnFacts]) {
    for CheckFacts { name, is_enforced, is_validated, text, columns: numbers } in checks {
        if !is_validated {
            table.unproven_checks.push(name.clone());
        }
        if is_enforced {
            let mut numbers = numbers.unwrap_or_default();
            numbers.sort_unstable();
            table.checks.push(Check { name, text, columns: names(&numbers, columns) });
        } else {
            table.idle_checks.push(name);
        }
    }
    if let Some(text) = of_partition {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let text = format!("({text})");
        let check = normalise::check_constraint(&text, &normalise::tokens(&text), &names, Dialect::Postgres);
        table.checks.extend(check.map(|check| Check { name: "of the partition".to_owned(), ..check }));
    }
}

/// Source: <https://www.postgresql.org/docs/current/catalog-pg-class.html>, `relkind`.
fn relation(facts: &RelationFacts) -> RelationKind {
    const UPDATE_AND_INSERT: i32 = 4 | 8;
    let denied = |of: fn(&DeniedBaseFacts) -> Option<&String>| facts.denied_base.as_ref().and_then(of);
    let is_writable = facts.updatable.is_some_and(|bits| bits & UPDATE_AND_INSERT == UPDATE_AND_INSERT)
        && (denied(|base| base.unwritable.as_ref()).is_none() || facts.triggers.is_some());
    let writability = if is_writable { Writability::Writable } else { Writability::ReadOnly };
    match facts.kind {
        'v' if let Some(base) = denied(|base| base.unreadable.as_ref()) => {
            RelationKind::NoTable(format!("a view whose owner may not read `{base}`"))
        }
        'v' if let Some(function) = &facts.denied_function => {
            RelationKind::NoTable(format!("a view that calls `{function}`, which the connected role may not execute"))
        }
        // Neither has the view's own INSTEAD OF triggers nor its rules an ON CONFLICT.
        'v' if is_writable && facts.triggers.as_ref().is_some_and(|triggers| !triggers.is_empty()) => {
            RelationKind::View(Writability::WithoutUpserts)
        }
        'v' => RelationKind::View(writability),
        'm' if !facts.is_populated => RelationKind::NoTable("a materialized view that was never filled".to_owned()),
        'm' => RelationKind::MaterializedView,
        'f' => RelationKind::Foreign(writability),
        'p' => RelationKind::Partitioned,
        'S' => RelationKind::NoTable("a sequence".to_owned()),
        'i' | 'I' => RelationKind::NoTable("an index".to_owned()),
        'c' => RelationKind::NoTable("a composite type".to_owned()),
        _ if facts.is_unlogged => RelationKind::Unlogged,
        _ => RelationKind::Table,
    }
}

/// Source: <https://www.postgresql.org/docs/current/catalog-pg-rewrite.html>.
fn rewrite_rule(facts: RuleFacts) -> Option<RewriteRule> {
    let event = match facts.event {
        '2' => Privilege::Update,
        '3' => Privilege::Insert,
        _ => return None,
    };
    let effect = match facts.is_instead && !returns(&facts.text) {
        _ if !facts.fires => RuleEffect::Disabled,
        true => RuleEffect::ReturnsNothing,
        false => RuleEffect::Returning,
    };
    Some(RewriteRule { name: facts.name, event, effect })
}

/// Whether an action of a rule, as the server prints it, has a `RETURNING` of its own: not one of a `WITH`, nor a constant.
fn returns(rule: &str) -> bool {
    let tokens = normalise::tokens(rule);
    let mut action = tokens.iter().skip_while(|token| !(token.depth == 0 && token.is("DO")));
    let actions = action.find(|token| !["DO", "INSTEAD", "ALSO"].iter().any(|word| token.is(word)));
    let depth = usize::from(actions.is_some_and(|token| token.text == "("));
    tokens.iter().any(|token| token.depth == depth && token.is("RETURNING"))
}

/// Source: <https://www.postgresql.org/docs/current/catalog-pg-partitioned-table.html>.
fn partitions(facts: PartitionsFacts) -> Partitions {
    let bound = |text: Option<String>| text.map_or(PartitionBound::Unknown, |text| PartitionBound::of_postgres(&text));
    Partitions {
        method: match facts.method {
            'r' => PartitionMethod::Range,
            'l' => PartitionMethod::List,
            _ => PartitionMethod::Hash,
        },
        key: facts.key,
        columns: facts.columns.unwrap_or_default(),
        bounds: facts.bounds.into_iter().map(bound).collect(),
        now: facts.now,
        tomorrow: facts.tomorrow,
    }
}

/// Without a permissive policy no row passes; restrictive ones only take away.
/// Source: <https://www.postgresql.org/docs/current/ddl-rowsecurity.html>.
fn row_security(policies: &[PolicyFacts]) -> RowSecurity {
    let of = |command: char| policies.iter().filter(move |policy| policy.command == command || policy.command == '*');
    let passes = |policy: &PolicyFacts, command: char| match command {
        'r' => policy.shows_none != Some(true),
        'a' => policy.takes_none != Some(true),
        _ => policy.shows_none != Some(true) && policy.takes_none != Some(true),
    };
    let is_closed = |command: char| {
        !of(command).any(|policy| policy.is_permissive && passes(policy, command))
            || of(command).any(|policy| !policy.is_permissive && !passes(policy, command))
    };
    let is_open = |command: char| {
        of(command).any(|policy| policy.is_permissive && policy.is_open)
            && of(command).all(|policy| policy.is_permissive || policy.is_open)
    };
    let commands = [('r', Privilege::Select), ('a', Privilege::Insert), ('w', Privilege::Update)];
    let closed: Vec<Privilege> =
        commands.into_iter().filter(|(command, _)| is_closed(*command)).map(|(_, privilege)| privilege).collect();
    if !closed.is_empty() {
        RowSecurity::Closed(closed)
    } else if commands.into_iter().all(|(command, _)| is_open(command)) {
        RowSecurity::Open
    } else {
        RowSecurity::Conditional
    }
}

fn hides_deletes(policies: &[PolicyFacts]) -> bool {
    let shows = |policy: &&PolicyFacts| policy.is_permissive && policy.shows_none != Some(true);
    !policies.iter().filter(shows).any(|policy| ['d', '*'].contains(&policy.command))
}
