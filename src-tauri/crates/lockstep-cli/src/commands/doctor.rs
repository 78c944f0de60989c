//! `lockstep doctor`: is this installation well, and what would stay behind.

use lockstep_app::ApiError;
use lockstep_app::doctor::{self, Diagnosis};
use lockstep_app::places::{self, Keychain};

use super::Stand;
use crate::exit::Exit;
use crate::output::Output;

/// Looks at everything; a store that does not open is a finding, not an end.
pub fn doctor(stand: &Stand, output: Output) -> Result<Exit, ApiError> {
    let dir = stand.data_dir()?;
    let diagnosis = if places::has_store(&dir) {
        match stand.open_in(&dir, "lockstep doctor") {
            Ok(app) => stand.runtime.block_on(doctor::examine(&app))?,
            Err(error) => doctor::without_store(&dir, &Keychain::system(), Some(&error)),
        }
    } else {
        doctor::without_store(&dir, &Keychain::system(), None)
    };
    if output.json {
        output.document(&diagnosis);
    } else {
        tell(&diagnosis, output);
    }
    let worst = diagnosis.lines.iter().find(|line| !line.good);
    Ok(match worst {
        None => Exit::Success,
        Some(line) => Exit::of(&ApiError::new(line.code.as_deref().unwrap_or_default(), line.detail.clone())),
    })
}

fn tell(diagnosis: &Diagnosis, output: Output) {
    output.say(format!("lockstep {}", env!("CARGO_PKG_VERSION")));
    for line in &diagnosis.lines {
        output.say(format!("{} {}: {}", if line.good { "ok   " } else { "FAIL " }, line.name, line.detail));
        if let Some(remedy) = &line.remedy {
            output.say(format!("      {remedy}"));
        }
    }
    output.say("\nUninstalling the program leaves these; remove them yourself if nothing shall stay:");
    for place in diagnosis.places.iter().filter(|place| place.exists != Some(false)) {
        output.say(format!("  {}\n      {}", place.place, place.what));
    }
}
