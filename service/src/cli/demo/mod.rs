//! `call-log demo`: made-up calls in a SQLite file, to look at all that there is to see with one command.

mod calls;
mod conversations;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use chrono::Utc;
use clap::Args;
use entity::call_log;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, DbConn, DbErr, EntityTrait, TransactionTrait};
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, connect};
use sea_orm_kit::{
    cli::{Exit, Format, print_error},
    print_line,
};
use sea_orm_runner::Stop;
use service::server::{self, AppState, OnDrift, SchemaWatch, WatchConfig, config::Config, logging};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::serve;

/// How many rows a statement inserts: SQLite takes so many values, and no more.
const ROWS: usize = 500;

/// The SHA-256 of `demo`, which may see all businesses.
const TOKENS: &str = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea=*";

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Number of sample calls.
    #[arg(long, value_name = "NUMBER", default_value = "4000")]
    calls: u32,

    /// Seed of the sample calls: the same seed makes the same calls.
    #[arg(long, value_name = "NUMBER", default_value = "7")]
    seed: u64,

    /// Keep the database in this file, which must not exist yet. By default the database is temporary.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Port of the loopback interface to serve on; 0 for any free port.
    #[arg(long, value_name = "NUMBER", default_value = "8080")]
    port: u16,

    /// Create the calls in `--file` and exit.
    #[arg(long, requires = "file")]
    fill_only: bool,
}

/// A database, for as long as it is needed.
struct DemoDatabase {
    url: DatabaseUrl,
    /// As a person would type it.
    shown: String,
    /// Removed in the end.
    _folder: Option<TempDir>,
}

pub(super) async fn run(args: &DemoArgs) -> anyhow::Result<Exit> {
    if let Some(file) = args.file.as_ref().filter(|file| file.symlink_metadata().is_ok()) {
        let message =
            format!("`{}` already exists, and the demo does not change existing files: name another", file.display());
        print_error(Format::Text, &message, Exit::Configuration);
        return Ok(Exit::Configuration);
    }
    let config = config(args.port)?;
    // Before anything is made: the port may be taken.
    let listener = if args.fill_only { None } else { Some(serve::listen(&config, "--port").await?) };
    let database = database(args.file.clone())?;
    let stop = Stop::on_signals()?;
    let db = connect(&database.url, None, Access::ReadWrite).await?;
    Migrator::up(&db, None).await?;
    fill(&db, calls::make_up_calls(args.calls, args.seed, Utc::now().naive_utc())).await?;
    print_line(&format!("created {} sample calls in {}", args.calls, database.shown));
    db.close().await?;
    if let Some(listener) = listener {
        serve(&database, config, listener, &stop).await?;
    }
    Ok(Exit::Success)
}

fn database(file: Option<PathBuf>) -> anyhow::Result<DemoDatabase> {
    let folder = if file.is_none() { Some(TempDir::with_prefix("call-log-demo-")?) } else { None };
    let file = file.or_else(|| folder.as_ref().map(|folder| folder.path().join("calls.db"))).unwrap_or_default();
    let shown = format!("sqlite://{}", file.display());
    let url = format!("{shown}?mode=rwc").parse().map_err(ConnectError::Url)?;
    Ok(DemoDatabase { url, shown, _folder: folder })
}

/// In one transaction, so that nobody finds half of it.
async fn fill(db: &DbConn, calls: Vec<call_log::Model>) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    let mut calls = calls.into_iter().map(|call| call_log::ActiveModel::from(call).reset_all()).peekable();
    while calls.peek().is_some() {
        let rows = calls.by_ref().take(ROWS);
        call_log::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    }
    transaction.commit().await
}

fn config(port: u16) -> anyhow::Result<Config> {
    Ok(Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        log_filter: "warn".parse()?,
        tokens: TOKENS.parse().map_err(anyhow::Error::msg)?,
        ..Config::default()
    })
}

/// The page and the API of the made-up calls, until somebody wants to stop.
async fn serve(database: &DemoDatabase, config: Config, listener: TcpListener, stop: &Stop) -> anyhow::Result<()> {
    let _log = logging::init(&config);
    let watched = WatchConfig {
        url: database.url.clone(),
        schema: None,
        migrate: None,
        apply_accepted: Box::new(|report| report),
    };
    let app = AppState::new(config, OnDrift::Refuse, SchemaWatch::new(watched), server::install_metrics_recorder()?);
    app.schema_watch().check().await?;
    print_line(&format!(
        "open http://{}/calls and log in with the token `demo`; Ctrl-C stops the server",
        listener.local_addr()?
    ));
    serve::serve(&app, listener, None, stop).await
}
