//! Calls as the Rust code of a migration, as a careful user of SeaORM writes it.

mod column_type;

use sea_orm_drift::{
    DefaultExpr,
    model::{Action, ForeignKey, Index, Nullability, TableName, Uniqueness},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use column_type::{column_type_code, schema_helper};

use super::{
    call::{Call, Calls, Modified, bare, check_names},
    execute::is_online,
    names::Names,
    operation::{Fill, Operation, Value},
    spec::{ColumnSpec, TableSpec},
};

/// A whole file. `runner` is the path of sea-orm-runner in the crate of the migrations.
pub(super) fn file(summary: &str, up: &[Operation], down: &[Operation], is_online: bool, runner: &str) -> String {
    let mut code = Code { names: Names::default(), body: String::new(), uses_helpers: false };
    let bodies = [up, down].map(|operations| code.body(operations));
    let [up, down] = &bodies;
    let names = code.names.code();
    let uses = |word: &str| up.contains(word) || down.contains(word);
    let schema = if code.uses_helpers { "{prelude::*, schema::*}" } else { "prelude::*" };
    let items = [("Backfill::", "Backfill"), ("online::", "online"), ("sqlite::", "sqlite")];
    let items: Vec<&str> = items.iter().filter(|(word, _)| uses(word)).map(|(_, item)| *item).collect();
    let of_runner = match items.as_slice() {
        [] => String::new(),
        [item] => format!("use {runner}::{item};\n"),
        items => format!("use {runner}::{{{}}};\n", items.join(", ")),
    };
    let outside = "\n    fn use_transaction(&self) -> Option<bool> {\n        Some(false)\n    }\n";
    let outside = if is_online { outside } else { "" };
    let summary: String = summary.lines().map(|line| format!("//! {line}\n").replace(" \n", "\n")).collect();
    let method = |name: &str, body: &str| {
        let manager = if body.contains("manager") { "manager" } else { "_manager" };
        format!("    async fn {name}(&self, {manager}: &SchemaManager) -> Result<(), DbErr> {{\n{body}Ok(())\n    }}\n")
    };
    let (up, down) = (method("up", up), method("down", down));
    let mut file = String::new();
    for part in [
        summary.as_str(),
        "\n",
        &format!("use sea_orm_migration::{schema};\n"),
        &of_runner,
        "\n#[derive(DeriveMigrationName)]\npub struct Migration;\n",
        "\n#[async_trait::async_trait]\nimpl MigrationTrait for Migration {\n",
        &up,
        "\n",
        &down,
        outside,
        "}\n",
        &names,
    ] {
        file.push_str(part);
    }
    file
}

struct Code {
    names: Names,
    body: String,
    uses_helpers: bool,
}

impl Code {
    fn body(&mut self, operations: &[Operation]) -> String {
        self.body.clear();
        for operation in operations {
            self.operation(operation);
        }
        std::mem::take(&mut self.body)
    }

    fn operation(&mut self, operation: &Operation) {
        let Calls { postgres, mysql, sqlite } = Calls::of(operation);
        let (on_postgres, on_mysql, on_sqlite) = (self.calls(&postgres), self.calls(&mysql), self.calls(&sqlite));
        let backend = "manager.get_database_backend()";
        let rebuilt = "// SQLite's ALTER TABLE cannot do it: the table is made anew, and keeps its rows.\n";
        let note = if sqlite.iter().any(|call| matches!(call, Call::RebuildTable(..))) { rebuilt } else { "" };
        let code = if postgres == mysql && mysql == sqlite {
            on_sqlite
        } else if postgres == mysql {
            format!("if {backend} == sea_orm::DbBackend::Sqlite {{\n{note}{on_sqlite}}} else {{\n{on_mysql}}}\n")
        } else if mysql.is_empty() && sqlite.is_empty() {
            format!("if {backend} == sea_orm::DbBackend::Postgres {{\n{on_postgres}}}\n")
        } else if postgres.is_empty() && sqlite.is_empty() {
            format!("if {backend} == sea_orm::DbBackend::MySql {{\n{on_mysql}}}\n")
        } else {
            let otherwise =
                if on_sqlite.is_empty() { "_ => {}\n".to_owned() } else { format!("_ => {{\n{note}{on_sqlite}}}\n") };
            format!(
                "match {backend} {{\nsea_orm::DbBackend::Postgres => {{\n{on_postgres}}}\n\
                 sea_orm::DbBackend::MySql => {{\n{on_mysql}}}\n{otherwise}}}\n"
            )
        };
        self.body.push_str(&code);
    }

    fn calls(&mut self, calls: &[Call]) -> String {
        calls.iter().map(|call| self.call(call) + "\n").collect()
    }

    fn call(&mut self, call: &Call) -> String {
        match call {
            Call::CreateType(it) => {
                let labels = it.labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(", ");
                format!(
                    "manager.create_type(extension::postgres::Type::create().as_enum({:?}).values([{labels}]).to_owned()).await?;",
                    it.name
                )
            }
            Call::DropType(name) => {
                format!("manager.drop_type(extension::postgres::Type::drop().name({name:?}).to_owned()).await?;")
            }
            Call::CreateTable(table) => format!("manager.create_table({}).await?;", self.create(table)),
            Call::RebuildTable(table, values) if values.is_empty() => {
                format!("let table = {};\nsqlite::rebuild_table(manager, table).await?;", self.create(table))
            }
            Call::RebuildTable(table, values) => {
                let create = self.create(table);
                let values = values.iter().map(|(column, value)| {
                    format!("({}, Expr::cust({}))", self.names.column(&table.name, column), literal(value))
                });
                let values = values.collect::<Vec<_>>().join(", ");
                format!("let table = {create};\nsqlite::rebuild_table_with(manager, table, [{values}]).await?;")
            }
            Call::DropTable(table) => {
                format!("manager.drop_table(Table::drop().table({}).to_owned()).await?;", self.names.table(table))
            }
            Call::RenameTable { from, to } => format!(
                "manager.rename_table(Table::rename().table({}, {}).to_owned()).await?;",
                self.names.table(from),
                self.names.table(to)
            ),
            Call::RenameColumn { table, from, to } => {
                let (from, to) = (self.names.column(table, from), self.names.column(table, to));
                self.alter(table, &format!("rename_column({from}, {to})"))
            }
            Call::AddColumn { table, column } => {
                let column = self.column(table, column);
                format!(
                    "online::alter_table(manager, Table::alter().table({}).add_column({column}).to_owned()).await?;",
                    self.names.table(table)
                )
            }
            Call::DropColumn { table, column } => {
                let column = self.names.column(table, column);
                self.alter(table, &format!("drop_column({column})"))
            }
            Call::Modify { table, column } => {
                let column = self.modified(table, column);
                self.alter(table, &format!("modify_column({column})"))
            }
            Call::AddForeignKey { table, key } => {
                format!("manager.create_foreign_key({}.to_owned()).await?;", self.foreign_key(table, key))
            }
            Call::DropForeignKey { table, name } => format!(
                "manager.drop_foreign_key(ForeignKey::drop().name({name:?}).table({}).to_owned()).await?;",
                self.names.table(table)
            ),
            Call::CreateIndex { table, index, pace } if is_online(table, *pace) => {
                let (index, table) = (self.index(table, index), self.names.table(table));
                format!("online::create_index(manager, {table}, {index}.to_owned()).await?;")
            }
            Call::CreateIndex { table, index, .. } => {
                let (index, table) = (self.index(table, index), self.names.table(table));
                format!("manager.create_index({index}.table({table}).to_owned()).await?;")
            }
            Call::DropIndex { table, index, pace } if is_online(table, *pace) => {
                format!("online::drop_index(manager, {}, {:?}).await?;", self.names.table(table), index.name)
            }
            Call::DropIndex { table, index, .. } => format!(
                "manager.drop_index(Index::drop().name({:?}).table({}).to_owned()).await?;",
                index.name,
                self.names.table(table)
            ),
            Call::Fill(fill) => self.fill(fill),
            Call::Sql(sql) => format!("manager.get_connection().execute_unprepared({}).await?;", literal(sql)),
        }
    }

    fn alter(&mut self, table: &TableName, option: &str) -> String {
        format!("manager.alter_table(Table::alter().table({}).{option}.to_owned()).await?;", self.names.table(table))
    }

    fn fill(&mut self, fill: &Fill) -> String {
        let (table, column) = (self.names.table(&fill.table), self.names.column(&fill.table, &fill.column));
        let value = match &fill.value {
            Value::Sql(sql) => format!("Expr::cust({})", literal(sql)),
            Value::Constant(value) => value.to_code(),
        };
        let warning = "// A placeholder: choose the value that your rows need before you apply this.\n";
        let note = if fill.is_placeholder { warning } else { "" };
        let update = format!(
            "{note}let update = Query::update().table({table}).value({column}, {value}).and_where(Expr::col({column}).is_null()).to_owned();\n"
        );
        // Batches know no schemas.
        let run = match fill.key.as_ref().filter(|_| fill.table.schema.is_none()) {
            Some(key) => {
                format!("Backfill::new({table}, {}).run(manager, &update).await?;", self.names.column(&fill.table, key))
            }
            // Batches go by an integer key.
            None => "manager.get_connection().execute(&update).await?;".to_owned(),
        };
        update + &run
    }

    fn create(&mut self, table: &TableSpec) -> String {
        let name = &table.name;
        let mut code = format!("Table::create().table({})", self.names.table(name));
        for column in &table.columns {
            let is_key = table.primary_key == [column.name.clone()];
            let is_unique = table.uniques.iter().any(|unique| unique.columns == [column.name.clone()]);
            code = format!("{code}.col({})", self.column_of_table(name, column, is_key, is_unique));
        }
        if table.primary_key.len() > 1 {
            code = format!("{code}.primary_key(Index::create(){})", self.columns(name, &table.primary_key));
        }
        for unique in table.uniques.iter().filter(|unique| unique.columns.len() > 1) {
            code = format!("{code}.index(Index::create().unique(){})", self.columns(name, &unique.columns));
        }
        for key in &table.foreign_keys {
            code = format!("{code}.foreign_key({})", self.foreign_key(name, key));
        }
        for (check, check_name) in table.checks.iter().zip(check_names(table)) {
            code = format!("{code}.check(({check_name:?}, Expr::cust({})))", literal(bare(&check.text)));
        }
        code + ".to_owned()"
    }

    fn columns(&mut self, table: &TableName, columns: &[String]) -> String {
        let calls = columns.iter().map(|column| format!(".col({})", self.names.column(table, column)));
        calls.collect::<Vec<_>>().concat()
    }

    fn column(&mut self, table: &TableName, column: &ColumnSpec) -> String {
        self.column_of_table(table, column, false, false)
    }

    fn column_of_table(&mut self, table: &TableName, column: &ColumnSpec, is_key: bool, is_unique: bool) -> String {
        let name = self.names.column(table, &column.name);
        let is_plain = column.default.is_none() && column.extra.is_none() && !is_unique;
        if is_key && column.is_generated && is_plain && column.nullability == Nullability::NotNull {
            match column.ty {
                ColumnType::Integer => {
                    self.uses_helpers = true;
                    return format!("pk_auto({name})");
                }
                ColumnType::BigInteger => {
                    self.uses_helpers = true;
                    return format!("big_pk_auto({name})");
                }
                _ => {}
            }
        }
        let has_unique_helper = is_unique && !matches!(column.ty, ColumnType::Custom(_));
        let null = match column.nullability {
            Nullability::Nullable => "_null",
            Nullability::NotNull if has_unique_helper && schema_helper(&column.ty).is_some() => "_uniq",
            Nullability::NotNull => "",
        };
        let mut code = if let Some((helper, arguments)) = schema_helper(&column.ty) {
            self.uses_helpers = true;
            format!("{helper}{null}({name}{arguments})")
        } else {
            let null = if null == "_null" { "null" } else { "not_null" };
            format!("ColumnDef::new_with_type({name}, {}).{null}()", column_type_code(&column.ty))
        };
        if let Some(default) = &column.default {
            code = format!("{code}.default({})", default_code(default));
        }
        if column.is_generated {
            code += ".auto_increment()";
        }
        if is_key {
            code += ".primary_key()";
        }
        if is_unique && null != "_uniq" {
            code += ".unique_key()";
        }
        if let Some(extra) = &column.extra {
            code = format!("{code}.extra({})", literal(extra));
        }
        code
    }

    fn modified(&mut self, table: &TableName, column: &Modified) -> String {
        let name = self.names.column(table, &column.name);
        let mut code = match &column.ty {
            Some(ty) => format!("ColumnDef::new_with_type({name}, {})", column_type_code(ty)),
            None => format!("ColumnDef::new({name})"),
        };
        match column.nullability {
            Some(Nullability::NotNull) => code += ".not_null()",
            Some(Nullability::Nullable) => code += ".null()",
            None => {}
        }
        if let Some(default) = &column.default {
            code = format!("{code}.default({})", default_code(default));
        }
        if column.is_generated {
            code += ".auto_increment()";
        }
        if let Some(using) = &column.using {
            code = format!("{code}.using(Expr::cust({}))", literal(using));
        }
        if let Some(extra) = &column.extra {
            code = format!("{code}.extra({})", literal(extra));
        }
        code
    }

    fn index(&mut self, table: &TableName, index: &Index) -> String {
        let unique = if index.uniqueness == Uniqueness::Unique { ".unique()" } else { "" };
        format!("Index::create().name({:?}){}{unique}", index.name, self.columns(table, &index.columns))
    }

    fn foreign_key(&mut self, table: &TableName, key: &ForeignKey) -> String {
        let action = |method: &str, action: Action| {
            let action = action.to_sea_query().map(|action| format!(".{method}(ForeignKeyAction::{action:?})"));
            action.unwrap_or_default()
        };
        let mut code = format!("ForeignKey::create().name({:?})", key.name);
        if let ([column], [target_column]) = (key.columns.as_slice(), key.target_columns.as_slice()) {
            let (table_name, column) = (self.names.table(table), self.names.column(table, column));
            let (target, target_column) =
                (self.names.table(&key.target), self.names.column(&key.target, target_column));
            code = format!("{code}.from({table_name}, {column}).to({target}, {target_column})");
        } else {
            code = format!("{code}.from_tbl({})", self.names.table(table));
            for column in &key.columns {
                code = format!("{code}.from_col({})", self.names.column(table, column));
            }
            code = format!("{code}.to_tbl({})", self.names.table(&key.target));
            for column in &key.target_columns {
                code = format!("{code}.to_col({})", self.names.column(&key.target, column));
            }
        }
        code + &action("on_delete", key.on_delete) + &action("on_update", key.on_update)
    }
}

fn default_code(default: &DefaultExpr) -> String {
    match default {
        DefaultExpr::Expression(sql) => format!("Expr::cust({})", literal(sql)),
        other => other.to_code(),
    }
}

/// SQL is full of quotes.
fn literal(sql: &str) -> String {
    let is_plain = sql.contains('"') && !sql.contains("\"#") && !sql.contains(['\r', '\n']);
    if is_plain { format!("r#\"{sql}\"#") } else { format!("{sql:?}") }
}
