//! PostgreSQL's catalogue: one round trip, one more if there are domains, and one more if there are sequences.

mod foreign_keys;
mod sequence_probe;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use serde::Deserialize;

use self::foreign_keys::{ForeignKeyFacts, ReferrerFacts, foreign_key, referrer};
use super::{Found, as_json, each_row, parsed, partial, restrictions, rows, uniqueness};
use crate::{
    change::Unknown,
    model::{
        CharsetCoverage, Check, Collation, Column, CounterKind, Deletes, Dialect, Equality, Generation, Index,
        IndexRestriction, LogicalType, NextValue, Nullability, PartitionBound, PartitionMethod, Partitions, Privilege,
        Published, ReadOnly, RelationKind, RewriteRule, RowSecurity, Schema, Sequence, Table, TableName, UnknownName,
        Writability,
    },
    normalise,
};

#[derive(FromQueryResult)]
struct Row {
    ordinal: i32,
    /// Other schemas that have it, if it is missing.
    elsewhere: Option<String>,
    relation: Option<String>,
    role: String,
    /// `replica` or `setting`.
    read_only: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct RelationFacts {
    kind: char,
    is_unlogged: bool,
    /// Of a materialized view.
    is_populated: bool,
    is_child: bool,
    /// Other tables inherit from it.
    has_children: bool,
    /// Quoted as in SQL.
    sql_name: String,
    is_askable: bool,
    may_ask_sequences: bool,
    lacks_usage: bool,
    updatable: Option<i32>,
    columns: Option<Vec<ColumnFacts>>,
    /// Numbers of columns.
    unproven_not_nulls: Option<Vec<i16>>,
    indexes: Option<Vec<IndexFacts>>,
    foreign_keys: Option<Vec<ForeignKeyFacts>>,
    checks: Option<Vec<CheckFacts>>,
    triggers: Option<Vec<String>>,
    has_filling_trigger: Option<bool>,
    rules: Option<Vec<RuleFacts>>,
    partition_constraint: Option<String>,
    partitions: Option<PartitionsFacts>,
    /// `updates` or `deletes`.
    lacks_identity: Option<String>,
    may_delete: bool,
    denied_functions: Option<Vec<DeniedFunctionFacts>>,
    is_row_security_off: bool,
    referrers: Option<Vec<ReferrerFacts>>,
    own_of_partitions: Option<Vec<String>>,
    /// Of a view.
    denied_base: Option<DeniedBaseFacts>,
    policies: Option<Vec<PolicyFacts>>,
}

/// An array, in the order of the fields.
#[derive(Deserialize)]
struct ColumnFacts {
    number: i16,
    name: String,
    type_text: String,
    not_null: bool,
    default_text: Option<String>,
    identity_kind: String,
    is_computed: bool,
    /// Of a type that is not the server's own.
    own_type: Option<TypeFacts>,
    collation: Option<CollationFacts>,
    sequence: Option<SequenceFacts>,
    denied: Option<Vec<Privilege>>,
}

#[derive(Deserialize)]
struct TypeFacts {
    text: String,
    labels: Option<Vec<String>>,
    /// Of an enum that is not on the search path.
    schema: Option<String>,
    domain: Option<i64>,
}

#[derive(Deserialize)]
struct CollationFacts {
    name: String,
    is_deterministic: bool,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct SequenceFacts {
    /// The column, quoted as in SQL.
    column: String,
    is_cut: bool,
    name: String,
    number: i64,
    increment: String,
    first: String,
    cycles: bool,
    may_be_asked: bool,
    may_read: bool,
    last: String,
    may_use: bool,
}

/// An array, in the order of the fields.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct IndexFacts {
    name: String,
    /// Numbers of columns, 0 for an expression; those that are only stored come last.
    columns: Vec<i16>,
    key_length: usize,
    is_primary: bool,
    is_unique: bool,
    particulars: Option<IndexParticulars>,
    is_nulls_not_distinct: bool,
    may_overflow: bool,
}

/// What few indexes have.
#[derive(Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
struct IndexParticulars {
    is_exclusion: bool,
    /// Its `WHERE`.
    predicate: Option<String>,
    expressions: Option<Vec<String>>,
    is_deferrable: bool,
    is_invalid: bool,
    /// No write reaches it.
    is_unbuilt: bool,
    is_other_method: bool,
    /// `order`, or `equality` for one that takes other values for equal.
    other_collation: Option<String>,
    outdated_collation: Option<String>,
}

#[derive(Deserialize)]
struct CheckFacts {
    name: String,
    is_enforced: bool,
    is_validated: bool,
    text: String,
    columns: Option<Vec<i16>>,
}

#[derive(Deserialize)]
struct RuleFacts {
    name: String,
    event: char,
    is_instead: bool,
    text: String,
}

/// A function that the connected role may not execute.
#[derive(Deserialize)]
struct DeniedFunctionFacts {
    name: String,
    place: String,
}

/// The tables that keep a view from working.
#[derive(Deserialize)]
struct DeniedBaseFacts {
    unreadable: Option<String>,
    unwritable: Option<String>,
}

#[derive(Deserialize)]
struct PartitionsFacts {
    method: char,
    key: String,
    columns: Option<Vec<String>>,
    bounds: Vec<Option<String>>,
    now: String,
    tomorrow: String,
}

#[derive(Deserialize)]
struct PolicyFacts {
    command: char,
    is_permissive: bool,
    is_open: bool,
}

#[derive(FromQueryResult)]
struct TypeRow {
    name: String,
}

/// One level of a domain: its base type, and its constraints.
#[derive(FromQueryResult)]
struct DomainRow {
    domain: i64,
    type_text: String,
    not_null: bool,
    default_text: Option<String>,
    checks: Option<String>,
}

type Domains = BTreeMap<i64, Vec<DomainRow>>;

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Found, DbErr> {
    let mut elsewhere = BTreeMap::new();
    let mut tables = Vec::new();
    let mut probes = Vec::new();
    // Tables that wait for their domains.
    let mut waiting = Vec::new();
    let mut role = None;
    let mut read_only = None;
    let mut encoding = None;
    for row in each_row::<Row>(db, ask(include_str!("tables.sql"), as_json(wanted))).await? {
        let row = row?;
        let Some(name) = usize::try_from(row.ordinal).ok().and_then(|ordinal| wanted.get(ordinal)) else { continue };
        role = Some(row.role);
        read_only = row.read_only.map(|why| if why == "replica" { ReadOnly::Server } else { ReadOnly::Setting });
        encoding = row.encoding;
        if let Some(relation) = row.relation {
            let facts: RelationFacts = parsed(&relation)?;
            probes.extend(sequence_probe::probes(tables.len(), &facts));
            if facts.columns.iter().flatten().any(|column| column.domain().is_some()) {
                waiting.push((tables.len(), facts));
                tables.push(Table::new(name.clone()));
            } else {
                tables.push(table(name.clone(), facts, &Domains::new())?);
            }
        } else if let Some(schemas) = row.elsewhere {
            elsewhere.insert(name.clone(), parsed(&schemas)?);
        }
    }
    let domains = domains(db, waiting.iter().map(|(_, facts)| facts)).await?;
    for (position, facts) in waiting {
        tables[position] = table(tables[position].name.clone(), facts, &domains)?;
    }
    sequence_probe::ask(db, &probes, &mut tables).await?;
    Ok(Found { tables, elsewhere, role, read_only, encoding })
}

/// Those of the declared types of missing columns that a migration would find; one statement, if there are any.
pub(super) async fn types(db: &impl ConnectionTrait, declared: &[Table], live: &Schema) -> Result<Vec<String>, DbErr> {
    let live: BTreeMap<&TableName, &Table> = live.tables.iter().map(|table| (&table.name, table)).collect();
    let mut names: Vec<&str> = Vec::new();
    for table in declared {
        let live = live.get(&table.name);
        let is_missing =
            |column: &&Column| !live.is_some_and(|live| live.columns.iter().any(|found| found.name == column.name));
        let enums = table.columns.iter().filter_map(|column| Some((column, column.ty.enum_name()?)));
        names.extend(enums.filter(|(column, _)| is_missing(column)).map(|(_, name)| name));
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT type.typname::text AS name FROM pg_catalog.pg_type AS type \
               WHERE type.typname::text IN (SELECT jsonb_array_elements_text($1::jsonb)) \
                   AND pg_catalog.pg_type_is_visible(type.oid)";
    let found = rows::<TypeRow>(db, ask(sql, serde_json::json!(names).to_string())).await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

/// Notes which columns cannot change their types, in the tables that have others than declared; one statement, if there are any.
pub(super) async fn hold(db: &impl ConnectionTrait, declared: &[Table], live: &mut Schema) -> Result<(), DbErr> {
    let differs = |table: &Table| {
        let declared = declared.iter().find(|declared| declared.name == table.name);
        let of = |name: &str| declared?.columns.iter().find(|column| column.name == name);
        table.columns.iter().any(|column| of(&column.name).is_some_and(|declared| declared.ty.kind != column.ty.kind))
    };
    let names: Vec<TableName> =
        live.tables.iter().filter(|table| differs(table)).map(|table| table.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    for row in rows::<HeldRow>(db, ask(include_str!("held.sql"), as_json(&names))).await? {
        let name = usize::try_from(row.ordinal).ok().and_then(|ordinal| names.get(ordinal));
        if let Some(table) = live.tables.iter_mut().find(|table| Some(&table.name) == name) {
            table.held_columns.push(row.name);
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct HeldRow {
    ordinal: i32,
    name: String,
}

fn ask(sql: &str, json: String) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [json.into()])
}

async fn domains(db: &impl ConnectionTrait, relations: impl Iterator<Item = &RelationFacts>) -> Result<Domains, DbErr> {
    let numbers: Vec<i64> =
        relations.flat_map(|facts| facts.columns.iter().flatten()).filter_map(ColumnFacts::domain).collect();
    let mut domains = Domains::new();
    if !numbers.is_empty() {
        let json = serde_json::Value::from(numbers).to_string();
        for row in rows::<DomainRow>(db, ask(include_str!("domains.sql"), json)).await? {
            domains.entry(row.domain).or_default().push(row);
        }
    }
    Ok(domains)
}

/// The privileges that are useless without USAGE on the schema.
const EVERYTHING: [Privilege; 3] = [Privilege::Select, Privilege::Insert, Privilege::Update];

fn table(name: TableName, facts: RelationFacts, domains: &Domains) -> Result<Table, DbErr> {
    let lacks_usage = facts.lacks_usage;
    let mut table = Table {
        relation: relation(&facts),
        unknown: facts
            .denied_functions
            .into_iter()
            .flatten()
            .map(|facts| UnknownName { name: facts.name, kind: Unknown::Denied, place: facts.place })
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
        has_filling_trigger: facts.has_filling_trigger.unwrap_or_default(),
        has_children: facts.has_children,
        is_child: facts.is_child,
        rules: facts.rules.into_iter().flatten().filter_map(rewrite_rule).collect(),
        partitions: facts.partitions.map(partitions),
        lacks_identity: facts
            .lacks_identity
            .map(|what| if what == "updates" { Published::Updates } else { Published::Deletes }),
        referrers: facts.referrers.into_iter().flatten().map(referrer).collect(),
        own_of_partitions: facts.own_of_partitions.unwrap_or_default(),
        ..Table::new(name)
    };
    let columns = facts.columns.unwrap_or_default();
    add_checks(&mut table, facts.checks.unwrap_or_default(), facts.partition_constraint, &columns);
    add_indexes(&mut table, facts.indexes.unwrap_or_default(), &columns);
    let foreign_keys = facts.foreign_keys.unwrap_or_default().into_iter();
    table.foreign_keys = foreign_keys.map(|facts| foreign_key(facts, &columns)).collect();
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
        table.columns.push(if lacks_usage { Column { denied: EVERYTHING.to_vec(), ..column } } else { column });
    }
    let Table { indexes, columns, .. } = &mut table;
    for index in indexes {
        if index.restrictions.contains(&IndexRestriction::Expression) && is_short(index, columns) {
            index.restrictions.retain(|limit| *limit != IndexRestriction::LongValues);
        }
    }
    Ok(table)
}

/// Whether an index over expressions takes every value: the catalogue gives a text that is computed no length.
fn is_short(index: &Index, columns: &[Column]) -> bool {
    const LONGEST: u32 = 2704;
    let kind = |name: &str| columns.iter().find(|column| column.name == name).map(|column| column.ty.kind.clone());
    let width = |part: &String| match kind(part) {
        Some(LogicalType::Text(_) | LogicalType::Varchar(None) | LogicalType::Blob(_) | LogicalType::JsonBinary) => {
            None
        }
        Some(LogicalType::Varchar(Some(length)) | LogicalType::Char(length)) => length.checked_mul(4),
        Some(_) => Some(16),
        None => normalise::longest(part, Dialect::Postgres, kind)?.checked_mul(4),
    };
    index.columns.iter().try_fold(0_u32, |sum, part| sum.checked_add(width(part)?)).is_some_and(|sum| sum <= LONGEST)
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
        let check = normalise::check(&text, &normalise::tokens(&text), &names, Dialect::Postgres);
        table.checks.extend(check.map(|check| Check { name: "of the partition".to_owned(), ..check }));
    }
}

fn add_indexes(table: &mut Table, indexes: Vec<IndexFacts>, columns: &[ColumnFacts]) {
    for facts in indexes {
        let is_primary = facts.is_primary;
        let mut particulars = facts.particulars.unwrap_or_default();
        table.outdated_collation = table.outdated_collation.take().or_else(|| particulars.outdated_collation.take());
        let index = index(IndexFacts { particulars: None, ..facts }, particulars, columns);
        if is_primary {
            table.primary_key = index.columns;
            // Long keys and their order are the entity's own choice.
            let is_of_use =
                |limit: &IndexRestriction| !matches!(limit, IndexRestriction::LongValues | IndexRestriction::SortOrder);
            table.primary_key_restrictions = index.restrictions.into_iter().filter(is_of_use).collect();
        } else {
            table.indexes.push(index);
        }
    }
}

/// The names of the columns with these numbers.
fn names(numbers: &[i16], columns: &[ColumnFacts]) -> Vec<String> {
    let name = |number: &i16| columns.iter().find(|column| column.number == *number).map(|column| column.name.clone());
    numbers.iter().filter_map(name).collect()
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
    let returns_nothing = facts.is_instead && !returns(&facts.text);
    Some(RewriteRule { name: facts.name, event, returns_nothing })
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
    let is_closed = |command: char| !of(command).any(|policy| policy.is_permissive);
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
    !policies.iter().any(|policy| ['d', '*'].contains(&policy.command) && policy.is_permissive)
}

impl CollationFacts {
    fn into_collation(self) -> Collation {
        Collation {
            name: self.name,
            equality: if self.is_deterministic { Equality::AsDefault } else { Equality::Looser },
            coverage: CharsetCoverage::Unicode,
        }
    }
}

impl ColumnFacts {
    fn domain(&self) -> Option<i64> {
        self.own_type.as_ref()?.domain
    }
}

fn column(facts: ColumnFacts, domain: &[DomainRow]) -> Column {
    let (type_text, labels, type_schema) = match facts.own_type {
        Some(of) => (of.text, of.labels, of.schema),
        None => (facts.type_text, None, None),
    };
    let base = domain.last().map(|base| base.type_text.as_str());
    let is_not_null = facts.not_null || domain.iter().any(|level| level.not_null);
    let of_domain = || domain.iter().find_map(|level| level.default_text.clone());
    let (default_text, expression) =
        if facts.is_computed { (None, facts.default_text) } else { (facts.default_text, None) };
    let default = default_text.or_else(of_domain).unwrap_or_default();
    let generation = match facts.identity_kind.as_str() {
        "a" => Generation::AlwaysIdentity,
        "d" => Generation::AutoIncrement,
        _ if facts.is_computed => Generation::Computed,
        // The name is quoted with `quote_all_identifiers`.
        _ if default.starts_with("nextval(") || default.starts_with("\"nextval\"(") => Generation::AutoIncrement,
        _ => Generation::Supplied,
    };
    let mut denied = facts.denied.unwrap_or_default();
    denied.extend(facts.sequence.as_ref().filter(|sequence| !sequence.may_use).map(|_| Privilege::Usage));
    let ty = normalise::column_type(base.unwrap_or(&type_text), Dialect::Postgres);
    Column {
        ty: match labels {
            Some(labels) => ty.with_labels(&labels),
            None => ty,
        },
        type_schema: type_schema.map(String::into_boxed_str),
        domain: base.is_some().then(|| type_text.into_boxed_str()),
        nullability: if is_not_null { Nullability::NotNull } else { Nullability::Nullable },
        may_hold_nulls: false,
        default: if generation == Generation::Supplied && !default.is_empty() {
            normalise::default_value(&default, Dialect::Postgres)
        } else {
            None
        },
        generation,
        expression,
        sequence: facts.sequence.as_ref().filter(|_| generation != Generation::Supplied).and_then(sequence),
        collation: facts.collation.map(CollationFacts::into_collation).map(Box::new),
        denied,
        name: facts.name,
    }
}

/// The numbers come as text: they do not fit what JSON's readers take for numbers.
fn sequence(facts: &SequenceFacts) -> Option<Box<Sequence>> {
    Some(Box::new(Sequence {
        name: facts.name.clone(),
        kind: CounterKind::Sequence,
        next: None,
        increment: facts.increment.parse().ok()?,
        first: facts.first.parse().ok()?,
        last: facts.last.parse().ok()?,
        cycles: facts.cycles,
        is_cut: facts.is_cut,
        per_day: None,
        state: NextValue::Unknown,
    }))
}

fn index(facts: IndexFacts, particulars: IndexParticulars, columns: &[ColumnFacts]) -> Index {
    let is_expression = particulars.expressions.is_some();
    let texts = particulars.expressions.unwrap_or_default();
    let mut expressions = texts.iter().cloned();
    let key = facts.columns.iter().take(facts.key_length);
    let columns: Vec<String> = key
        .filter_map(|&number| if number == 0 { expressions.next() } else { names(&[number], columns).pop() })
        .collect();
    let uniqueness = uniqueness(facts.is_unique);
    let predicate = particulars.predicate.as_ref();
    let computed = texts.into_iter().chain(predicate.cloned()).collect();
    let partial = predicate.map(|condition| partial(condition, &columns, uniqueness, Dialect::Postgres));
    let others = restrictions([
        (is_expression, IndexRestriction::Expression),
        (particulars.is_deferrable, IndexRestriction::Deferrable),
        (particulars.is_invalid, IndexRestriction::Invalid),
        (facts.is_nulls_not_distinct, IndexRestriction::NullsNotDistinct),
        (particulars.is_exclusion, IndexRestriction::Exclusion),
        (particulars.is_other_method, IndexRestriction::Method),
        (particulars.other_collation.as_deref() == Some("order"), IndexRestriction::SortOrder),
        (particulars.other_collation.as_deref() == Some("equality"), IndexRestriction::Collation),
        (facts.may_overflow, IndexRestriction::LongValues),
        (particulars.is_unbuilt, IndexRestriction::Unbuilt),
    ]);
    Index { name: facts.name, restrictions: partial.into_iter().chain(others).collect(), columns, uniqueness, computed }
}
