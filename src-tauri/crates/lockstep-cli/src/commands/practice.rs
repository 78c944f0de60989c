//! `lockstep practice`: the make-believe help desks, on loopback, until interrupted.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use lockstep_app::ApiError;
use lockstep_sandbox::jira::Jira;
use lockstep_sandbox::server::{self, Running};
use lockstep_sandbox::servicenow::ServiceNow;
use lockstep_sandbox::state::{self, Keeping};
use lockstep_sandbox::{Platform, Practice, Seed};
use serde::Serialize;

use crate::args::{PracticeArgs, PracticePlatform, SeedArg};
use crate::exit::Exit;
use crate::output::Output;
use crate::stop;

/// What a client needs to reach a practice platform.
#[derive(Debug, Serialize)]
struct Started {
    platform: &'static str,
    url: String,
    user: String,
    secret: String,
}

enum Served {
    Plain(Running),
    Kept(Keeping),
}

impl Served {
    async fn end(self) -> io::Result<()> {
        match self {
            Served::Plain(running) => {
                running.shutdown().await;
                Ok(())
            }
            Served::Kept(keeping) => keeping.shutdown().await,
        }
    }
}

/// Serves the platforms asked for until Ctrl-C or a termination signal.
pub async fn practice(args: PracticeArgs, output: Output) -> Result<Exit, ApiError> {
    let mut served = Vec::new();
    for (at, platform) in args.platforms.iter().enumerate() {
        let port = args.port.get(at).copied().unwrap_or(0);
        let (started, running) = start(*platform, &args, port).await?;
        tell(&started, output);
        served.push(running);
    }
    output.say("Running until you press Ctrl-C.");
    stop::asked().await;
    for running in served {
        running
            .end()
            .await
            .map_err(|error| ApiError::new("store", format!("the state was not kept: {error}")))?;
    }
    Ok(Exit::Success)
}

async fn start(
    platform: PracticePlatform,
    args: &PracticeArgs,
    port: u16,
) -> Result<(Started, Served), ApiError> {
    let now_ms = server::true_now_ms();
    let seed = match args.seed {
        SeedArg::Empty => Seed::Empty,
        SeedArg::Small => Seed::Small,
        SeedArg::Bulk(count) => Seed::Bulk(count),
        SeedArg::Plain(count) => Seed::Plain(count),
    };
    let instance: Box<dyn Platform> = match platform {
        PracticePlatform::Servicenow => Box::new(ServiceNow::new(args.world, now_ms, seed)),
        PracticePlatform::Jira => Box::new(Jira::new(args.world, now_ms, seed)),
    };
    let name = instance.name();
    let practice = Arc::new(Mutex::new(Practice::new(instance, args.world)));
    let (url, served) = serve(Arc::clone(&practice), args.state.clone(), port)
        .await
        .map_err(|error| refused(name, port, &error))?;
    // Only now: a kept state brings its own sign-in.
    let sign_in = server::lock(&practice).platform.sign_in();
    Ok((Started { platform: name, url, user: sign_in.user, secret: sign_in.secret }, served))
}

async fn serve(
    practice: Arc<Mutex<Practice>>,
    kept: Option<PathBuf>,
    port: u16,
) -> io::Result<(String, Served)> {
    match kept {
        Some(directory) => {
            let keeping = state::serve_kept(practice, directory, port).await?;
            Ok((keeping.running.url.clone(), Served::Kept(keeping)))
        }
        None => {
            let running = server::serve(practice, port).await?;
            Ok((running.url.clone(), Served::Plain(running)))
        }
    }
}

fn tell(started: &Started, output: Output) {
    if output.json {
        output.json_line(started);
        return;
    }
    output.say(format!("Practice platform {} at {}", started.platform, started.url));
    output.say(format!("  user    {}\n  secret  {}", started.user, started.secret));
    output.say(format!(
        "  faults, switches, request log: {}/_practice/  (health, faults, switches, log, seed, state, clock)",
        started.url
    ));
}

fn refused(platform: &str, port: u16, error: &io::Error) -> ApiError {
    let message = format!("the practice platform {platform} cannot start: {error}");
    match error.kind() {
        io::ErrorKind::AddrInUse => ApiError::new("invalid", message)
            .hint(format!("Port {port} is taken; leave out --port and any free one is used.")),
        io::ErrorKind::InvalidData => ApiError::new("invalid", message)
            .hint("Name another folder with --state, or remove that file to begin anew."),
        io::ErrorKind::PermissionDenied => ApiError::new("invalid", message)
            .hint("Choose a port above 1023, and a folder that you may write to."),
        _ => ApiError::new("unexpected", message),
    }
}
