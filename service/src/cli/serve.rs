//! `call-log serve`.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use sea_orm_connect::ConnectError;
use sea_orm_drift::Verbosity;
use sea_orm_kit::cli::{AcceptArgs, DatabaseArgs, Exit, Format, Progress, SettingsArgs, print_text};
use sea_orm_runner::{Runner, Stop};
use service::{
    finaliser::Finaliser,
    server::{
        self, App, OnDrift, SchemaWatch, State, Watched,
        config::{Config, ConfigArgs},
    },
};
use tokio::net::TcpListener;

use super::{finalise::warn_where_nothing_is_fetched, format_of};

/// How long the finaliser may take to give back its calls.
const GIVING_BACK: Duration = Duration::from_secs(10);

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
    let stop = Stop::on_signals().context("signals cannot be handled")?;
    server::log::begin(&config);
    let finaliser = Finaliser::new(config.finaliser_settings()?)?;
    let metrics = server::metrics().context("metrics cannot be counted")?;
    let schema = SchemaWatch::new(watched(args, database, format_of(&config), &stop)?);
    let app = App::new(config, args.on_drift, schema, metrics);
    if args.on_drift != OnDrift::NotReady {
        let first = if args.migrate {
            app.schema().look().await // a migration stops by itself
        } else {
            tokio::select! {
                first = app.schema().look() => first,
                () = stop.requested() => return Ok(Exit::Success),
            }
        };
        match first?.as_ref() {
            State::Drifted(report) if args.on_drift == OnDrift::Refuse => {
                let target = database.url()?.map(|url| url.to_string()).unwrap_or_default();
                print_text(&report.as_ref().clone().against(target), Verbosity::Normal)?;
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

fn watched(args: &ServeArgs, database: &DatabaseArgs, format: Format, stop: &Stop) -> anyhow::Result<Watched> {
    let accepted = args.accept.read()?;
    let url = database.url()?.ok_or(ConnectError::NotNamed)?;
    let migrate = if args.migrate {
        let progress = Progress::new(format, false);
        let runner = Runner::new().with_settings((&args.settings).into()).until(stop.clone());
        Some((runner.telling(move |event| progress.tell(event)), database.url_to_migrate()?))
    } else {
        None
    };
    let schema = database.schema().map(str::to_owned);
    Ok(Watched { url, schema, migrate, accept: Box::new(move |report| accepted.apply(report)) })
}

/// The configured address, listened on; `flag` names another.
pub(super) async fn listen(config: &Config, flag: &str) -> anyhow::Result<TcpListener> {
    let Config { listen, .. } = config;
    let failed = || format!("`{listen}` cannot be listened on, another can be chosen with `{flag}`");
    TcpListener::bind(listen).await.with_context(failed)
}

/// Serves until somebody wants to stop.
pub(super) async fn serve(
    app: &App,
    listener: TcpListener,
    finaliser: Option<Finaliser>,
    stop: &Stop,
) -> anyhow::Result<()> {
    tracing::info!(address = %listener.local_addr().context("the address is not known")?, "listening");
    let watch = tokio::spawn({
        let (app, stop) = (app.clone(), stop.clone());
        async move { app.schema().run(&stop).await }
    });
    let upkeep = tokio::spawn(server::keep_up(app.clone()));
    let work = finaliser.map(|finaliser| tokio::spawn(finalise(finaliser, app.clone(), stop.clone())));
    server::serve(listener, server::router(app), stop.requested()).await;
    upkeep.abort();
    if let Some(mut work) = work {
        if let Ok(ended) = tokio::time::timeout(GIVING_BACK, &mut work).await {
            ended.context("the finaliser failed")?;
        } else {
            work.abort();
            tracing::warn!("the finaliser does not end and is left; its calls are free when their leases run out");
        }
    }
    watch.await.context("the watch over the schema failed")?;
    tracing::info!("stopped");
    Ok(())
}

/// Finalises calls while the service is ready.
async fn finalise(finaliser: Finaliser, app: App, stop: Stop) {
    while stop.signal().is_none() {
        match app.db() {
            Some(db) => finaliser.run(db, as_long_as(true, &app, &stop)).await,
            None => as_long_as(false, &app, &stop).await,
        }
    }
}

/// Until the service is ready no longer, or not ready no longer, or somebody wants to stop.
async fn as_long_as(is_ready: bool, app: &App, stop: &Stop) {
    let mut seen = app.schema().follow();
    while app.db().is_some() == is_ready && stop.signal().is_none() {
        tokio::select! {
            _ = seen.changed() => {}
            () = stop.requested() => {}
        }
    }
}
