//! Single edits of entities, each with what it needs: how many migrations, and which decisions. `generate` proves itself that
//! `up` gives what is declared and `down` what was there; the test tries it again.

use rstest::rstest;
use sea_orm_kit::generate::{Answer, Decisions, GenerateError};
use sea_orm_migration::sea_orm::sea_query::{
    Alias, ColumnDef, ColumnType, Expr, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, IntoIden, Table,
    TableCreateStatement,
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{Declared, clear, from_one_to_two, scratch};

/// An edit, and the suffixes of its migrations; or the answers that it asks for.
pub(super) struct Edit {
    pub(super) name: &'static str,
    pub(super) one: Declared,
    pub(super) two: Declared,
    pub(super) decisions: Decisions,
    pub(super) expected: Expected,
}

pub(super) enum Expected {
    Migrations(&'static [&'static str]),
    /// Refused, with these answers to choose from.
    Asks(&'static [&'static str]),
    /// Refused with such a sentence.
    Refuses(&'static str),
}
use Expected::{Asks, Migrations, Refuses};

const MAIN: &[&str] = &[""];
const INDEX: &[&str] = &["index"];
const FILLED: &[&str] = &["", "fill", "not_null"];

pub(super) fn author() -> TableCreateStatement {
    Table::create().table("author").col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key()).take()
}

/// A post with these columns more.
pub(super) fn post<const N: usize>(columns: [ColumnDef; N]) -> TableCreateStatement {
    let mut table = Table::create().table("post").take();
    table.col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key());
    for column in columns {
        table.col(column);
    }
    table
}

/// A table of two numbers, with a key of these.
fn keyed(key: &[&'static str]) -> TableCreateStatement {
    let number = |name| ColumnDef::new(name).integer().not_null().take();
    let mut columns = Index::create();
    for column in key {
        columns.col(*column);
    }
    Table::create().table("post").col(number("a")).col(number("b")).primary_key(&mut columns).take()
}

/// With a CHECK, and these texts more.
fn checked(more: &[&'static str]) -> TableCreateStatement {
    let mut table = post([title(), views().extra("CHECK (views >= 0)").take()]);
    for column in more {
        table.col(ColumnDef::new(*column).string_len(64).not_null());
    }
    table
}

fn indexed_text() -> Declared {
    indexed(post([ColumnDef::new("title").text().not_null().take()]), vec![index(&["title"], true)])
}

fn keyed_by_new() -> TableCreateStatement {
    let number = |name| ColumnDef::new(name).integer().not_null().take();
    let slug = ColumnDef::new("slug").string_len(64).not_null().primary_key().take();
    Table::create().table("post").col(number("a")).col(number("b")).col(slug).take()
}

pub(super) fn by_id_and_title() -> TableCreateStatement {
    let id = ColumnDef::new("id").integer().not_null().take();
    let mut key = Index::create().col("id").col("title").take();
    Table::create().table("post").col(id).col(title()).primary_key(&mut key).take()
}

pub(super) fn by_title() -> TableCreateStatement {
    Table::create().table("post").col(title().primary_key().take()).take()
}

fn by_author(key: &[&'static str]) -> TableCreateStatement {
    let mut columns = Index::create();
    for column in key {
        columns.col(*column);
    }
    let mut refers = ForeignKey::create();
    refers.name("fk-post-author_id").from("post", "author_id").to("author", "id");
    let author_id = ColumnDef::new("author_id").integer().not_null().take();
    Table::create().table("post").col(author_id).col(title()).primary_key(&mut columns).foreign_key(&mut refers).take()
}

pub(super) fn plain_key() -> TableCreateStatement {
    let id = ColumnDef::new("id").integer().not_null().primary_key().take();
    Table::create().table("post").col(id).col(title()).take()
}

fn named_author(is_keyed_by_name: bool) -> TableCreateStatement {
    let mut id = ColumnDef::new("id").integer().not_null().take();
    let mut name = ColumnDef::new("name").string_len(64).not_null().take();
    if is_keyed_by_name {
        id.unique_key();
        name.primary_key();
    } else {
        id.primary_key();
    }
    Table::create().table("author").col(id).col(name).take()
}

pub(super) fn title() -> ColumnDef {
    ColumnDef::new("title").string_len(64).not_null().take()
}

pub(super) fn views() -> ColumnDef {
    ColumnDef::new("views").integer().take()
}

pub(super) fn refers(on_delete: ForeignKeyAction) -> TableCreateStatement {
    let mut key = ForeignKey::create();
    key.name("fk-post-author_id").from("post", "author_id").to("author", "id").on_delete(on_delete);
    post([title(), ColumnDef::new("author_id").integer().take()]).foreign_key(&mut key).take()
}

pub(super) fn status(labels: &[&str]) -> ColumnDef {
    let ty = ColumnType::Enum {
        name: Alias::new("post_status").into_iden(),
        variants: labels.iter().map(|label| Alias::new(*label).into_iden()).collect(),
    };
    ColumnDef::new_with_type("status", ty).not_null().default("draft").take()
}

pub(super) fn index(columns: &[&'static str], is_unique: bool) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("idx-post-{}", columns.join("-"))).table("post").take();
    for column in columns {
        index.col(*column);
    }
    if is_unique {
        index.unique();
    }
    index
}

/// A project of one table without indexes.
pub(super) fn one(table: TableCreateStatement) -> Declared {
    vec![(table, Vec::new())]
}

/// A project of two tables without indexes.
pub(super) fn two(one: TableCreateStatement, other: TableCreateStatement) -> Declared {
    vec![(one, Vec::new()), (other, Vec::new())]
}

pub(super) fn indexed(table: TableCreateStatement, indexes: Vec<IndexCreateStatement>) -> Declared {
    vec![(table, indexes)]
}

/// Nothing is renamed, dropped or filled.
pub(super) fn undecided() -> Decisions {
    Decisions::default()
}

/// The object may be dropped.
pub(super) fn dropping(object: &str) -> Decisions {
    Decisions { drops: [object.to_owned()].into(), ..undecided() }
}

pub(super) fn keeping(object: &str) -> Decisions {
    Decisions { keeps: [object.to_owned()].into(), ..undecided() }
}

pub(super) fn renaming(from: &str, to: &str) -> Decisions {
    Decisions { renames: vec![(from.to_owned(), to.to_owned())], ..undecided() }
}

pub(super) fn filling(object: &str, sql: &str) -> Decisions {
    Decisions { fills: [(object.to_owned(), sql.to_owned())].into(), ..undecided() }
}

#[rustfmt::skip] // a table
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn edits(server: Server) -> Vec<Edit> {
    let edit = |name, one, two, decisions, expected| Edit { name, one, two, decisions, expected };
    let column = |name: &'static str| ColumnDef::new(name);
    let mut edits = vec![
        edit("nothing", one(post([title()])), one(post([title()])), undecided(), Migrations(&[])),
        edit("the first table", vec![], one(post([title()])), undecided(), Migrations(MAIN)),
        edit("a table more", one(author()), two(author(), post([title()])), undecided(), Migrations(MAIN)),
        edit("a table that refers to a later one", vec![], two(refers(ForeignKeyAction::Cascade), author()), undecided(), Migrations(MAIN)),
        edit("a table less", two(author(), post([title()])), one(author()), undecided(), Migrations(&[])),
        edit("a table dropped", two(author(), post([title(), views()])), one(author()), dropping("post"), Migrations(MAIN)),
        edit("a table dropped that others refer to", two(author(), refers(ForeignKeyAction::Cascade)),
            one(post([title(), column("author_id").integer().take()])), dropping("author"), Migrations(MAIN)),
        edit("a table renamed, or another one", one(author()), one(post([])), undecided(),
            Asks(&["--rename author=post", "--drop author", "--keep author"])),
        edit("a table renamed", one(author()), one(post([])), renaming("author", "post"), Migrations(MAIN)),
        edit("a nullable column", one(post([title()])), one(post([title(), views()])), undecided(), Migrations(MAIN)),
        edit("a column with a default", one(post([title()])), one(post([title(), column("views").integer().not_null().default(0).take()])), undecided(), Migrations(MAIN)),
        edit("a text column with a default of quotes", one(post([title()])), one(post([title(), column("slug").string_len(9).not_null().default("it's").take()])), undecided(), Migrations(MAIN)),
        edit("a column with the current time", one(post([title()])), one(post([title(), column("at").timestamp().not_null().default(Expr::current_timestamp()).take()])), undecided(), Migrations(MAIN)),
        edit("a NOT NULL column", one(post([title()])), one(post([title(), column("slug").string_len(64).not_null().take()])), undecided(), Migrations(FILLED)),
        edit("a NOT NULL column with a given value", one(post([title()])), one(post([title(), column("slug").string_len(64).not_null().take()])), filling("post.slug", "lower(title)"), Migrations(FILLED)),
        edit("a NOT NULL time", one(post([title()])), one(post([title(), column("at").date_time().not_null().take()])), undecided(), Migrations(FILLED)),
        edit("a NOT NULL unique column", one(post([title()])), one(post([title(), column("slug").string_len(64).not_null().unique_key().take()])), undecided(), Refuses("--fill post.slug=SQL")),
        edit("a NOT NULL UUID", one(post([title()])), one(post([title(), column("token").uuid().not_null().take()])), undecided(), Refuses("--fill post.token=SQL")),
        edit("a column less", one(post([title(), views()])), one(post([title()])), undecided(), Migrations(&[])),
        edit("a NOT NULL column less", one(post([title(), column("slug").text().not_null().take()])), one(post([title()])), undecided(), Asks(&["--drop post.slug", "--keep post.slug"])),
        edit("a NOT NULL column that stays", one(post([title(), column("slug").text().not_null().take()])), one(post([title()])), keeping("post.slug"), Migrations(&[])),
        edit("a column dropped", one(post([title(), views()])), one(post([title()])), dropping("post.views"), Migrations(MAIN)),
        edit("a NOT NULL column dropped", one(post([title(), views()])), one(post([views()])), dropping("post.title"), Migrations(MAIN)),
        edit("an indexed column dropped", indexed(post([title(), views()]), vec![index(&["views", "title"], false)]), one(post([title()])), dropping("post.views"), Migrations(MAIN)),
        edit("a unique column dropped", one(post([title(), column("slug").string_len(9).unique_key().take()])), one(post([title()])), dropping("post.slug"), Migrations(MAIN)),
        edit("a column with a foreign key dropped", two(author(), refers(ForeignKeyAction::Cascade)), two(author(), post([title()])), dropping("post.author_id"), Migrations(MAIN)),
        edit("a column renamed, or another one", one(post([title()])), one(post([column("headline").string_len(64).not_null().take()])), undecided(),
            Asks(&["--rename post.title=headline", "--drop post.title", "--keep post.title"])),
        edit("a column renamed", one(post([title()])), one(post([column("headline").string_len(64).not_null().take()])), renaming("post.title", "headline"), Migrations(MAIN)),
        edit("a column renamed and wider", one(post([title()])), one(post([column("headline").text().not_null().take()])), renaming("post.title", "headline"), Migrations(MAIN)),
        edit("a wider text", one(post([title()])), one(post([column("title").string_len(128).not_null().take()])), undecided(), Migrations(MAIN)),
        edit("text in place of a number", one(post([views()])), one(post([column("views").text().take()])), undecided(), Migrations(MAIN)),
        edit("a narrower text", one(post([title()])), one(post([column("title").string_len(32).not_null().take()])), undecided(), Asks(&["--drop post.title", "--keep post.title"])),
        edit("a narrower text that stays", one(post([title()])), one(post([column("title").string_len(32).not_null().take()])), keeping("post.title"), Migrations(&[])),
        edit("a text that no longer says its length", one(post([title()])), one(post([column("title").string().not_null().take()])), undecided(), Migrations(&[])),
        edit("a length dropped", one(post([title()])), one(post([column("title").string().not_null().take()])), dropping("post.title.length"), Migrations(MAIN)),
        edit("a narrower text with consent", one(post([title()])), one(post([column("title").string_len(32).not_null().take()])), dropping("post.title"), Migrations(MAIN)),
        edit("a number in place of text", one(post([title()])), one(post([column("title").integer().not_null().take()])), dropping("post.title"), Migrations(MAIN)),
        edit("a truth value in place of a number", one(post([column("views").integer().default(1).take()])), one(post([column("views").boolean().default(true).take()])), dropping("post.views"), Migrations(MAIN)),
        edit("a time in place of a day", one(post([column("at").date().take()])), one(post([column("at").timestamp_with_time_zone().take()])), dropping("post.at"), Migrations(MAIN)),
        edit("NULL allowed", one(post([title()])), one(post([column("title").string_len(64).take()])), undecided(), Migrations(MAIN)),
        edit("NULL forbidden", one(post([views()])), one(post([column("views").integer().not_null().take()])), undecided(), Migrations(&["fill", "not_null"])),
        edit("a default", one(post([views()])), one(post([column("views").integer().default(0).take()])), undecided(), Migrations(MAIN)),
        edit("another default", one(post([column("views").integer().default(0).take()])), one(post([column("views").integer().default(1).take()])), undecided(), Migrations(MAIN)),
        edit("a default less", one(post([column("views").integer().default(0).take()])), one(post([views()])), undecided(), Migrations(&[])),
        edit("a default dropped", one(post([column("views").integer().default(0).take()])), one(post([views()])), dropping("post.views.default"), Migrations(MAIN)),
        edit("an index", one(post([title(), views()])), indexed(post([title(), views()]), vec![index(&["title", "views"], false)]), undecided(), Migrations(INDEX)),
        edit("an index that another covers", indexed(post([title(), views()]), vec![index(&["title", "views"], true)]), indexed(post([title(), views()]), vec![index(&["title", "views"], true), index(&["title"], false)]), undecided(), Migrations(INDEX)),
        edit("a JSON column dropped", one(post([title(), column("extra").json().take()])), one(post([title()])), dropping("post.extra"), Migrations(MAIN)),
        edit("a table with JSON dropped", two(author(), post([column("extra").json().not_null().take()])), one(author()), dropping("post"), Migrations(MAIN)),
        edit("a unique index", one(post([title(), views()])), indexed(post([title(), views()]), vec![index(&["title", "views"], true)]), undecided(), Migrations(INDEX)),
        edit("a unique column in place of a plain one", one(post([title()])), one(post([title().unique_key().take()])), undecided(), Migrations(INDEX)),
        edit("a plain column in place of a unique one", one(post([title().unique_key().take()])), one(post([title()])), dropping("post.unique(title)"), Migrations(MAIN)),
        edit("an index less", indexed(post([title()]), vec![index(&["title"], false)]), one(post([title()])), undecided(), Migrations(&[])),
        edit("an index dropped", indexed(post([title()]), vec![index(&["title"], false)]), one(post([title()])), dropping("post.idx-post-title"), Migrations(INDEX)),
        edit("a unique index less", indexed(post([title()]), vec![index(&["title"], true)]), one(post([title()])), undecided(), Asks(&["--drop post.idx-post-title", "--keep post.idx-post-title"])),
        edit("a foreign key", two(author(), post([title(), column("author_id").integer().take()])), two(author(), refers(ForeignKeyAction::Cascade)), undecided(), Migrations(MAIN)),
        edit("a foreign key less", two(author(), refers(ForeignKeyAction::Cascade)), two(author(), post([title(), column("author_id").integer().take()])), undecided(),
            Asks(&["--drop post.fk-post-author_id", "--keep post.fk-post-author_id"])),
        edit("a foreign key dropped", two(author(), refers(ForeignKeyAction::Cascade)), two(author(), post([title(), column("author_id").integer().take()])), dropping("post.fk-post-author_id"), Migrations(MAIN)),
        edit("another action of a foreign key", two(author(), refers(ForeignKeyAction::Cascade)), two(author(), refers(ForeignKeyAction::SetNull)), undecided(), Migrations(MAIN)),
        edit("a column with a foreign key", two(author(), post([title()])), two(author(), refers(ForeignKeyAction::Cascade)), undecided(), Migrations(MAIN)),
        edit("an enum", one(post([title()])), one(post([title(), status(&["draft", "live"])])), undecided(), Migrations(MAIN)),
        edit("a table with an enum", vec![], one(post([title(), status(&["draft", "live"])])), undecided(), Migrations(MAIN)),
        edit("a table dropped that one which stays refers to", two(author(), refers(ForeignKeyAction::Cascade)), one(keyed(&["a"]).table("other").take()),
            Decisions { keeps: ["post".to_owned()].into(), ..dropping("author") }, Refuses("--drop post")),
        edit("a NOT NULL column beside a CHECK", one(checked(&[])), one(checked(&["slug"])), undecided(), Migrations(FILLED)),
        edit("a CHECK dropped", one(checked(&[])), one(post([title(), views()])), dropping("post.post_views_check"), Migrations(MAIN)),
        edit("another primary key", one(post([title()])), one(by_id_and_title()), undecided(), Migrations(MAIN)),
        edit("a column more in the primary key", one(keyed(&["a"])), one(keyed(&["a", "b"])), undecided(), Migrations(MAIN)),
        edit("a column less in the primary key", one(keyed(&["a", "b"])), one(keyed(&["b"])), undecided(), Migrations(MAIN)),
        edit("another order of the primary key", one(keyed(&["a", "b"])), one(keyed(&["b", "a"])), undecided(), Migrations(&[])),
        edit("a new column as primary key", one(keyed(&["a"])), one(keyed_by_new()), filling("post.slug", "CAST(a AS CHAR(9))"), Migrations(FILLED)),
        edit("a counted primary key that becomes another one", one(post([title()])), one(by_title()), dropping("post.id"), Migrations(MAIN)),
        edit("a primary key that refers to another table", two(author(), by_author(&["author_id"])), two(author(), by_author(&["author_id", "title"])), undecided(), Migrations(MAIN)),
        edit("another primary key that a table refers to", two(named_author(false), refers(ForeignKeyAction::Cascade)), two(named_author(true), refers(ForeignKeyAction::Cascade)), undecided(), Refuses("post refers to it")),
    ];
    if server != MySqlOrMariaDb {
        edits.push(edit("a unique text of any length in place of a plain one", one(post([ColumnDef::new("title").text().not_null().take()])), indexed_text(), undecided(), Migrations(INDEX)));
        edits.push(edit("a plain text of any length in place of a unique one", indexed_text(), one(post([ColumnDef::new("title").text().not_null().take()])), dropping("post.idx-post-title"), Migrations(INDEX)));
    }
    if server == Postgres {
        let status = |label| status(&["draft", "live", "gone"]).default(label).take();
        edits.push(edit("the last column of an enum dropped", one(post([title(), self::status(&["draft", "live"])])), one(post([title()])), dropping("post.status"), Migrations(MAIN)));
        edits.push(edit("a label more that is the default", one(post([self::status(&["draft", "live"])])), one(post([status("gone")])), undecided(), Migrations(MAIN)));
    }
    // PostgreSQL undoes all of a migration that fails.
    if server != Postgres {
        let short = column("title").string_len(32).not_null().take();
        edits.push(edit("a narrower text and a column more", one(post([title()])), one(post([short, views()])), dropping("post.title"), Migrations(&["", "narrow"])));
    }
    // SQLite stores a label as text, and counts each whole number that is the key.
    if server != Sqlite {
        edits.push(edit("a label more", one(post([status(&["draft", "live"])])), one(post([status(&["draft", "live", "gone"])])), undecided(), Migrations(MAIN)));
        edits.push(edit("a label less", one(post([status(&["draft", "live"])])), one(post([status(&["draft"])])), dropping("post.status"), Migrations(MAIN)));
        edits.push(edit("a primary key that counts", one(plain_key()), one(post([title()])), undecided(), Migrations(MAIN)));
        edits.push(edit("a primary key that no longer counts", one(post([title()])), one(plain_key()), undecided(), Migrations(MAIN)));
        edits.push(edit("a wider number", one(post([views()])), one(post([column("views").big_integer().take()])), undecided(), Migrations(MAIN)));
    }
    edits
}

#[rstest]
#[tokio::test]
async fn every_edit_gets_what_it_needs(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let mut failures = Vec::new();
    for Edit { name, one, two, decisions, expected } in edits(server) {
        let outcome = from_one_to_two(&db, &one, &two, decisions, None).await;
        let is_as_expected = match (&outcome, &expected) {
            (Ok(found), Migrations(expected)) => suffixes(found) == *expected,
            (Err(GenerateError::Undecided(questions)), Asks(expected)) => {
                let answers = questions.iter().flat_map(|question| &question.answers);
                answers.map(Answer::to_string).collect::<Vec<_>>() == *expected
            }
            (Err(error), Refuses(sentence)) => error.to_string().contains(sentence),
            _ => false,
        };
        if !is_as_expected {
            let found = outcome.map(|found| (suffixes(&found).join(", "), found.notes, code(&found.migrations)));
            failures.push(match found {
                Ok((suffixes, notes, code)) => format!("{name}: [{suffixes}] {notes:?}\n{code}"),
                Err(error) => format!("{name}: {error}"),
            });
        }
        clear(&db, server).await;
    }
    assert!(failures.is_empty(), "{} edits\n\n{}", failures.len(), failures.join("\n\n"));
}

fn suffixes(found: &sea_orm_kit::generate::MissingMigrations) -> Vec<&'static str> {
    found.migrations.iter().map(|migration| migration.suffix.unwrap_or_default()).collect()
}

fn code(migrations: &[sea_orm_kit::generate::NewMigration]) -> String {
    migrations.iter().map(|migration| migration.code("sea_orm_runner")).collect()
}
