//! `cargo run -p lockstep-devserver`: prints the address to open, serves until interrupted.

use std::path::PathBuf;

use clap::Parser;
use lockstep_devserver::{Places, serve};

#[derive(Parser)]
#[command(about = "Serves the pages over the real backend on this computer, for development")]
struct Arguments {
    /// Port on 127.0.0.1; any free one when left out
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Folder of the store; its own when left out, so that yours stays as it is
    #[arg(long, default_value = "target/devserver")]
    data: PathBuf,
    /// The built pages: `npm --prefix ui run build:server`
    #[arg(long, default_value = "ui/node_modules/.server")]
    pages: PathBuf,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let told = Arguments::parse();
    let running = serve(Places { data: told.data, pages: told.pages }, told.port).await?;
    println!("{}", running.address);
    println!("The address works once. Ctrl C ends.");
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
