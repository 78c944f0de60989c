//! Automatic sync while the window is open. The loop is `automatic::watch`; this decides when it begins, for it holds the
//! store's lock from then on, and an idle window shall not keep the command line from running.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockstep_store::tables::connections;
use tokio::sync::watch;

use super::progress::Board;
use crate::app::App;
use crate::automatic::{Watch, watch};

/// How often it is looked whether a connection was switched on.
const LOOK_MS: u64 = 1_000;
/// The pause while another process runs on the store.
const BUSY_MS: u64 = 15_000;

/// Runs what is switched on, until told to stop.
pub async fn keep_watching(app: App, board: Arc<Board>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let mut pause_ms = LOOK_MS;
        if any_is_on(&app).await {
            let orders = Watch { only: BTreeSet::new(), stop: stop.clone() };
            if let Err(error) = watch(&app, board.clone(), orders).await {
                tracing::info!(%error, "automatic sync waits");
                pause_ms = BUSY_MS;
            }
        }
        tokio::select! {
            () = app.clock().sleep_ms(pause_ms) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn any_is_on(app: &App) -> bool {
    let listed = app.store().read(connections::list).await;
    listed.is_ok_and(|all| all.iter().any(|connection| connection.automatic))
}
