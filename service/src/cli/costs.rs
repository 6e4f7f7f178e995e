//! `call-log costs`.

use anyhow::Context;
use clap::Args;
use migration::cost_totals;
use sea_orm::DbConn;
use sea_orm_connect::Access;
use sea_orm_kit::cli::{DatabaseArgs, Exit, print};
use sea_orm_runner::Stop;
use service::cost_totals::{Keeper, is_kept};

#[derive(Debug, Args)]
pub(super) struct CostsArgs {
    /// Create the tables and triggers of the totals, and count all calls. `serve` then keeps the totals up to date.
    #[arg(long)]
    keep: bool,

    /// Count every day anew: after calls were written without the triggers.
    #[arg(long, conflicts_with = "keep")]
    rebuild: bool,

    /// Drop the tables and triggers. Summaries then read the calls.
    #[arg(long, conflicts_with_all = ["keep", "rebuild"])]
    drop: bool,
}

pub(super) async fn run(args: &CostsArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let stop = Stop::on_signals().context("cannot handle signals")?;
    let (_, db) = database.connect(Access::ReadWrite).await?;
    tokio::select! {
        done = act(args, &db) => done,
        // Each day is a transaction: what is counted stays.
        () = stop.requested() => Ok(stop.signal().map_or(Exit::Success, |signal| Exit::Code(signal.saturating_add(128)))),
    }
}

async fn act(args: &CostsArgs, db: &DbConn) -> anyhow::Result<Exit> {
    if args.drop {
        cost_totals::drop(db).await.context("cannot drop the totals of costs")?;
        print(|stdout| writeln!(stdout, "totals dropped: summaries read the calls"))?;
        return Ok(Exit::Success);
    }
    if args.keep {
        cost_totals::create(db).await.context("cannot create the totals of costs")?;
    } else if !is_kept(db).await? {
        anyhow::bail!("this database keeps no totals of costs: `call-log costs --keep` creates them");
    }
    let mut keeper = Keeper::default();
    let counted = if args.rebuild { keeper.rebuild(db).await } else { keeper.finish(db).await };
    let counted = counted.context("cannot count the calls of a day")?;
    print(|stdout| writeln!(stdout, "days counted: {counted}"))?;
    Ok(Exit::Success)
}
