//! The catalogue of MySQL and MariaDB: four round trips, or five for many tables.

mod column;
mod error;
mod facts;
mod referrers;
mod scope;
mod table;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use self::{
    column::ignore_collation_of_possible_json,
    error::has_number,
    facts::{SessionFacts, TableContext},
    referrers::add_referrers,
    scope::parameters,
    table::{add, quoted},
};
use super::{
    answer::{parsed, rows},
    facts::Found,
};
use crate::model::{Dialect, Privilege, ReadOnly, RelationKind, Table, TableName, Visibility, Writability};

#[derive(FromQueryResult)]
struct VersionRow {
    version: String,
}

#[derive(FromQueryResult)]
struct ViewRow {
    ordinal: i64,
    is_updatable: String,
}

pub(super) async fn dialect(db: &impl ConnectionTrait) -> Result<Dialect, DbErr> {
    let ask = Statement::from_string(DbBackend::MySql, "SELECT VERSION() AS version");
    let versions = rows::<VersionRow>(db, ask).await?;
    let mariadb = versions.iter().any(|row| row.version.contains("MariaDB"));
    Ok(if mariadb { Dialect::MariaDb } else { Dialect::MySql })
}

pub(super) async fn tables(db: &impl ConnectionTrait, dialect: Dialect, wanted: &[TableName]) -> Result<Found, DbErr> {
    let mut role = None;
    let mut enforces_checks = true;
    let mut is_strict = true;
    let mut read_only = None;
    let mut tables: BTreeMap<usize, Table> = BTreeMap::new();
    let mut constraints = Visibility::Shown;
    let mut context = TableContext::default();
    for row in scope::facts(db, dialect, wanted).await? {
        if row.kind == "grants" {
            let grants = parsed::<SessionFacts>(&row.text)?;
            let is_on =
                |setting: &Option<String>| setting.as_deref().is_some_and(|value| !["0", "OFF", ""].contains(&value));
            if is_on(&grants.session_read_only) {
                read_only = Some(ReadOnly::Setting);
            } else if is_on(&grants.read_only) && grants.ignores_read_only == 0 {
                read_only = Some(ReadOnly::Server);
            }
            is_strict = ["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"].iter().any(|mode| grants.sql_mode.contains(mode));
            enforces_checks = is_on(&Some(grants.check_constraint_checks));
            role = Some(grants.role);
            if grants.has_wide_privileges == 0 {
                constraints = Visibility::Hidden;
            }
            continue;
        }
        let Some(name) = wanted.get(row.ordinal) else { continue };
        let table = tables.entry(row.ordinal).or_insert_with(|| Table::new(name.clone()));
        add(table, &row, &mut context, dialect)?;
    }
    let views: Vec<usize> =
        tables.iter().filter(|(_, table)| table.relation.is_view()).map(|(ordinal, _)| *ordinal).collect();
    let may_read = |table: &Table| table.columns.iter().any(|column| !column.denied.contains(&Privilege::Select));
    for row in updatable(db, wanted, &views).await? {
        let view = usize::try_from(row.ordinal).ok().and_then(|ordinal| tables.get_mut(&ordinal));
        if let (Some(view), "YES") = (view, row.is_updatable.as_str()) {
            view.relation = RelationKind::View(Writability::Writable);
        }
    }
    for view in views {
        if let Some(view) = tables.get_mut(&view)
            && may_read(view)
            && !can_be_read(db, &view.name).await?
        {
            view.columns.clear();
        }
    }
    // The catalogue shows no column of a view whose table or column is gone.
    let tables = tables.into_values().map(|table| {
        let is_broken = matches!(table.relation, RelationKind::View(_)) && table.columns.is_empty();
        let relation = RelationKind::NoTable("a view that cannot be read".to_owned());
        if is_broken { Table { relation, ..table } } else { table }
    });
    let is_there = |table: &Table| !table.columns.is_empty() || matches!(table.relation, RelationKind::NoTable(_));
    let tables = tables.filter(is_there);
    let mut tables: Vec<Table> = tables
        .map(|mut table| {
            table.constraints = constraints;
            table.has_lenient_sql_mode = !is_strict;
            if !enforces_checks {
                table.checks.clear();
                table.ignores_checks = true;
            }
            if constraints == Visibility::Hidden {
                table.columns.iter_mut().for_each(ignore_collation_of_possible_json);
            }
            table
        })
        .collect();
    add_referrers(db, dialect, &mut tables).await?;
    Ok(Found { tables, role, read_only, ..Found::default() })
}

/// Asked of views only, which are few.
async fn updatable(db: &impl ConnectionTrait, wanted: &[TableName], views: &[usize]) -> Result<Vec<ViewRow>, DbErr> {
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let sql = vec![include_str!("view.sql"); views.len()].join("UNION ALL\n");
    let values = views.iter().flat_map(|&ordinal| parameters(ordinal, &wanted[ordinal]));
    rows(db, Statement::from_sql_and_values(DbBackend::MySql, sql, values.collect::<Vec<_>>())).await
}

/// Whether what a view needs is there: the definer with its privileges, the tables, columns and functions. The catalogue does
/// not say it, and the server only when the view is used.
async fn can_be_read(db: &impl ConnectionTrait, view: &TableName) -> Result<bool, DbErr> {
    // Tables, columns, functions or rights are lacking; the definer does not exist, on MySQL and MariaDB; no privilege there.
    const BROKEN: [&str; 5] = ["1356", "1449", "1045", "1142", "1143"];
    let name = [view.schema.as_deref(), Some(view.name.as_str())].into_iter().flatten().map(quoted);
    let sql = format!("SELECT 1 FROM {} LIMIT 0", name.collect::<Vec<_>>().join("."));
    match db.query_all_raw(Statement::from_string(DbBackend::MySql, sql)).await {
        Ok(_) => Ok(true),
        Err(error) if BROKEN.iter().any(|number| has_number(&error, number)) => Ok(false),
        Err(error) => Err(error),
    }
}
