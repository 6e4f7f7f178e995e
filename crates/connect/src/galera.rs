//! Galera: several nodes of MariaDB, Percona `XtraDB` Cluster or MySQL that hold the same data and all take writes.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};

/// Whether the server is a node of a Galera cluster. A MariaDB outside a cluster has the same variables, and names no
/// provider.
///
/// # Errors
/// If the server cannot be asked.
pub async fn is_node(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    if db.get_database_backend() != DbBackend::MySql {
        return Ok(false);
    }
    is_node_answer(&db.query_all_raw(node_query()).await?)
}

/// Asks a server for what [`is_node_answer`] reads. Not `SELECT @@wsrep_on`, which MySQL does not know.
pub fn node_query() -> Statement {
    let sql = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', 'wsrep_provider')";
    Statement::from_string(DbBackend::MySql, sql)
}

/// Whether the answer to [`node_query`] is that of a node.
///
/// # Errors
/// If it is not an answer to that question.
pub fn is_node_answer(rows: &[QueryResult]) -> Result<bool, DbErr> {
    let values = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    Ok(is_wsrep_active(&values.collect::<Result<Vec<(String, String)>, DbErr>>()?))
}

/// Lets what follows in this transaction, which has read nothing yet, see all that was committed on other nodes: inside a
/// transaction nothing waits for it.
///
/// # Errors
/// If the node does not catch up in time, or the connection breaks.
pub(crate) async fn restart_after_sync_wait(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if is_node(transaction).await? {
        let wait = "ROLLBACK; SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM information_schema.ENGINES; \
                    SET SESSION wsrep_sync_wait = DEFAULT; START TRANSACTION";
        transaction.execute_unprepared(wait).await?;
    }
    Ok(())
}

fn is_wsrep_active(variables: &[(String, String)]) -> bool {
    let value = |wanted: &str| variables.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, v)| v);
    let is_on = value("wsrep_on").is_some_and(|on| on.eq_ignore_ascii_case("on"));
    is_on && value("wsrep_provider").is_some_and(|provider| !["", "none"].contains(&provider.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_known_by_its_provider() {
        let says = |variables: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            is_wsrep_active(&variables.iter().map(owned).collect::<Vec<_>>())
        };
        assert!(says(&[("wsrep_on", "ON"), ("wsrep_provider", "/usr/lib/galera/libgalera_smm.so")]));
        assert!(!says(&[("wsrep_on", "OFF"), ("wsrep_provider", "none")]), "MariaDB alone");
        assert!(!says(&[("wsrep_on", "ON"), ("wsrep_provider", "none")]), "switched on without a provider");
        assert!(!says(&[]), "MySQL");
    }
}
