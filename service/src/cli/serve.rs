//! `call-log serve`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use clap::Args;
use sea_orm_connect::{ConnectError, UrlError};
use sea_orm_drift::Verbosity;
use sea_orm_kit::cli::{AcceptArgs, DatabaseArgs, Exit, Format, Progress, SettingsArgs, may_start, print_text};
use sea_orm_runner::{Runner, Stop};
use service::{
    cost_totals::Keeper,
    server::{
        self, AppState, OnDrift, SchemaState, SchemaWatch, Supervisor, WatchConfig,
        config::{Config, ConfigArgs},
    },
    worker::Finaliser,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{finalise::warn_where_nothing_is_fetched, format::format_of};

/// How long the finaliser may take to release its leases.
const RELEASE_GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// What to do about a schema that would break the program.
    #[arg(long, value_enum, default_value_t)]
    on_drift: OnDrift,

    /// Apply all pending migrations first, as `migrate up` does.
    #[arg(long)]
    migrate: bool,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    settings: SettingsArgs,

    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

pub(super) async fn run(args: &ServeArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let config = args.config.read()?;
    let stop = Stop::on_signals().context("cannot handle signals")?;
    let _log = server::logging::init(&config);
    let finaliser = Finaliser::new(config.finaliser_settings()?)?;
    let metrics = server::install_metrics_recorder().context("cannot set up metrics")?;
    let schema =
        SchemaWatch::new(watch_config(args, database, format_of(&config), &stop)?).with_pools(config.database.clone());
    let app = AppState::new(config, args.on_drift, schema, metrics);
    if args.on_drift != OnDrift::NotReady {
        let first = if args.migrate {
            app.schema_watch().check().await // a migration stops by itself
        } else {
            tokio::select! {
                first = app.schema_watch().check() => first,
                () = stop.requested() => return Ok(Exit::Success),
            }
        };
        match first?.as_ref() {
            SchemaState::Drifted(report) if args.on_drift == OnDrift::Refuse => {
                let target = database.url()?.map(|url| url.to_string()).unwrap_or_default();
                print_text(&report.as_ref().clone().against(target), Verbosity::Normal, &may_start(report))?;
                return Ok(Exit::Drift);
            }
            _ => {}
        }
    }
    let finaliser = Some(finaliser).filter(|_| app.config().finaliser.enabled);
    if let Some(finaliser) = &finaliser {
        warn_where_nothing_is_fetched(finaliser);
    }
    let listener = listen(app.config(), "--listen").await?;
    serve(&app, listener, finaliser, &stop).await?;
    Ok(Exit::Success)
}

fn watch_config(args: &ServeArgs, database: &DatabaseArgs, format: Format, stop: &Stop) -> anyhow::Result<WatchConfig> {
    let accepted = args.accept.read()?;
    let url = database.url()?.ok_or(ConnectError::Url(UrlError::NotNamed))?;
    let migrate = if args.migrate {
        let progress = Progress::new(format, false);
        let runner = Runner::new().with_settings((&args.settings).into()).with_stop(stop.clone());
        Some((runner.with_listener(move |event| progress.show(event)), database.url_to_migrate()?))
    } else {
        None
    };
    let schema = database.schema().map(str::to_owned);
    Ok(WatchConfig { url, schema, migrate, apply_accepted: Box::new(move |report| accepted.apply(report)) })
}

/// Binds the configured address; `flag` sets another.
pub(super) async fn listen(config: &Config, flag: &str) -> anyhow::Result<TcpListener> {
    bind(config.listen, flag).await
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    let failed = || format!("cannot listen on `{address}`; choose another address with `{flag}`");
    TcpListener::bind(address).await.with_context(failed)
}

/// Serves until somebody wants to stop.
pub(super) async fn serve(
    app: &AppState,
    listener: TcpListener,
    finaliser: Option<Finaliser>,
    stop: &Stop,
) -> anyhow::Result<()> {
    tracing::info!(address = %listener.local_addr().context("the address is not known")?, "listening");
    let admin = match app.config().admin_listen {
        Some(address) => Some(bind(address, "--admin-listen").await?),
        None => None,
    };
    if let Some(admin) = &admin {
        tracing::info!(address = %admin.local_addr().context("the address is not known")?, "probes and metrics");
    }
    let token = CancellationToken::new();
    let mut tasks = Supervisor::new(app.task_health().clone(), token.clone());
    tasks.spawn("schema-watch", Duration::MAX, {
        // It ends at once, or when the running migration has stopped by itself.
        let (app, stop) = (app.clone(), stop.clone());
        move || {
            let (app, stop) = (app.clone(), stop.clone());
            async move { app.schema_watch().run(&stop).await }
        }
    });
    tasks.spawn("metrics-upkeep", RELEASE_GRACE, {
        let (app, token) = (app.clone(), token.clone());
        move || server::run_metrics_upkeep(app.clone(), token.clone())
    });
    if app.config().database.read_url.is_some() {
        tasks.spawn("replica-watch", RELEASE_GRACE, {
            let (app, token) = (app.clone(), token.clone());
            move || server::run_replica_watch(app.clone(), token.clone())
        });
    }
    tasks.spawn("cost-totals", RELEASE_GRACE, {
        let (app, token) = (app.clone(), token.clone());
        move || {
            let (app, token) = (app.clone(), token.clone());
            async move {
                tokio::select! {
                    () = keep_cost_totals(&app) => {}
                    () = token.cancelled() => {}
                }
            }
        }
    });
    if let Some(finaliser) = finaliser.map(Arc::new) {
        let (app, stop) = (app.clone(), stop.clone());
        let run = move || finalise(Arc::clone(&finaliser), app.clone(), stop.clone());
        tasks.spawn("finaliser", RELEASE_GRACE, run);
    }
    let of_address = app.config().connections_per_address;
    let public = server::serve_limited(listener, server::router(app), of_address, stop.requested());
    if let Some(admin) = admin {
        let admin = server::serve(admin, server::admin_router(app), stop.requested());
        tokio::join!(public, admin);
    } else {
        public.await;
    }
    token.cancel();
    tasks.join().await;
    tracing::info!("stopped");
    Ok(())
}

/// Keeps the totals of costs while the service is ready.
async fn keep_cost_totals(app: &AppState) {
    let mut seen = app.schema_watch().follow();
    let mut keeper = Keeper::default();
    loop {
        match app.background_db() {
            Some(db) => tokio::time::sleep(keeper.work(db).await).await,
            None => drop(seen.changed().await),
        }
    }
}

/// Finalises calls while the service is ready.
async fn finalise(finaliser: Arc<Finaliser>, app: AppState, stop: Stop) {
    while stop.signal().is_none() {
        match app.background_db() {
            Some(db) => finaliser.run(db, wait_while_readiness_is(true, &app, &stop)).await,
            None => wait_while_readiness_is(false, &app, &stop).await,
        }
    }
}

/// Waits while the service is ready, or while it is not; a request to stop ends it, too.
async fn wait_while_readiness_is(is_ready: bool, app: &AppState, stop: &Stop) {
    let mut seen = app.schema_watch().follow();
    while app.background_db().is_some() == is_ready && stop.signal().is_none() {
        tokio::select! {
            _ = seen.changed() => {}
            () = stop.requested() => {}
        }
    }
}
