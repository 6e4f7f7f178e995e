//! The objects that `--rename`, `--drop` and `--keep` name: what is suggested is accepted, and what is not there is refused.

use rstest::rstest;
use sea_orm_kit::generate::{Answer, Decisions, GenerateError, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbConn,
    sea_query::{ColumnDef, ForeignKey, IntoTableRef, Table},
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    Declared,
    edits::{author, dropping, index, indexed, keeping, one, post, renaming, title, two, undecided, views},
    entities, from_one_to_two, scratch,
};

#[rstest]
#[tokio::test]
async fn what_is_not_there_is_neither_dropped_nor_kept(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let (one, two) = (one(post([title(), views()])), one(post([title()])));
    find_missing_migrations(&db, &entities(&one), undecided(), &[], None).await.unwrap();
    for (decisions, sentence) in [
        (dropping("post.veiws"), "post has no column, index or constraint veiws, which --drop post.veiws names"),
        (keeping("post.veiws"), "post has no column, index or constraint veiws, which --keep post.veiws names"),
        (dropping("article"), "there is no table article, which --drop article names"),
        (keeping("article"), "there is no table article, which --keep article names"),
        (keeping("article.title"), "there is no table article, which --keep article.title names"),
        (dropping("post.views.x"), "post has no column, index or constraint views.x"),
    ] {
        let found = find_missing_migrations(&db, &entities(&two), decisions, &[], None).await;
        let Err(GenerateError::Usage(found)) = found else { panic!("{sentence}: {found:?}") };
        assert!(found.starts_with(sentence), "{found}");
    }
    let found = find_missing_migrations(&db, &entities(&two), dropping("post.views"), &[], None).await.unwrap();
    assert_eq!(found.migrations.len(), 1);
}

/// A flag that would change nothing is a mistake, not a success.
#[rstest]
#[tokio::test]
async fn a_column_that_is_declared_is_neither_dropped_nor_kept(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let declared = entities(&one(post([title(), views()])));
    find_missing_migrations(&db, &declared, undecided(), &[], None).await.unwrap();
    for (decisions, flag) in [(dropping("post.views"), "--drop"), (keeping("post.views"), "--keep")] {
        let found = find_missing_migrations(&db, &declared, decisions, &[], None).await;
        let Err(GenerateError::Usage(found)) = found else { panic!("{flag}: {found:?}") };
        let sentence = format!(
            "the entity declares post.views as it is, so that {flag} post.views changes nothing: remove the field from the entity \
             first, or leave out the flag"
        );
        assert_eq!(found, sentence);
    }
}

#[rstest]
#[tokio::test]
async fn what_is_there_is_neither_renamed_to_nor_decided_twice(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let declared = || entities(&two(post([title(), views()]), author()));
    find_missing_migrations(&db, &declared(), undecided(), &[], None).await.unwrap();
    let both = Decisions { keeps: dropping("post.views").drops, ..dropping("post.views") };
    for (decisions, sentence) in [
        (renaming("post.title", "views"), "post has a column views already, which --rename post.title=views names"),
        (renaming("post.title", "title"), "post has a column title already, which --rename post.title=title names"),
        (renaming("post", "author"), "there is a table author already, which --rename post=author names"),
        (renaming("post", "post"), "there is a table post already, which --rename post=post names"),
        (both, "--drop post.views and --keep post.views contradict each other"),
        (
            dropping("author"),
            "an entity declares author, so that --drop author changes nothing: remove the entity first, or leave out the flag",
        ),
        (
            keeping("post"),
            "an entity declares post, so that --keep post changes nothing: remove the entity first, or leave out the flag",
        ),
    ] {
        let found = find_missing_migrations(&db, &declared(), decisions, &[], None).await;
        let Err(GenerateError::Usage(found)) = found else { panic!("{sentence}: {found:?}") };
        assert_eq!(found, sentence);
    }
}

/// All names may be those of before; and the foreign key goes with the table that it refers to.
#[rstest]
#[tokio::test]
async fn a_table_and_its_column_are_renamed_at_once(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values("author.name", "writer.name")] column: &str,
) {
    let Some((db, _database)) = scratch(server).await else { return };
    let declared = |table: &'static str, column: &'static str| {
        let id = ColumnDef::new("id").integer().not_null().auto_increment().primary_key().take();
        let target = Table::create().table(table).col(id).col(ColumnDef::new(column).text()).take();
        let mut key = ForeignKey::create().from("post", "author_id").to(table, "id").take();
        let post = post([title(), ColumnDef::new("author_id").integer().take()]).foreign_key(&mut key).take();
        two(target, post)
    };
    let (one, two) = (declared("author", "name"), declared("writer", "full_name"));
    let found = from_one_to_two(&db, &one, &two, undecided(), None).await;
    let Err(GenerateError::Undecided(questions)) = found else { panic!("{found:?}") };
    let asked: Vec<&str> = questions.iter().map(|question| question.what.as_str()).collect();
    assert_eq!(asked, ["no entity declares the table author any more, and writer is new"]);

    let renames = [("author", "writer"), (column, "full_name")].map(|(from, to)| (from.to_owned(), to.to_owned()));
    let decisions = Decisions { renames: renames.into(), ..undecided() };
    let found = find_missing_migrations(&db, &entities(&two), decisions, &[], None).await.unwrap();
    assert_eq!(found.migrations.len(), 1);
}

/// Production may know it by another name.
#[rstest]
#[tokio::test]
async fn a_constraint_that_goes_is_named(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let unique = one(post([title().unique_key().take(), views()]));
    find_missing_migrations(&db, &entities(&unique), undecided(), &[], None).await.unwrap();
    let plain = entities(&one(post([title(), views()])));
    let found = find_missing_migrations(&db, &plain, dropping("post.unique(title)"), &[], None).await.unwrap();
    let name = if server == MySqlOrMariaDb { "title" } else { "post_title_key" };
    let start = format!("it drops constraints by the names that they have after all migrations: {name} of post; ");
    assert!(found.remarks.iter().any(|remark| remark.starts_with(&start)), "{:?}", found.remarks);
}

#[tokio::test]
async fn tables_of_a_schema_that_an_entity_names_are_found() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let old = "CREATE SCHEMA audit; CREATE TABLE audit.old (id serial PRIMARY KEY, title varchar(64) NOT NULL)";
    db.execute_unprepared(old).await.unwrap();
    db.execute_unprepared("CREATE SCHEMA other; CREATE TABLE other.not_ours (id integer PRIMARY KEY)").await.unwrap();
    let declared = entities(&in_schema(one(post([title()]))));
    let answers: Vec<Answer> = match find_missing_migrations(&db, &declared, undecided(), &[], None).await {
        Err(GenerateError::Undecided(questions)) => {
            questions.into_iter().flat_map(|question| question.answers).collect()
        }
        other => panic!("{other:?}"),
    };
    let [Answer::Rename(from, to), Answer::Drop(_), Answer::Keep(_)] = <[Answer; 3]>::try_from(answers).unwrap() else {
        panic!("other answers")
    };
    let is_there = async || db.execute_unprepared("SELECT title FROM audit.old").await.is_ok();

    let found = find_missing_migrations(&db, &declared, renaming(&from, &to), &[], None).await.unwrap();
    assert_eq!((found.migrations.len(), is_there().await), (1, false), "renamed");
    found.migrations[0].down(&db).await.unwrap();
    assert!(is_there().await);

    let found = find_missing_migrations(&db, &declared, keeping("audit.old"), &[], None).await.unwrap();
    assert_eq!((found.migrations.len(), is_there().await), (1, true), "kept");
    let found = find_missing_migrations(&db, &declared, undecided(), &[], None).await.unwrap();
    assert_eq!(found.notes, ["no entity declares the table audit.old: it stays; --drop audit.old drops it"]);

    let found = find_missing_migrations(&db, &declared, dropping("audit.old"), &[], None).await.unwrap();
    assert_eq!((found.migrations.len(), is_there().await), (1, false), "dropped");
    found.migrations[0].down(&db).await.unwrap();
    assert!(is_there().await);
}

/// It could not be made again.
#[rstest]
#[case(
    Postgres,
    "CREATE TRIGGER counts BEFORE UPDATE ON old FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
)]
#[case(MySqlOrMariaDb, "CREATE TRIGGER counts AFTER INSERT ON old FOR EACH ROW UPDATE post SET title = 'new'")]
#[case(Sqlite, "CREATE TRIGGER counts AFTER INSERT ON old BEGIN UPDATE post SET title = 'new'; END")]
#[tokio::test]
async fn a_table_with_a_trigger_is_not_dropped(#[case] server: Server, #[case] trigger: &str) {
    let Some((db, _database)) = scratch(server).await else { return };
    let declared = entities(&one(post([title()])));
    find_missing_migrations(&db, &declared, undecided(), &[], None).await.unwrap();
    for sql in ["CREATE TABLE old (title varchar(255) NOT NULL)", trigger] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let found = find_missing_migrations(&db, &declared, dropping("old"), &[], None).await;
    let Err(GenerateError::Unproven(found)) = found else { panic!("{found:?}") };
    assert_eq!(found, "`down` leaves old in another state than before `up`");
}

/// The tables of the default schema need no name.
#[tokio::test]
async fn a_table_that_is_declared_with_the_default_schema_is_declared() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let mut declared = one(post([title()]));
    declared[0].0.table(("public", "post").into_table_ref());
    for _ in 0..2 {
        let found = find_missing_migrations(&db, &entities(&declared), undecided(), &[], None).await.unwrap();
        assert_eq!(found.notes, [""; 0]);
    }
}

/// The declarations with `post` in the schema `audit`.
fn in_schema(mut declared: Declared) -> Declared {
    for (table, indexes) in &mut declared {
        table.table(("audit", "post").into_table_ref());
        for index in indexes {
            index.table(("audit", "post"));
        }
    }
    declared
}

/// The answers to choose from.
async fn suggested(db: &DbConn, one: &Declared, two: &Declared) -> Vec<Answer> {
    db.execute_unprepared("CREATE SCHEMA audit").await.unwrap();
    let found = from_one_to_two(db, one, two, undecided(), None).await;
    db.execute_unprepared("DROP SCHEMA audit CASCADE").await.unwrap();
    match found {
        Err(GenerateError::Undecided(questions)) => {
            questions.into_iter().flat_map(|question| question.answers).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_suggested_for_a_table_in_a_schema_is_accepted() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let headline = || ColumnDef::new("headline").string_len(64).not_null().take();
    let renamed = (in_schema(one(post([title()]))), in_schema(one(post([headline()]))));
    let unique = in_schema(indexed(post([title()]), vec![index(&["title"], true)]));
    let without = (unique, in_schema(one(post([title()]))));
    let expected: [&[&str]; 2] = [
        &["--rename audit.post.title=headline", "--drop audit.post.title", "--keep audit.post.title"],
        &["--drop audit.post.idx-post-title", "--keep audit.post.idx-post-title"],
    ];
    for ((one, two), expected) in [renamed, without].into_iter().zip(expected) {
        let answers = suggested(&db, &one, &two).await;
        assert_eq!(answers.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        for answer in answers {
            let decisions = match answer.clone() {
                Answer::Rename(from, to) => renaming(&from, &to),
                Answer::Drop(object) | Answer::Convert(object) => dropping(&object),
                Answer::Keep(object) => keeping(&object),
            };
            db.execute_unprepared("CREATE SCHEMA audit").await.unwrap();
            let found = from_one_to_two(&db, &one, &two, decisions, None).await;
            assert!(found.is_ok(), "{answer}: {found:?}");
            db.execute_unprepared("DROP SCHEMA audit CASCADE").await.unwrap();
        }
    }
}

#[tokio::test]
async fn no_rename_to_another_schema_is_suggested() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    db.execute_unprepared("CREATE SCHEMA audit").await.unwrap();
    let (one, two) = (one(post([title()])), in_schema(one(post([title()]))));
    let found = from_one_to_two(&db, &one, &two, undecided(), None).await.unwrap();
    assert_eq!(found.notes, ["no entity declares the table post: it stays; --drop post drops it"]);
}
