//! The store's handle: one owner thread that writes in groups, one that reads, or neither (inline).
//!
//! An answer to a write means: committed, and on the disk (`synchronous = FULL`). What has queued up while the owner
//! was committing goes into one transaction, each closure in a savepoint of its own, so that the price of the disk is
//! shared and one refusal hurts only itself.

use std::collections::VecDeque;
use std::future::Future;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::key::StoreKey;
use crate::migrate::MIGRATIONS;
use crate::open::{self, StorePlace};
use crate::tables::info;
use crate::tables::locks::{self, Epoch};

/// Closures that go into one transaction at most.
const GROUP_MAX: usize = 256;

/// An open store as table modules see it; SQL stays inside this crate.
pub struct Connection(rusqlite::Connection);

impl Connection {
    pub(crate) fn sql(&self) -> &rusqlite::Connection {
        &self.0
    }
}

/// A write transaction. Everything done with it is committed together, or not at all.
pub struct Tx<'c> {
    connection: &'c Connection,
}

impl Deref for Tx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Tx<'_> {
    /// Refuses when a later holder of the lock has taken over (hazards.md H47): every write of a run begins with it.
    pub fn check_epoch(&self, epoch: Epoch) -> Result<()> {
        locks::check_epoch(self, epoch)
    }
}

/// A store's handle. Clones share it; the last one to go closes the file.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    id: String,
    key: Option<StoreKey>,
    mode: Mode,
    #[cfg(feature = "testing")]
    tap: crate::testing::Tapped,
}

enum Mode {
    Threads { writer: Owner<WriteJob>, reader: Owner<ReadJob> },
    Inline(Mutex<Connection>),
}

impl Store {
    /// Opens or makes the store of a data folder, with its two threads.
    pub fn open(place: &StorePlace) -> Result<Store> {
        let writing = Connection(open::open_for_writing(place, MIGRATIONS)?);
        let reading = Connection(open::open_for_reading(place)?);
        let writer = Owner::start("store-writer", move |jobs| write_all(&writing, &jobs))?;
        let reader = Owner::start("store-reader", move |jobs| read_all(&reading, &jobs))?;
        Ok(Store::new(place.id.clone(), Some(place.key.clone()), Mode::Threads { writer, reader }))
    }

    /// The same without threads: each call runs to its end on the calling thread. A closure must not use the store.
    pub fn open_inline(place: &StorePlace) -> Result<Store> {
        let connection = Connection(open::open_for_writing(place, MIGRATIONS)?);
        Ok(Store::new(place.id.clone(), Some(place.key.clone()), Mode::Inline(Mutex::new(connection))))
    }

    /// Inline, in memory alone, and therefore without a key.
    pub fn in_memory(id: &str, now_ms: i64) -> Result<Store> {
        let connection = Connection(open::open_in_memory(id, now_ms)?);
        Ok(Store::new(id.to_owned(), None, Mode::Inline(Mutex::new(connection))))
    }

    fn new(id: String, key: Option<StoreKey>, mode: Mode) -> Store {
        #[cfg(feature = "testing")]
        let tap = crate::testing::Tapped::default();
        Store {
            inner: Arc::new(Inner {
                id,
                key,
                mode,
                #[cfg(feature = "testing")]
                tap,
            }),
        }
    }

    /// The store's id, eight hexadecimal characters: it stands in every marker (hazards.md H3).
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Runs `work` in a write transaction. It is queued at once, whether or not the answer is awaited.
    pub fn write<T, F>(&self, work: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        #[cfg(feature = "testing")]
        let reply = match self.inner.tap.at_commit(reply) {
            crate::testing::Left::Work(reply) => reply,
            crate::testing::Left::Nothing => return Answer(answer),
        };
        #[cfg(not(feature = "testing"))]
        let reply = Some(reply);
        let job: WriteJob = Box::new(Write { state: State::Waiting(work), reply });
        match &self.inner.mode {
            Mode::Threads { writer, .. } => writer.send(job),
            Mode::Inline(connection) => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                commit_group(&connection, VecDeque::from([job]));
            }
        }
        Answer(answer)
    }

    /// As [`Store::write`], after [`Tx::check_epoch`]: for every write of a run.
    pub fn write_in<T, F>(&self, epoch: Epoch, work: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.write(move |tx| {
            tx.check_epoch(epoch)?;
            work(tx)
        })
    }

    /// Runs `work` on one consistent state of the store.
    pub fn read<T, F>(&self, work: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |connection: &Connection| {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(read_one(connection, work));
        });
        match &self.inner.mode {
            Mode::Threads { reader, .. } => reader.send(job),
            Mode::Inline(connection) => job(&connection.lock().unwrap_or_else(PoisonError::into_inner)),
        }
        Answer(answer)
    }

    /// Decides from now on what becomes of each commit.
    #[cfg(feature = "testing")]
    pub fn tap(&self, tap: Arc<dyn crate::testing::Tap>) {
        self.inner.tap.set(tap);
    }

    /// Another store in memory that holds what this one holds now.
    #[cfg(feature = "testing")]
    pub fn twin(&self) -> Result<Store> {
        let Mode::Inline(connection) = &self.inner.mode else {
            return Err(StoreError::closed());
        };
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let twin = Connection(open::copy_in_memory(connection.sql())?);
        Ok(Store::new(self.inner.id.clone(), None, Mode::Inline(Mutex::new(twin))))
    }

    /// Copies the whole store to `file`, encrypted with the same key, while it is in use.
    pub fn backup(&self, file: PathBuf) -> Answer<()> {
        let key = self.inner.key.clone();
        self.read(move |connection| {
            let Some(key) = key else {
                return Err(StoreError::new(
                    StoreErrorKind::Invalid,
                    "A store in memory cannot be copied to a file.",
                ));
            };
            // The copy reads page by page and needs the transaction of its own.
            connection.sql().execute_batch("COMMIT")?;
            open::copy_to(connection.sql(), &file, &key)
        })
    }

    /// SQLite's own check of the whole file, and of every reference; empty when all is well.
    pub fn integrity(&self) -> Answer<Vec<String>> {
        self.read(info::integrity)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("id", &self.inner.id).finish_non_exhaustive()
    }
}

/// The answer to a queued closure.
#[must_use = "the work runs anyway, but whether it was committed is only known from the answer"]
pub struct Answer<T>(oneshot::Receiver<Result<T>>);

impl<T> Answer<T> {
    /// Waits on this thread. Not inside async code: await the answer there.
    pub fn wait(mut self) -> Result<T> {
        // The inline store has answered already; then async code may call this too.
        match self.0.try_recv() {
            Ok(result) => result,
            Err(oneshot::error::TryRecvError::Closed) => Err(StoreError::closed()),
            Err(oneshot::error::TryRecvError::Empty) => {
                self.0.blocking_recv().unwrap_or_else(|_| Err(StoreError::closed()))
            }
        }
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(StoreError::closed())))
    }
}

/// A thread that owns a connection. Dropping it lets queued work end and joins it.
struct Owner<J> {
    jobs: Option<Sender<J>>,
    thread: Option<JoinHandle<()>>,
}

impl<J: Send + 'static> Owner<J> {
    fn start(name: &str, work: impl FnOnce(Receiver<J>) + Send + 'static) -> Result<Owner<J>> {
        let (jobs, inbox) = channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(inbox)).map_err(
            |cause| {
                StoreError::new(
                    StoreErrorKind::Unexpected,
                    format!("The store's thread cannot be started: {cause}"),
                )
            },
        )?;
        Ok(Owner { jobs: Some(jobs), thread: Some(thread) })
    }

    /// A thread that is gone drops the job, and its answer says `Closed`.
    fn send(&self, job: J) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }
}

impl<J> Drop for Owner<J> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id())
        {
            // A panic there was answered to whoever asked; nothing is left to tell.
            let _ = thread.join();
        }
    }
}

type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

fn read_all(connection: &Connection, jobs: &Receiver<ReadJob>) {
    for job in jobs {
        job(connection);
    }
}

fn read_one<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    run_batch(connection, "BEGIN")?;
    let result = caught(|| work(connection));
    if !connection.sql().is_autocommit() {
        run_batch(connection, "COMMIT")?;
    }
    result
}

type WriteJob = Box<dyn GroupMember + Send>;

/// A closure in a group, its type hidden.
trait GroupMember {
    /// Runs the closure; whether its changes shall stay.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// What went wrong in the closure.
    fn error(&self) -> Option<&StoreError>;
    /// Answers: the closure's own error, else `spoiled`, else its result.
    fn answer(self: Box<Self>, spoiled: Option<&StoreError>);
}

enum State<F, T> {
    Waiting(F),
    Ran(Result<T>),
    Answered,
}

struct Write<F, T> {
    state: State<F, T>,
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<F, T> GroupMember for Write<F, T>
where
    F: FnOnce(&Tx<'_>) -> Result<T>,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        if let State::Waiting(work) = std::mem::replace(&mut self.state, State::Answered) {
            self.state = State::Ran(caught(|| work(tx)));
        }
        matches!(self.state, State::Ran(Ok(_)))
    }

    fn error(&self) -> Option<&StoreError> {
        match &self.state {
            State::Ran(Err(error)) => Some(error),
            _ => None,
        }
    }

    fn answer(mut self: Box<Self>, spoiled: Option<&StoreError>) {
        let result = match (std::mem::replace(&mut self.state, State::Answered), spoiled) {
            (State::Ran(Err(own)), _) => Err(own),
            (_, Some(spoiled)) => Err(spoiled.clone()),
            (State::Ran(Ok(value)), None) => Ok(value),
            (State::Waiting(_) | State::Answered, None) => Err(StoreError::closed()),
        };
        if let Some(reply) = self.reply.take() {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(result);
        }
    }
}

fn write_all(connection: &Connection, jobs: &Receiver<WriteJob>) {
    while let Ok(first) = jobs.recv() {
        let group = std::iter::once(first).chain(jobs.try_iter()).take(GROUP_MAX).collect();
        commit_group(connection, group);
    }
}

/// Runs a group in one transaction and answers everybody.
fn commit_group(connection: &Connection, mut waiting: VecDeque<WriteJob>) {
    while !waiting.is_empty() {
        let mut ran = Vec::with_capacity(waiting.len());
        let spoiled = commit_some(connection, &mut waiting, &mut ran).err();
        if !connection.sql().is_autocommit()
            && let Err(error) = run_batch(connection, "ROLLBACK")
        {
            tracing::error!(%error, "a group could not be rolled back");
        }
        for job in ran {
            job.answer(spoiled.as_ref());
        }
    }
}

/// Moves jobs from `waiting` to `ran`, commits them, and says why if that failed. SQLite may take a whole transaction
/// back by itself (full disk, broken drive): then those that ran are told so, and the rest gets another one.
fn commit_some(
    connection: &Connection,
    waiting: &mut VecDeque<WriteJob>,
    ran: &mut Vec<WriteJob>,
) -> Result<()> {
    if let Err(error) = run_batch(connection, "BEGIN IMMEDIATE") {
        ran.extend(waiting.drain(..));
        return Err(error);
    }
    let tx = Tx { connection };
    // Alone in its group, a closure needs no savepoint: what it leaves behind is rolled back whole.
    let alone = waiting.len() == 1;
    while let Some(mut job) = waiting.pop_front() {
        let opened = if alone { Ok(()) } else { run_batch(connection, "SAVEPOINT job") };
        let keep = opened.is_ok() && job.run(&tx);
        let own = job.error().cloned();
        ran.push(job);
        opened?;
        if connection.sql().is_autocommit() {
            return Err(own.unwrap_or_else(|| {
                StoreError::new(
                    StoreErrorKind::Unexpected,
                    "The step was taken back; nothing of it was saved.",
                )
            }));
        }
        match (keep, alone) {
            (true, true) => {}
            (true, false) => run_batch(connection, "RELEASE job")?,
            (false, true) => return run_batch(connection, "ROLLBACK"),
            (false, false) => {
                run_batch(connection, "ROLLBACK TO job")?;
                run_batch(connection, "RELEASE job")?;
            }
        }
    }
    run_batch(connection, "COMMIT")
}

fn run_batch(connection: &Connection, sql: &str) -> Result<()> {
    connection.sql().prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// A panic in a closure is told to whoever asked; the owner lives on.
fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(StoreError::new(StoreErrorKind::Unexpected, format!("A step of the store broke off: {said}")))
    })
}
