//! What a transaction of PostgreSQL did: its locks, the files of its tables, and the rows that it read and changed.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use sea_orm_plan::{Lock, LockMode, Work};

use super::super::{all, one};

/// A relation in the catalog and the statistics of this transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    name: String,
    file: i64,
    read: i64,
    changed: i64,
}

pub(super) async fn look(db: &DatabaseTransaction) -> BTreeMap<i64, Seen> {
    let sql = "SELECT relation.oid::int8, relation.relname::text, relfilenode::int8, COALESCE(seq_scan + idx_scan, seq_scan, 0)::int8, \
               COALESCE(n_tup_ins + n_tup_upd + n_tup_del, 0)::int8 \
               FROM pg_class AS relation LEFT JOIN pg_stat_xact_user_tables AS counted ON counted.relid = relation.oid \
               WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let mut seen = BTreeMap::new();
    for row in &rows {
        let (name, file): (String, i64) = (row.try_get_by_index(1).unwrap(), row.try_get_by_index(2).unwrap());
        let (read, changed) = (row.try_get_by_index(3).unwrap(), row.try_get_by_index(4).unwrap());
        seen.insert(row.try_get_by_index(0).unwrap(), Seen { name, file, read, changed });
    }
    seen
}

/// The strongest lock of this session on each relation that was there before.
pub(super) async fn locks(db: &DatabaseTransaction, before: &BTreeMap<i64, Seen>) -> BTreeMap<String, LockMode> {
    let sql =
        "SELECT relation::int8 || ' ' || mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'";
    let mut strongest: BTreeMap<String, LockMode> = BTreeMap::new();
    for line in all::<String>(db, sql).await {
        let (relation, mode) = line.split_once(' ').unwrap();
        let Some(seen) = before.get(&relation.parse().unwrap()) else { continue };
        let known = strongest.entry(seen.name.clone()).or_insert(LockMode::AccessShare);
        *known = self::mode(mode).max(*known);
    }
    strongest
}

/// The mode that `pg_locks` calls so.
pub(super) fn mode(name: &str) -> LockMode {
    match name {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        other => panic!("{other}"),
    }
}

pub(super) async fn work(db: &DatabaseTransaction, before: &BTreeMap<i64, Seen>, after: &BTreeMap<i64, Seen>) -> Work {
    let both: Vec<_> = before.iter().filter_map(|(relation, before)| Some((before, after.get(relation)?))).collect();
    if both.iter().any(|(before, after)| after.changed > before.changed) {
        return Work::ChangesRows;
    }
    if let Some((_, after)) = both.iter().find(|(before, after)| after.file != before.file) {
        // An empty file is not a copy.
        let has_rows: bool = one(db, &format!("SELECT EXISTS (SELECT FROM \"{}\")", after.name)).await;
        return if has_rows { Work::RewritesTable } else { Work::ChangesRows };
    }
    let is_read = both.iter().any(|(before, after)| after.read > before.read);
    if is_read { Work::ReadsTable } else { Work::Metadata }
}

/// The plan may leave out locks that only schema changes wait for.
pub(super) fn matters(mode: LockMode) -> bool {
    mode > LockMode::RowShare
}

pub(super) fn planned(locks: &[Lock]) -> BTreeMap<String, LockMode> {
    let named = locks.iter().map(|lock| (lock.table.clone().unwrap(), lock.mode));
    named.filter(|(_, mode)| matters(*mode)).collect()
}
