//! The statement that puts the copy in the place of the key (PostgreSQL).

use super::facts::{HeldForeignKey, HeldIndex, Key, quoted};

/// Several statements in one message, which are one transaction. None of them reads the table. `name` is the key's, quoted.
pub(super) fn swap(key: &Key, name: &str, indexes: &[HeldIndex], foreign_keys: &[HeldForeignKey]) -> String {
    let Key { table, guard, guard_function, identity, default, sequence, counting, comment, .. } = key;
    let copy = &quoted(&key.copy);
    let mut statements = Vec::new();
    let drop_key = |key: &HeldForeignKey| format!("ALTER TABLE {} DROP CONSTRAINT {}", key.table, key.name);
    statements.extend(foreign_keys.iter().map(drop_key));
    statements.extend(indexes.iter().map(|index| match index.constraint {
        Some(_) => format!("ALTER TABLE {table} DROP CONSTRAINT {}", index.name),
        None => format!("DROP INDEX {}", index.qualified),
    }));
    statements.push(format!("DROP TRIGGER {guard} ON {table}"));
    statements.push(format!("DROP FUNCTION {guard_function}()"));
    statements.push(format!("ALTER TABLE {table} ALTER COLUMN {copy} SET NOT NULL"));
    statements.push(format!("ALTER TABLE {table} DROP CONSTRAINT {guard}"));

    if let (Some(sequence), Some(counting), false) = (sequence, counting, identity.is_empty()) {
        let when = if identity == "a" { "ALWAYS" } else { "BY DEFAULT" };
        statements
            .push(format!("ALTER TABLE {table} ALTER COLUMN {copy} ADD GENERATED {when} AS IDENTITY ({counting})"));
        statements.push(format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), last_value, is_called) FROM {sequence}",
            literal(table),
            literal(&key.copy)
        ));
    } else if let Some(default) = default {
        statements.push(format!("ALTER TABLE {table} ALTER COLUMN {copy} SET DEFAULT {default}"));
    }
    statements.push(format!("ALTER TABLE {table} DROP COLUMN {name}"));
    statements.push(format!("ALTER TABLE {table} RENAME COLUMN {copy} TO {name}"));

    for index in indexes {
        let HeldIndex { name, qualified_twin, twin, constraint, deferral, .. } = index;
        statements.push(match constraint {
            Some(kind) => format!("ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {twin}{deferral}"),
            None => format!("ALTER INDEX {qualified_twin} RENAME TO {name}"),
        });
    }
    let rename_key =
        |key: &HeldForeignKey| format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", key.table, key.twin, key.name);
    statements.extend(foreign_keys.iter().map(rename_key));
    statements
        .extend(comment.iter().map(|comment| format!("COMMENT ON COLUMN {table}.{name} IS {}", literal(comment))));
    statements.join("; ")
}

fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}
