//! A scenario: plain data drawn from a seed, small enough to read and to shrink.

use lockstep_core::side::Side;
use lockstep_sandbox::FaultKind;
use lockstep_sandbox::faults::RetryAfter;

use crate::draw::Draw;
use crate::wire::Crash;

/// All that happens in one simulated world.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub seed: u64,
    pub variant: Variant,
    /// How long each call takes.
    pub call_ms: u64,
    pub traps: Vec<Trap>,
    pub tickets: Vec<Act>,
    pub rounds: Vec<Round>,
    /// Whether a person decides open conflicts in the end, for this side.
    pub decides: Option<Side>,
}

/// The mapping, told by where it leaves the demo's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Demo,
    /// Only ServiceNow's tickets are copied.
    OneWayTickets,
    SourceWins,
    TargetWins,
    /// Internal notes stay where they are.
    PublicOnly,
}

impl Variant {
    pub const ALL: [Variant; 5] = [
        Variant::Demo,
        Variant::OneWayTickets,
        Variant::SourceWins,
        Variant::TargetWins,
        Variant::PublicOnly,
    ];
}

/// What a platform is like for the whole of a seed.
#[derive(Debug, Clone, PartialEq)]
pub enum Trap {
    IndexLag(i64),
    UnsteadyIndex,
    ListLag(i64),
    Skew(Side, i64),
    EpochToMinute,
    LateCommentProperties(i64),
    ShuffledBulk,
    /// A rule saves each incident again so much later.
    LateRule(i64),
    CrlfJournal,
    FilesTouchTickets,
    /// So many calls at once, so many a second.
    Limit(Side, u32, f64),
    /// Writes to the title are ignored without a word.
    TitleReadOnly,
    /// A rule puts every urgent incident in progress.
    RuleForcesState,
    /// One ticket can never be written: its number, refused with 403.
    Refuses(Side, usize),
}

/// One stretch of time that ends with a run.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// What people do before the run.
    pub acts: Vec<Act>,
    pub faults: Vec<Failing>,
    /// What happens right before the n-th call of the run.
    pub during: Vec<(u64, Event)>,
    /// What happens to the process at the n-th commit of the run.
    pub commit: Option<(u64, Commit)>,
    /// The plan is made first, shown, and then applied.
    pub preview: bool,
    pub store: Keeping,
    /// Time that passes before the run.
    pub pause_ms: u64,
}

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Dies(Crash),
    /// The disk is full for so many.
    Full(u64),
}

/// What happens to the store between two runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keeping {
    #[default]
    Goes,
    /// A copy is put aside.
    Copied,
    /// The last copy put aside takes its place.
    Returned,
}

/// A fault while a run goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    pub side: Side,
    pub kind: FaultKind,
    pub writes_only: bool,
    pub permille: u16,
    pub times: Option<u32>,
}

/// What happens in the middle of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Person(Act),
    Dies(Crash),
    /// The computer sleeps so long.
    Sleeps(u64),
    ClockSteps(i64),
    /// Another process takes the store over and works; then the first one wakes up.
    Overtaken,
    Cancelled,
}

/// What a person does, by the number of the ticket in the order in which people made them.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    New {
        side: Side,
        urgency: u8,
        state: u8,
        comment: bool,
        file: bool,
    },
    Title {
        case: usize,
        side: Side,
        word: u64,
    },
    /// The title becomes what it was before the last edit there.
    TitleBack {
        case: usize,
        side: Side,
    },
    /// Both sides get a title within one second: the same, or two.
    TitleBoth {
        case: usize,
        word: u64,
        same: bool,
    },
    Status {
        case: usize,
        side: Side,
        pick: u64,
    },
    /// Both sides get a status for the same thing, by a pair that leads one way only.
    StatusBoth {
        case: usize,
    },
    Assign {
        case: usize,
        side: Side,
        pick: u64,
    },
    Urgency {
        case: usize,
        pick: u8,
    },
    Describe {
        case: usize,
        side: Side,
        word: u64,
    },
    Comment {
        case: usize,
        side: Side,
        internal: bool,
    },
    EditComment {
        case: usize,
    },
    Narrow {
        case: usize,
    },
    File {
        case: usize,
        side: Side,
        twin: bool,
    },
    Clone {
        case: usize,
        side: Side,
    },
    WipeMarker {
        case: usize,
        side: Side,
    },
    Delete {
        case: usize,
        side: Side,
    },
    /// To another project, or back.
    Move {
        case: usize,
    },
    /// The service account does not see the ticket any more, or sees it again.
    Hide {
        case: usize,
        side: Side,
    },
    ShowAll,
    /// The service account does not see titles and assignments any more, or sees them again.
    OmitTitles {
        on: bool,
    },
    TitlesReadOnly {
        on: bool,
    },
}

const SIDES: [Side; 2] = Side::BOTH;
/// Rounds and tickets of a world at most.
const ROUNDS: (u64, u64) = (2, 4);
const TICKETS: (u64, u64) = (2, 4);

/// Which kinds of trouble a seed knows: each draws its own subset, so that rare ones meet each other.
struct Swarm {
    faults: Vec<FaultKind>,
    permille: u16,
    acts: Vec<u64>,
    kills: bool,
    commits: bool,
    sleeps: bool,
    steps: bool,
    overtakes: bool,
    cancels: bool,
    stores: bool,
    previews: bool,
    middle: bool,
}

impl Scenario {
    /// The scenario of a seed.
    pub fn of(seed: u64) -> Scenario {
        let mut draw = Draw::new(seed);
        let swarm = swarm(&mut draw);
        let variant = match draw.below(10) {
            0 => Variant::OneWayTickets,
            1 => Variant::SourceWins,
            2 => Variant::TargetWins,
            3 => Variant::PublicOnly,
            _ => Variant::Demo,
        };
        let tickets: Vec<Act> =
            (0..TICKETS.0 + draw.below(TICKETS.1)).map(|_| new_ticket(&mut draw, 30)).collect();
        let mut count = tickets.len();
        let rounds =
            (0..ROUNDS.0 + draw.below(ROUNDS.1)).map(|_| round(&mut draw, &swarm, &mut count)).collect();
        let traps = traps(&mut draw, count);
        let call_ms = *draw.pick(&[5, 5, 40, 700]);
        let decides = draw.percent(30).then(|| *draw.pick(&SIDES));
        let mut scenario = Scenario { seed, variant, call_ms, traps, tickets, rounds, decides };
        plot(&mut scenario);
        scenario
    }
}

/// Some seeds hold a short story besides what chance brings together, each about a rule that chance alone seldom meets.
fn plot(scenario: &mut Scenario) {
    let mut draw = Draw::new(!scenario.seed);
    let kind = draw.below(20);
    let first = draw.below(scenario.rounds.len() as u64 - 1) as usize;
    let case = draw.below(scenario.tickets.len() as u64) as usize;
    let call = 8 + draw.below(24);
    let (earlier, later) = scenario.rounds.split_at_mut(first + 1);
    let (Some(now), Some(next)) = (earlier.last_mut(), later.first_mut()) else { return };
    match kind {
        // A run is cancelled at work, and its feeds had gone on past what it left undone (hazards.md H54).
        0 => {
            for (nth, side) in [Side::Source, Side::Source, Side::Target].into_iter().enumerate() {
                now.acts.push(Act::Title { case: case + nth, side, word: 20 + nth as u64 });
            }
            now.pause_ms = 300_000;
            now.preview = false;
            now.during
                .extend(SIDES.map(|side| (0, Event::Person(Act::Assign { case: case + 3, side, pick: 2 }))));
            now.during.push((6 + call, Event::Cancelled));
            now.during.sort_by_key(|(call, _)| *call);
            next.pause_ms = 300_000;
        }
        // A create's answer is lost, the index shows nothing for minutes, and the next run comes at once (H4).
        1 => {
            scenario.traps.retain(|trap| !matches!(trap, Trap::IndexLag(_)));
            scenario.traps.push(Trap::IndexLag(120_000));
            now.acts.push(new_ticket(&mut draw, 0));
            let kind = FaultKind::CutAfter;
            now.faults.push(Failing {
                side: Side::Target,
                kind,
                writes_only: true,
                permille: 1000,
                times: Some(1),
            });
            next.pause_ms = 500;
        }
        // People set both sides to what stands for the same by the way back alone (H24).
        2 => {
            now.acts.push(Act::Status { case, side: Side::Source, pick: 1 });
            next.pause_ms = 20_000;
            next.acts.push(Act::StatusBoth { case });
        }
        // What is assigned cannot be read for a while, and something else changes (H18).
        3 => {
            now.acts.push(Act::Assign { case, side: Side::Source, pick: 1 });
            next.pause_ms = 20_000;
            next.acts
                .extend([Act::OmitTitles { on: true }, Act::Urgency { case, pick: 1 + draw.below(3) as u8 }]);
        }
        _ => {}
    }
}

fn swarm(draw: &mut Draw) -> Swarm {
    let kinds = [
        FaultKind::CutAfter,
        FaultKind::CutAfter,
        FaultKind::CutBefore,
        FaultKind::StatusAfterApply { status: 502 },
        FaultKind::StatusAfterApply { status: 500 },
        FaultKind::StatusAfterApply { status: 403 },
        FaultKind::Status { status: 503 },
        FaultKind::Status { status: 500 },
        FaultKind::Status { status: 403 },
        FaultKind::Status { status: 404 },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(2) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(30) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Absent },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(0) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(-5) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(99_999_999) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::DateIn(3) },
        FaultKind::TooManyRequests { retry_after: RetryAfter::Text("soon".to_owned()) },
        FaultKind::TruncatedBody { keep_bytes: None },
        FaultKind::Html200,
        FaultKind::Accepted202,
        FaultKind::ApplyLater { after_ms: 3_500 },
        FaultKind::DuplicatePage,
        FaultKind::ShiftedPage,
        FaultKind::ExpiredToken,
        FaultKind::Latency { ms: 900 },
        FaultKind::Status { status: 401 },
    ];
    let faults = (0..draw.below(5)).map(|_| draw.pick(&kinds).clone()).collect();
    // Each kind of act has its own weight in this seed, none at all with some.
    let acts = (0..ACT_KINDS).map(|_| if draw.percent(35) { 0 } else { 1 + draw.below(4) }).collect();
    Swarm {
        faults,
        permille: [10, 50, 120, 200][draw.below(4) as usize],
        acts,
        kills: draw.percent(45),
        commits: draw.percent(30),
        sleeps: draw.percent(10),
        steps: draw.percent(10),
        overtakes: draw.percent(15),
        cancels: draw.percent(15),
        stores: draw.percent(10),
        previews: draw.percent(20),
        middle: draw.percent(60),
    }
}

fn new_ticket(draw: &mut Draw, busy: u64) -> Act {
    Act::New {
        side: if draw.percent(65) { Side::Source } else { Side::Target },
        urgency: 1 + draw.below(3) as u8,
        state: draw.below(4) as u8,
        comment: draw.percent(busy),
        file: draw.percent(busy / 2),
    }
}

/// Kinds of acts that a swarm weighs.
const ACT_KINDS: usize = 17;

fn act(draw: &mut Draw, swarm: &Swarm, count: &mut usize) -> Act {
    let total: u64 = swarm.acts.iter().sum::<u64>().max(1);
    let mut left = draw.below(total);
    let kind = swarm.acts.iter().position(|weight| {
        let here = left < *weight;
        left = left.saturating_sub(*weight);
        here
    });
    let case = draw.below(*count as u64) as usize;
    let side = *draw.pick(&SIDES);
    let word = draw.below(6);
    match kind.unwrap_or(0) {
        1 => Act::TitleBack { case, side },
        2 => Act::TitleBoth { case, word, same: draw.percent(30) },
        3 | 4 => Act::Status { case, side, pick: draw.below(12) },
        5 => Act::Assign { case, side, pick: draw.below(4) },
        6 => Act::Urgency { case, pick: 1 + draw.below(3) as u8 },
        7 => Act::Describe { case, side, word },
        8 | 9 => Act::Comment { case, side, internal: draw.percent(40) },
        10 => {
            if draw.percent(50) {
                Act::EditComment { case }
            } else {
                Act::Narrow { case }
            }
        }
        11 | 12 => Act::File { case, side, twin: draw.percent(25) },
        13 => {
            *count += 1;
            new_ticket(draw, 30)
        }
        14 if draw.percent(40) => {
            *count += 1;
            Act::Clone { case, side }
        }
        15 if draw.percent(50) => match draw.below(8) {
            0 => Act::WipeMarker { case, side },
            1 => Act::Delete { case, side },
            2 => Act::Move { case },
            3 | 4 => Act::Hide { case, side },
            5 => Act::ShowAll,
            6 => Act::OmitTitles { on: draw.percent(60) },
            _ => Act::TitlesReadOnly { on: draw.percent(60) },
        },
        _ => Act::Title { case, side, word },
    }
}

fn round(draw: &mut Draw, swarm: &Swarm, count: &mut usize) -> Round {
    let acts = (0..1 + draw.below(4)).map(|_| act(draw, swarm, count)).collect();
    let mut faults = Vec::new();
    if draw.percent(75) {
        for kind in &swarm.faults {
            let failing = Failing {
                side: *draw.pick(&SIDES),
                kind: kind.clone(),
                writes_only: draw.percent(50),
                permille: if draw.percent(30) { 1000 } else { swarm.permille },
                times: draw.percent(60).then_some(1 + draw.below(3) as u32),
            };
            // What strikes every call for ever lets nothing through.
            if failing.permille < 1000 || failing.times.is_some() {
                faults.push(failing);
            }
        }
    }
    let mut during = Vec::new();
    if swarm.middle {
        for _ in 0..draw.below(4) {
            during.push((draw.below(30), Event::Person(act(draw, swarm, count))));
        }
    }
    let mut at = |draw: &mut Draw, on: bool, odds: u64, event: Event| {
        if on && draw.percent(odds) {
            during.push((draw.below(40), event));
        }
    };
    let how = if draw.percent(50) { Crash::Before } else { Crash::After };
    at(draw, swarm.kills, 45, Event::Dies(how));
    let (sleep, step) = (*draw.pick(&[45_000, 8 * 3_600_000]), *draw.pick(&[-86_400_000, -90_000, 600_000]));
    at(draw, swarm.sleeps, 50, Event::Sleeps(sleep));
    at(draw, swarm.steps, 50, Event::ClockSteps(step));
    at(draw, swarm.overtakes, 50, Event::Overtaken);
    at(draw, swarm.cancels, 50, Event::Cancelled);
    during.sort_by_key(|(call, _)| *call);
    let commit = (swarm.commits && draw.percent(50)).then(|| {
        let what = match draw.below(3) {
            0 => Commit::Dies(Crash::Before),
            1 => Commit::Dies(Crash::After),
            _ => Commit::Full(1 + draw.below(3)),
        };
        (draw.below(30), what)
    });
    let store = match draw.below(4) {
        0 if swarm.stores => Keeping::Copied,
        1 if swarm.stores => Keeping::Returned,
        _ => Keeping::Goes,
    };
    let pause_ms = *draw.pick(&[0, 500, 3_000, 20_000, 300_000]);
    Round { acts, faults, during, commit, preview: swarm.previews && draw.percent(50), store, pause_ms }
}

fn traps(draw: &mut Draw, count: usize) -> Vec<Trap> {
    let mut traps = Vec::new();
    let mut add = |draw: &mut Draw, odds: u64, trap: Trap| {
        if draw.percent(odds) {
            traps.push(trap);
        }
    };
    let lag = *draw.pick(&[0, 2_000, 15_000, 120_000]);
    add(draw, 50, Trap::IndexLag(lag));
    add(draw, 10, Trap::UnsteadyIndex);
    let lag = *draw.pick(&[2_000, 30_000]);
    add(draw, 10, Trap::ListLag(lag));
    let (side, ms) = (*draw.pick(&SIDES), *draw.pick(&[-600_000, -3_000, 1_500, 600_000]));
    add(draw, 20, Trap::Skew(side, ms));
    add(draw, 10, Trap::EpochToMinute);
    add(draw, 10, Trap::LateCommentProperties(4_000));
    add(draw, 30, Trap::ShuffledBulk);
    add(draw, 10, Trap::LateRule(1_500));
    add(draw, 10, Trap::CrlfJournal);
    add(draw, 20, Trap::FilesTouchTickets);
    let side = *draw.pick(&SIDES);
    add(draw, 8, Trap::Limit(side, 8, 2.0));
    add(draw, 3, Trap::TitleReadOnly);
    add(draw, 4, Trap::RuleForcesState);
    let (side, case) = (*draw.pick(&SIDES), draw.below(count as u64) as usize);
    add(draw, 6, Trap::Refuses(side, case));
    traps
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "seed {}, {:?}, {} ms a call, traps {:?}",
            self.seed, self.variant, self.call_ms, self.traps
        )?;
        for (case, ticket) in self.tickets.iter().enumerate() {
            writeln!(f, "  ticket {case}: {ticket:?}")?;
        }
        for (at, round) in self.rounds.iter().enumerate() {
            writeln!(
                f,
                "  round {at}: {} ms pass, store {:?}, preview {}",
                round.pause_ms, round.store, round.preview
            )?;
            for act in &round.acts {
                writeln!(f, "    before: {act:?}")?;
            }
            for fault in &round.faults {
                writeln!(f, "    fault:  {fault:?}")?;
            }
            for (call, event) in &round.during {
                writeln!(f, "    call {call}: {event:?}")?;
            }
            if let Some((commit, what)) = &round.commit {
                writeln!(f, "    commit {commit}: {what:?}")?;
            }
        }
        match self.decides {
            Some(side) => writeln!(f, "  conflicts are decided for the {side}"),
            None => Ok(()),
        }
    }
}
