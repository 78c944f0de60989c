//! Kills that land inside runs: each aims at a phase, as the program tells it, and at a moment in it. How long phases last
//! is learned on the way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::draw::Draw;
use crate::lab::Lockstep;

/// The phases of a run, as `--json` names them; the first one begins before the program has said anything.
const PHASES: [&str; 6] = ["start", "sign_in", "read", "plan", "write", "confirm"];
const WRITE: usize = 4;
/// A run that says nothing for so long hangs.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Kills so far, and what they have taught.
#[derive(Debug)]
pub struct Kills {
    /// How long each phase is taken to last, milliseconds.
    spans: [u64; PHASES.len()],
    by_phase: BTreeMap<usize, u32>,
    /// Kills that came after the end of their run.
    pub late: u32,
}

impl Default for Kills {
    fn default() -> Kills {
        Kills { spans: [60, 60, 150, 40, 400, 20], by_phase: BTreeMap::new(), late: 0 }
    }
}

impl Kills {
    /// Kills that hit a run at work.
    pub fn landed(&self) -> u32 {
        self.by_phase.values().sum()
    }

    /// Of these, while it wrote.
    pub fn while_writing(&self) -> u32 {
        self.by_phase.get(&WRITE).copied().unwrap_or(0)
    }

    /// The phases they landed in, in words.
    pub fn by_phase(&self) -> String {
        let phases = self.by_phase.iter().map(|(phase, count)| format!("{} {count}", PHASES[*phase]));
        phases.collect::<Vec<_>>().join(", ")
    }

    /// Starts a run and draws when it is killed.
    pub fn aim(&self, draw: &mut Draw, lockstep: &Lockstep, order: &[&str]) -> Result<Aimed> {
        let target = match draw.of(0..100) {
            0..5 => 0,
            5..10 => 1,
            10..18 => 2,
            18..24 => 3,
            24..97 => WRITE,
            _ => 5,
        };
        let wait_ms = draw.of(0..self.spans[target]);
        Ok(Aimed { running: Running::start(lockstep, order)?, target, wait_ms })
    }

    /// Takes down where a kill landed.
    pub fn count(&mut self, aimed: &Aimed, hit: Option<usize>) {
        let span = &mut self.spans[aimed.target];
        match hit {
            Some(phase) => {
                *self.by_phase.entry(phase).or_default() += 1;
                let landed_later = phase > aimed.target;
                *span = if landed_later { (*span * 3 / 4).max(4) } else { *span + *span / 10 + 1 };
            }
            None => {
                self.late += 1;
                *span = (*span * 2 / 3).max(4);
            }
        }
    }
}

/// A run whose end is drawn.
pub struct Aimed {
    running: Running,
    target: usize,
    wait_ms: u64,
}

impl Aimed {
    /// Waits for the moment and kills; the phase it landed in, `None` when the run was over before.
    pub fn kill(&mut self) -> Result<Option<usize>> {
        self.running.kill_in(self.target, self.wait_ms)
    }
}

/// A run at work, and what it tells.
struct Running {
    child: Child,
    phases: Receiver<usize>,
}

impl Running {
    fn start(lockstep: &Lockstep, arguments: &[&str]) -> Result<Running> {
        let mut child = Command::new(&lockstep.program)
            .arg("--data-dir")
            .arg(&lockstep.data)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().context("the run prints")?);
        let (tell, phases) = channel();
        // Ends with the program, whose output it reads.
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
                let phase = PHASES.iter().position(|phase| event["phase"] == *phase);
                // A watching program goes on after its run; for the test the run is what counts.
                let ended = event["event"] == "ended" || event["event"] == "report";
                if ended || phase.is_some_and(|phase| tell.send(phase).is_err()) {
                    break;
                }
            }
        });
        Ok(Running { child, phases })
    }

    /// Kills so long after the phase began; the phase it landed in, `None` when the run was over before.
    fn kill_in(&mut self, target: usize, wait_ms: u64) -> Result<Option<usize>> {
        let mut phase = 0;
        let mut over = false;
        while phase < target && !over {
            match self.phases.recv_timeout(SILENCE_MAX) {
                Ok(next) => phase = next,
                Err(RecvTimeoutError::Disconnected) => over = true,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill()?;
                    bail!("a run said nothing for {SILENCE_MAX:?} after the phase {:?}", PHASES[phase]);
                }
            }
        }
        if !over {
            std::thread::sleep(Duration::from_millis(wait_ms));
            loop {
                match self.phases.try_recv() {
                    Ok(next) => phase = next,
                    Err(error) => {
                        over = error == std::sync::mpsc::TryRecvError::Disconnected;
                        break;
                    }
                }
            }
        }
        let over = over || self.child.try_wait()?.is_some();
        self.child.kill()?;
        self.child.wait()?;
        Ok((!over).then_some(phase))
    }
}
