//! `generate --rolling`: nothing is written that would break a release which may still run.

use rstest::rstest;
use sea_orm_drift::Record;
use sea_orm_kit::generate::{Decisions, GenerateError, Release, find_missing_migrations};
use sea_orm_migration::sea_orm::sea_query::ColumnDef;
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{Declared, clear, edits::*, entities, scratch};

/// An edit, and a part of the refusal; `None` if it is written.
type Case = (&'static str, Declared, Declared, Decisions, Option<&'static str>);

fn cases(server: Server) -> Vec<Case> {
    let short = || column("title").string_len(20).not_null().take();
    let long = || column("title").string_len(200).not_null().take();
    let nullable = || column("title").string_len(64).take();
    let slug = || column("slug").string_len(64).not_null().take();
    let mut cases = vec![
        (
            "a column dropped",
            one(post([title(), views()])),
            one(post([title()])),
            dropping("post.views"),
            Some("release 1.2 needs `post.views` as it is: every read of post fails"),
        ),
        (
            "a column renamed",
            one(post([title()])),
            one(post([column("headline").string_len(64).not_null().take()])),
            renaming("post.title", "headline"),
            Some("release 1.2 needs `post.title` as it is: every read of post fails"),
        ),
        (
            "a table dropped",
            two(post([title()]), author()),
            one(post([title()])),
            dropping("author"),
            Some("release 1.2 needs the table `author`: every query on author fails"),
        ),
        (
            "a table renamed",
            one(author()),
            one(post([])),
            renaming("author", "post"),
            Some("release 1.2 needs the table `author`: every query on author fails"),
        ),
        (
            "a narrower text",
            one(post([title()])),
            one(post([short()])),
            dropping("post.title"),
            Some("release 1.2 needs `post.title` as varchar(64): "),
        ),
        (
            "a number in place of text",
            one(post([title()])),
            one(post([column("title").integer().not_null().take()])),
            dropping("post.title"),
            Some("release 1.2 needs `post.title` as varchar(64): "),
        ),
        (
            "NULL forbidden",
            one(post([nullable()])),
            one(post([title()])),
            undecided(),
            Some("release 1.2 needs `post.title` to allow NULL: "),
        ),
        (
            "a NOT NULL column",
            one(post([title()])),
            one(post([title(), slug()])),
            undecided(),
            Some("release 1.2 does not set `post.slug`: every insert into post fails"),
        ),
        (
            "a unique column that may repeat",
            one(post([slug().unique_key().take()])),
            one(post([slug()])),
            dropping("post.unique(slug)"),
            Some("release 1.2 needs `post (slug)` as it is: "),
        ),
        ("a table more", one(post([title()])), two(post([title()]), author()), undecided(), None),
        ("a nullable column", one(post([title()])), one(post([title(), views()])), undecided(), None),
        (
            "a column with a default",
            one(post([title()])),
            one(post([title(), slug().default("").take()])),
            undecided(),
            None,
        ),
        ("a wider text", one(post([title()])), one(post([long()])), undecided(), None),
        ("an index", one(post([title()])), indexed(post([title()]), vec![index(&["title"], false)]), undecided(), None),
        ("NULL allowed", one(post([title()])), one(post([nullable()])), undecided(), None),
    ];
    if server != Sqlite {
        cases.push((
            "a label less",
            one(post([status(&["draft", "live"])])),
            one(post([status(&["draft"])])),
            dropping("post.status"),
            Some("release 1.2 needs the labels live of `post.status`: "),
        ));
    }
    cases
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn release(declared: &Declared) -> Release {
    Release { name: "release 1.2".to_owned(), record: Record::of(&entities(declared), []) }
}

#[rstest]
#[tokio::test]
async fn what_a_release_needs_stays(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let mut failures = Vec::new();
    for (name, one, two, decisions, refused) in cases(server) {
        find_missing_migrations(&db, &entities(&one), Decisions::default(), &[], None).await.unwrap();
        let decisions = Decisions { releases: vec![release(&two), release(&one)], ..decisions };
        let outcome = find_missing_migrations(&db, &entities(&two), decisions, &[], None).await;
        let is_as_expected = match (&outcome, refused) {
            (Ok(found), None) => !found.migrations.is_empty(),
            (Err(error @ GenerateError::Breaks(breaks)), Some(sentence)) => {
                error.to_string().contains(sentence) && breaks.iter().all(|it| it.help.contains("contract: "))
            }
            _ => false,
        };
        if !is_as_expected {
            let found = outcome.map(|found| format!("written, {:?}", found.remarks));
            failures.push(format!("{name}: {}", found.unwrap_or_else(|error| error.to_string())));
        }
        clear(&db, server).await;
    }
    assert!(failures.is_empty(), "{} edits\n\n{}", failures.len(), failures.join("\n\n"));
}

#[tokio::test]
async fn what_may_break_a_release_is_told() {
    let Some((db, _database)) = scratch(Sqlite).await else { return };
    let (before, after) = (one(post([title()])), one(post([column("title").string_len(64).take()])));
    find_missing_migrations(&db, &entities(&before), Decisions::default(), &[], None).await.unwrap();
    let decisions = Decisions { releases: vec![release(&before)], ..undecided() };
    let found = find_missing_migrations(&db, &entities(&after), decisions, &[], None).await.unwrap();
    let told = "release 1.2 may still run, and post.title changes for it: reading a row of post fails if title is NULL";
    assert_eq!(found.remarks, [told]);
}

#[tokio::test]
async fn what_broke_a_release_before_is_not_asked_again() {
    let Some((db, _database)) = scratch(Sqlite).await else { return };
    let old = one(post([title(), column("gone").integer().take()]));
    find_missing_migrations(&db, &entities(&one(post([title()]))), Decisions::default(), &[], None).await.unwrap();
    let decisions = Decisions { releases: vec![release(&old)], ..undecided() };
    let found =
        find_missing_migrations(&db, &entities(&one(post([title(), views()]))), decisions, &[], None).await.unwrap();
    assert_eq!(found.migrations.len(), 1);
}
