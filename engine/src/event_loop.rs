//! Event loops of stores.
//!
//! A store of a concurrent engine runs its guests in turns. A loop is the future of
//! `Store::run_concurrent`, which borrows the store as long as it lives. The future inside of it
//! takes commands from a queue, begins calls, and polls those that are under way. `turn` polls the
//! whole once: guests run until each of them waits, and then `turn` returns. Between turns nothing
//! runs, so one thread can drive any number of loops, and a loop can move between threads.
//!
//! Loops nest: a host function of one store, called within a turn, may begin or turn the loop of
//! another store. And callbacks that run within a turn queue tasks of the same loop. So no function has a
//! unique reference to a loop, and what a turn changes is in cells.

use crate::drive::{Scope, on_fibers, poll_here};
use crate::ffi::*;
use crate::http_call::{HttpCall, tnengine_http_handler_t};
use crate::http_server::tnengine_http_request_t;
use crate::limits::{store_of, tnengine_interrupts_t};
use crate::loop_call::*;
use crate::raw_export::*;
use crate::raw_import::tnengine_host_call_t;
use crate::raw_resource::*;
use crate::stream::{ConsumerEnd, tnengine_consumer_t, tnengine_future_t};
use futures_channel::oneshot;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use wasmtime::component::{Accessor, without_cancellation};
use wasmtime::{AsContextMut, Result, Store, StoreContextMut, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_store_t};
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

/// The rest of a task that the loop has begun.
pub(crate) type Task<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells `turn` from other threads whether the loop has something to do.
struct Flag {
    is_set: AtomicBool,
    wake: extern "C" fn(*mut c_void),
    /// None after the loop was deleted: wakers can outlive it.
    env: Mutex<Option<Env>>,
}

#[derive(Clone, Copy)]
struct Env(*mut c_void);

// SAFETY: the header requires a `wake` that can be called on any thread.
unsafe impl Send for Env {}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_set.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(env) = *lock(&self.env) {
            (self.wake)(env.0);
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum QueuedTask {
    Call(LoopCall),
    Http(HttpCall),
    Cancel(Cancellation),
    Drop(ResourceDrop),
    Settle(Settling),
    Rest(Rest),
}

/// What happens to a future that a guest has passed. It runs no guest.
enum Settling {
    Pipe(tnengine_future_t, ConsumerEnd),
    Close(Box<tnengine_future_t>),
}

impl Settling {
    fn run(self, store: StoreContextMut<'_, WasmtimeStoreData>) {
        // If the first fails, the consumer is released.
        let _ = match self {
            Settling::Pipe(future, end) => future.pipe(store, end),
            Settling::Close(future) => future.close(store),
        };
    }
}

impl QueuedTask {
    fn begin(self, accessor: &Accessor<WasmtimeStoreData>) -> Option<Task<'_>> {
        match self {
            QueuedTask::Call(call) => call.begin(accessor),
            QueuedTask::Http(call) => call.begin(accessor),
            QueuedTask::Cancel(cancellation) => {
                accessor.with(|mut store| cancellation.run(store.as_context_mut()));
                None
            }
            QueuedTask::Drop(drop) => {
                drop.run(accessor);
                None
            }
            QueuedTask::Settle(settling) => {
                accessor.with(|mut store| settling.run(store.as_context_mut()));
                None
            }
            QueuedTask::Rest(rest) => Some(Box::pin(rest.run(accessor))),
        }
    }
}

/// Waits until the guests have nothing more to do. Its end is reported exactly once.
struct Rest {
    end: tnengine_call_end_t,
    env: *mut c_void,
    outcome: u8,
}

// SAFETY: as for `LoopCall`.
unsafe impl Send for Rest {}

impl Rest {
    async fn run(mut self, accessor: &Accessor<WasmtimeStoreData>) {
        poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
        self.outcome = TNENGINE_CALL_RETURNED;
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        (self.end)(self.env, self.outcome, std::ptr::null_mut(), None);
    }
}

/// The drop of a resource that a guest defined. Its destructor is not a task of the guest's: it runs
/// to its end at once.
struct ResourceDrop {
    home: *const tnengine_home_t,
    resource: tnengine_resource_t,
    interrupts: Option<tnengine_interrupts_t>,
    result: oneshot::Sender<Result<()>>,
}

// SAFETY: as for `LoopCall`.
unsafe impl Send for ResourceDrop {}

impl ResourceDrop {
    fn run(self, accessor: &Accessor<WasmtimeStoreData>) {
        let dropped = accessor.with(|mut store| {
            // SAFETY: `tnengine_loop_drop` takes the task back if it has not run.
            let home = unsafe { &*self.home };
            let dropped = home.drop(store.as_context_mut(), &self.resource)?;
            poll_here(dropped, self.interrupts.as_ref())
        });
        let _ = self.result.send(dropped);
    }
}

/// The future of a store that runs.
type Running = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

pub struct tnengine_loop_t {
    /// None during a turn, and once the loop has ended.
    future: Cell<Option<Running>>,
    queue: Arc<Queue>,
    calls: Calls,
    flag: Arc<Flag>,
    waker: Waker,
    is_turning: Cell<bool>,
}

/// Tasks that the loop has not begun.
#[derive(Default)]
struct Queue {
    tasks: Mutex<VecDeque<QueuedTask>>,
    /// Wakes the future inside of the loop.
    waker: Mutex<Option<Waker>>,
    /// How often that future was polled in this turn.
    polls: AtomicU32,
}

impl Queue {
    fn pop(&self) -> Option<QueuedTask> {
        lock(&self.tasks).pop_front()
    }

    /// Removes drops of resources.
    fn withdraw_drops(&self) {
        lock(&self.tasks).retain(|task| !matches!(task, QueuedTask::Drop(_)));
    }

    /// Removes these tasks.
    fn take_settling(&self) -> Vec<Settling> {
        let mut tasks = lock(&self.tasks);
        let mut taken = Vec::new();
        for task in std::mem::take(&mut *tasks) {
            match task {
                QueuedTask::Settle(settling) => taken.push(settling),
                task => tasks.push_back(task),
            }
        }
        taken
    }

    fn push(&self, task: QueuedTask) {
        lock(&self.tasks).push_back(task);
        let waker = lock(&self.waker).clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

async fn run(store: &mut Store<WasmtimeStoreData>, queue: Arc<Queue>) -> Result<()> {
    store
        .run_concurrent(async |accessor: &Accessor<WasmtimeStoreData>| {
            let mut tasks: FuturesUnordered<Task<'_>> = FuturesUnordered::new();
            poll_fn(|cx| {
                queue.polls.fetch_add(1, Ordering::Relaxed);
                *lock(&queue.waker) = Some(cx.waker().clone());
                // `Engine::increment_epoch` ends guests that are running, and none that go on later.
                accessor.with(|mut store| store.as_context_mut().set_epoch_deadline(1));
                loop {
                    // Calls that have returned end first: the next one can get the number of a task of theirs,
                    // and would be cancelled in their place.
                    while let Poll::Ready(Some(())) = tasks.poll_next_unpin(cx) {}
                    match queue.pop() {
                        Some(task) => tasks.extend(task.begin(accessor)),
                        None => return Poll::<()>::Pending,
                    }
                }
            })
            .await;
        })
        .await
}

impl tnengine_loop_t {
    /// Turns of one loop do not nest.
    fn check_free(&self) -> Result<()> {
        if self.is_turning.get() {
            bail!("the loop is being turned");
        }
        Ok(())
    }

    /// Whether a guest kept the whole store waiting in the last turn, as functions of WASI 0.2 do. Nothing that was
    /// queued has begun in it.
    fn is_blocked(&self) -> bool {
        self.queue.polls.load(Ordering::Relaxed) == 0
    }

    fn turn(&self) -> Result<()> {
        self.check_free()?;
        self.is_turning.set(true);
        let turned = self.run_guests();
        self.is_turning.set(false);
        turned
    }

    fn run_guests(&self) -> Result<()> {
        let Some(mut future) = self.future.take() else {
            bail!("the loop has ended");
        };
        self.flag.is_set.store(false, Ordering::Release);
        self.queue.polls.store(0, Ordering::Relaxed);
        let _outer = Scope::begin(&CALLS, std::ptr::from_ref(&self.calls));
        let mut cx = Context::from_waker(&self.waker);
        // Timers and sockets of WASI need the runtime of wasmtime-wasi.
        let mut poll = || with_ambient_tokio_runtime(|| future.as_mut().poll(&mut cx));
        // A guest of another store may be cancelling a call now.
        let polled = guard(|| on_fibers(|_| without_cancellation(&mut poll)));
        match polled {
            Ok(Poll::Pending) => {
                self.future.set(Some(future));
                Ok(())
            }
            Ok(Poll::Ready(ended)) => ended.and(Err(format_err!("the loop has ended"))),
            Err(panic) => Err(error_of_panic(panic)),
        }
    }

    /// Ends what has not ended. Calls that end can queue others, and wakers can outlive the loop.
    fn end(&self) {
        *lock(&self.flag.env) = None;
        drop(self.future.take());
        while let Some(task) = self.queue.pop() {
            drop(task);
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_loop_new(
    store: *mut wasmtime_store_t,
    wake: extern "C" fn(*mut c_void),
    env: *mut c_void,
    made: &mut Option<Box<tnengine_loop_t>>,
) -> Failed {
    guard_error(|| {
        // SAFETY: the header requires that the store outlives the loop and is not used meanwhile.
        let store: &'static mut Store<WasmtimeStoreData> = store_of(unsafe { &mut *store });
        let queue = Arc::new(Queue::default());
        let flag = Arc::new(Flag {
            is_set: AtomicBool::new(true),
            wake,
            env: Mutex::new(Some(Env(env))),
        });
        let future: Running = Box::pin(run(store, queue.clone()));
        let made_loop = Box::new(tnengine_loop_t {
            future: Cell::new(Some(future)),
            queue,
            calls: Calls::default(),
            waker: Waker::from(flag.clone()),
            flag,
            is_turning: Cell::new(false),
        });
        if let Err(error) = made_loop.turn() {
            made_loop.end();
            return Err(error);
        }
        *made = Some(made_loop);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_call(
    the_loop: &tnengine_loop_t,
    func: *const tnengine_loop_func_t,
    lower: tnengine_lower_t,
    end: tnengine_call_end_t,
    env: *mut c_void,
    tag: &tnengine_tag_t,
    number: &mut u64,
) {
    *number = number_call();
    let call = LoopCall::new(func, lower, end, env, *tag, *number);
    // After a panic the call is dropped, which is reported.
    let _ = guard(|| {
        the_loop.queue.push(QueuedTask::Call(call));
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_handle(
    the_loop: &tnengine_loop_t,
    handler: &tnengine_http_handler_t,
    request: &tnengine_http_request_t,
    is_shared: bool,
    end: tnengine_call_end_t,
    env: *mut c_void,
    tag: &tnengine_tag_t,
    number: &mut u64,
) {
    *number = number_call();
    let call = HttpCall::new(handler, request, is_shared, end, env, *tag, *number);
    // After a panic the call is dropped, which is reported.
    let _ = guard(|| the_loop.queue.push(QueuedTask::Http(call)));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_rest(
    the_loop: &tnengine_loop_t,
    end: tnengine_call_end_t,
    env: *mut c_void,
) {
    let rest = Rest {
        end,
        env,
        outcome: TNENGINE_CALL_DROPPED,
    };
    // After a panic it is dropped, which is reported.
    let _ = guard(|| the_loop.queue.push(QueuedTask::Rest(rest)));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_cancel(the_loop: &tnengine_loop_t, number: u64) {
    let _ = guard(|| {
        the_loop
            .queue
            .push(QueuedTask::Cancel(Cancellation(number)))
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_pipe(
    the_loop: &tnengine_loop_t,
    future: &tnengine_future_t,
    callbacks: &'static tnengine_consumer_t,
    env: *mut c_void,
) {
    let end = ConsumerEnd::new(callbacks, env);
    let _ = guard(|| {
        let task = QueuedTask::Settle(Settling::Pipe(future.same(), end));
        the_loop.queue.push(task);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_close(the_loop: &tnengine_loop_t, future: Box<tnengine_future_t>) {
    let _ = guard(|| {
        the_loop
            .queue
            .push(QueuedTask::Settle(Settling::Close(future)))
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_settle(
    the_loop: &tnengine_loop_t,
    call: &mut tnengine_host_call_t<'_, '_, '_>,
) {
    let _ = guard(|| {
        let Some(mut store) = call.store() else {
            return;
        };
        for settling in the_loop.queue.take_settling() {
            settling.run(store.as_context_mut());
        }
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_turn(the_loop: &tnengine_loop_t) -> Failed {
    guard_error(|| the_loop.turn())
}

/// In a turn in which no guest runs, the engine polls the future inside of the loop once, and a
/// second time only if it has no other future to wait for (`poll_until` of wasmtime 48).
const IDLE_POLLS: u32 = 2;

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_is_idle(the_loop: &tnengine_loop_t, idle: &mut bool) -> Failed {
    guard_error(|| {
        the_loop.turn()?;
        *idle = the_loop.queue.polls.load(Ordering::Relaxed) == IDLE_POLLS
            && !the_loop.flag.is_set.load(Ordering::Acquire);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_loop_drop(
    the_loop: &tnengine_loop_t,
    home: Option<&tnengine_home_t>,
    resource: &tnengine_resource_t,
    interrupts: Option<&tnengine_interrupts_t>,
    is_dropped: &mut bool,
) -> Failed {
    guard_error(|| {
        *is_dropped = false;
        let home = home.ok_or_else(|| {
            format_err!("no guest of this store has passed a resource to the host")
        })?;
        the_loop.check_free()?;
        if the_loop.is_blocked() {
            return Ok(());
        }
        let (result, mut dropped) = oneshot::channel();
        the_loop.queue.push(QueuedTask::Drop(ResourceDrop {
            home,
            resource: *resource,
            interrupts: interrupts.copied(),
            result,
        }));
        let turned = the_loop.turn();
        // The turn has not come to it if a guest has begun to keep the whole store waiting.
        the_loop.queue.withdraw_drops();
        turned?;
        if let Ok(Some(dropped)) = dropped.try_recv() {
            *is_dropped = true;
            return dropped;
        }
        Ok(())
    })
}

/// A pointer, because the calls that end here can use the loop.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_loop_delete(the_loop: *mut tnengine_loop_t) {
    // SAFETY: the header requires a loop that `tnengine_loop_new` has given.
    let _ = guard(|| unsafe { &*the_loop }.end());
    // SAFETY: as above, and nothing uses it any more.
    let _ = guard(|| drop(unsafe { Box::from_raw(the_loop) }));
}
