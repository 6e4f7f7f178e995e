//! Privileges that the connected role lacks: ownership of what a statement changes, and CREATE on a schema.
//!
//! <https://www.postgresql.org/docs/current/ddl-priv.html>

use sea_orm_migration::sea_orm::{self, DbBackend, FromQueryResult};
use sqlparser::ast::{ObjectName, ObjectType, Statement};

use crate::{catalog::Catalog, shadow_schema::ShadowSchema, sql};

#[derive(FromQueryResult)]
struct NotOwned {
    owner: String,
    role: String,
}

#[derive(FromQueryResult)]
struct CreateDenied {
    schema: String,
    role: String,
}

/// A note for each object that the role may not change or create, according to the catalog. No note if the catalog cannot be read: the
/// rest of the plan is still right.
pub(crate) fn missing_privileges(statement: &Statement, catalog: &Catalog, shadow: &ShadowSchema) -> Vec<String> {
    let mut changed: Vec<&ObjectName> = Vec::new();
    match statement {
        Statement::CreateTable(create) => {
            changed.extend(&create.partition_of);
            let created = if create.temporary { None } else { create_denied(&create.name, catalog) };
            return created.into_iter().chain(not_owned(&changed, false, catalog, shadow)).collect();
        }
        Statement::AlterTable(alter) => changed.push(&alter.name),
        Statement::CreateIndex(create) => changed.push(&create.table_name),
        Statement::AlterIndex { name, .. } => changed.push(name),
        Statement::Drop { object_type: ObjectType::Table | ObjectType::Index | ObjectType::View, names, .. } => {
            changed.extend(names);
        }
        Statement::CreatePolicy(create) => changed.push(&create.table_name),
        Statement::DropPolicy(drop) => changed.push(&drop.table_name),
        Statement::DropTrigger(drop) => changed.extend(&drop.table_name),
        _ => {}
    }
    not_owned(&changed, matches!(statement, Statement::Drop { .. }), catalog, shadow)
}

/// The owner of a schema may drop the objects of others in it, but not change them.
fn not_owned(names: &[&ObjectName], drops: bool, catalog: &Catalog, shadow: &ShadowSchema) -> Vec<String> {
    let existing = names.iter().filter(|name| !shadow.is_new(&sql::table(DbBackend::Postgres, name)));
    let refused = existing.flat_map(|name| {
        let rows = catalog.query_rows::<NotOwned>(
            "SELECT pg_catalog.pg_get_userbyid(relation.relowner)::text AS owner, current_user::text AS role \
             FROM pg_catalog.pg_class AS relation \
             JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace \
             WHERE relation.oid = to_regclass($1) \
                 AND NOT pg_catalog.pg_has_role(relation.relowner, 'USAGE') \
                 AND NOT ($2 = 'drops' AND pg_catalog.pg_has_role(namespace.nspowner, 'USAGE'))",
            &[&name.to_string(), if drops { "drops" } else { "" }],
        );
        rows.unwrap_or_default().into_iter().map(move |NotOwned { owner, role }| {
            format!("the role {role} does not own {name}, and the server would reject its change: migrate as {owner}")
        })
    });
    refused.collect()
}

fn create_denied(table: &ObjectName, catalog: &Catalog) -> Option<String> {
    let schema = match table.0.as_slice() {
        [.., schema, _] => schema.as_ident().map(|schema| sql::name(DbBackend::Postgres, schema)),
        _ => None,
    };
    let rows = catalog.query_rows::<CreateDenied>(
        "SELECT namespace.nspname::text AS schema, current_user::text AS role \
         FROM pg_catalog.pg_namespace AS namespace \
         WHERE namespace.nspname = COALESCE(NULLIF($1, ''), current_schema()) \
             AND NOT pg_catalog.has_schema_privilege(namespace.oid, 'CREATE')",
        &[schema.as_deref().unwrap_or_default()],
    );
    let CreateDenied { schema, role } = rows.ok()?.pop()?;
    Some(format!("the role {role} may not create in the schema {schema}: GRANT CREATE ON SCHEMA {schema} TO {role}"))
}
