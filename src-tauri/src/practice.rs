//! Serves the practice pair inside this process, on loopback, with its state kept in the data folder.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use lockstep_app::ApiError;
use lockstep_app::commands::{PracticeHost, PracticePlatform};
use lockstep_app::config::Platform;
use lockstep_sandbox::jira::Jira;
use lockstep_sandbox::server;
use lockstep_sandbox::servicenow::ServiceNow;
use lockstep_sandbox::state::{self, Keeping};
use lockstep_sandbox::{Platform as Served, Practice as Instance, Seed};
use tokio::sync::Mutex as AsyncMutex;

/// The seed of the pair's made-up world: the same tickets for everybody.
const WORLD: u64 = 1;
const PAIR: [Platform; 2] = [Platform::ServiceNow, Platform::Jira];

/// The pair, served or not.
pub struct Practice {
    folder: PathBuf,
    served: AsyncMutex<Vec<One>>,
}

struct One {
    platform: Platform,
    instance: Arc<Mutex<Instance>>,
    keeping: Keeping,
}

impl Practice {
    /// Nothing is served yet; `folder` keeps the state.
    pub fn new(folder: PathBuf) -> Practice {
        Practice { folder, served: AsyncMutex::default() }
    }

    /// Stops serving and keeps the state. Trouble is logged: the app is ending.
    pub async fn stop(&self) {
        for one in self.served.lock().await.drain(..) {
            if let Err(error) = one.keeping.shutdown().await {
                tracing::warn!(%error, platform = one.platform.word(), "the practice platform's state was not kept");
            }
        }
    }

    async fn serve(&self, platform: Platform) -> io::Result<One> {
        let now_ms = server::true_now_ms();
        let made: Box<dyn Served> = match platform {
            Platform::ServiceNow => Box::new(ServiceNow::new(WORLD, now_ms, Seed::Small)),
            Platform::Jira => Box::new(Jira::new(WORLD, now_ms, Seed::Small)),
        };
        let instance = Arc::new(Mutex::new(Instance::new(made, WORLD)));
        let keeping = state::serve_kept(instance.clone(), self.folder.clone(), 0).await?;
        Ok(One { platform, instance, keeping })
    }
}

impl One {
    fn describe(&self) -> PracticePlatform {
        let sign_in = server::lock(&self.instance).platform.sign_in();
        PracticePlatform::new(self.platform, self.keeping.running.url.clone(), sign_in.user, sign_in.secret)
    }
}

#[async_trait::async_trait]
impl PracticeHost for Practice {
    fn was_started(&self) -> bool {
        PAIR.iter().all(|platform| state::file_of(&self.folder, platform.word()).exists())
    }

    async fn start(&self) -> Result<Vec<PracticePlatform>, ApiError> {
        let mut served = self.served.lock().await;
        for platform in PAIR {
            if !served.iter().any(|one| one.platform == platform) {
                served.push(self.serve(platform).await.map_err(|error| refused(platform, &error))?);
            }
        }
        Ok(served.iter().map(One::describe).collect())
    }
}

fn refused(platform: Platform, error: &io::Error) -> ApiError {
    ApiError::new("practice", format!("the practice {} did not start: {error}", platform.label()))
        .hint("Make room on the disk, or remove the folder `practice` in the data folder to begin anew.")
}
