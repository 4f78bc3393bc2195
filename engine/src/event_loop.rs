//! Event loops of stores, and calls of exports that end later than they begin.
//!
//! A store of a concurrent engine runs its guests in turns. A loop is the future of
//! `Store::run_concurrent`, which borrows the store as long as it lives. The future inside of it
//! takes commands from a queue, begins calls, and polls those that are under way. `turn` polls the
//! whole once: guests run until each of them waits, and then `turn` returns. Between turns nothing
//! runs, so one thread can drive any number of loops, and a loop can move between threads.
//!
//! Loops nest: a host function of one store, called within a turn, may turn the loop of another
//! store. But a loop cannot begin within a turn, because the engine refuses that; `loop_new` polls
//! it for the first time, so it is called outside of all turns.
//!
//! The result of a call comes without a context of ours, like that of a synchronous call
//! (`raw_export.rs`). Other calls may run in between, so it is not found through a thread-local:
//! the loop has a `ResultReader` for each type of result, and what the reader makes of the values
//! becomes the result of the call.

use crate::drive::{on_other_stack, poll_here};
use crate::ffi::*;
use crate::limits::store_of;
use crate::raw::*;
use crate::raw_export::*;
use crate::raw_flat::{FillParams, FlatFunc, TakeResult, count_result};
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_resource::*;
use crate::stream::{
    ConsumerEnd, LiftedStream, connect_all, tenon_engine_consumer_t, tenon_engine_future_t,
};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, TypeTupleIndex,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{Accessor, ComponentNamedList, ComponentType, Instance, Lift, Lower};
use wasmtime::{AsContextMut, Result, Store, ValRaw, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData, wasmtime_store_t};
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

type Task<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What `turn` and other threads share: whether the loop has something to do.
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the results of functions whose results are of one type.
struct ResultReader {
    read: tenon_engine_read_result_t,
    release: tenon_engine_release_t,
    env: *mut c_void,
    handles: HandleCache,
}

/// Makes an object of the embedder's from the flat values of a result, or from their address.
pub type tenon_engine_read_result_t = extern "C" fn(
    *mut c_void,
    &mut tenon_engine_guest_t<'_, '_>,
    *const ValRaw,
    usize,
    &mut *mut c_void,
) -> Failed;

pub type tenon_engine_release_t = extern "C" fn(*mut c_void);

/// The readers of a loop, by the type of the result. The store keeps the types alive.
#[derive(Default)]
struct Readers(RefCell<HashMap<(*const ComponentTypes, TypeTupleIndex), ResultReader>>);

#[derive(Clone, Copy)]
struct ResultType {
    key: (*const ComponentTypes, TypeTupleIndex),
    count: u8,
}

thread_local! {
    /// Those of the loop that is being turned.
    static READERS: Cell<*const Readers> = const { Cell::new(std::ptr::null()) };
    /// The type of the result of the function that is being looked up.
    static RESULT_TYPE: Cell<Option<ResultType>> = const { Cell::new(None) };
}

/// A result, as the embedder's reader made it. Null for a function without one.
struct ReadResult {
    object: *mut c_void,
    release: Option<tenon_engine_release_t>,
    lifted: Vec<LiftedStream>,
}

// SAFETY: the object is the embedder's, which turns a loop on one thread at a time.
unsafe impl Send for ReadResult {}

impl ReadResult {
    fn none() -> Self {
        Self {
            object: std::ptr::null_mut(),
            release: None,
            lifted: Vec::new(),
        }
    }

    fn connect(mut self, accessor: &Accessor<WasmtimeStoreData>) -> Result<Self> {
        if !self.lifted.is_empty() {
            let lifted = std::mem::take(&mut self.lifted);
            accessor.with(|mut store| connect_all(lifted, store.as_context_mut()))?;
        }
        Ok(self)
    }

    /// Passes the object to the caller.
    fn take(mut self) -> *mut c_void {
        std::mem::replace(&mut self.object, std::ptr::null_mut())
    }
}

impl Drop for ReadResult {
    fn drop(&mut self) {
        // The guest trapped after it had returned the result.
        if let Some(release) = self.release.filter(|_| !self.object.is_null()) {
            release(self.object);
        }
    }
}

impl TakeResult for ReadResult {
    fn take(cx: &mut LiftContext<'_>, ty: InterfaceType, values: &[ValRaw]) -> Result<Self> {
        let tuple = tuple_of(ty)?;
        if cx.types[tuple].types.is_empty() {
            return Ok(ReadResult::none());
        }
        // SAFETY: `turn` has set it, and turns it back only when the loop has been polled.
        let readers = unsafe { &*READERS.get() }.0.borrow();
        let reader = readers
            .get(&(Arc::as_ptr(cx.types), tuple))
            .ok_or_else(|| format_err!("the type of the result has no reader"))?;
        let mut result = std::ptr::null_mut();
        let mut guest = tenon_engine_guest_t::new(Side::Lift(cx, ty), &reader.handles);
        check((reader.read)(
            reader.env,
            &mut guest,
            values.as_ptr(),
            values.len(),
            &mut result,
        ))?;
        Ok(ReadResult {
            object: result,
            release: Some(reader.release),
            lifted: guest.take_lifted(),
        })
    }
}

/// The types by which a function is looked up: they accept every function, and note the type of
/// its result.
struct AnyParams;
struct AnyResult;

// SAFETY: the types have no values.
unsafe impl ComponentNamedList for AnyParams {}
unsafe impl ComponentType for AnyParams {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = opaque_abi(0);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lower for AnyParams {
    fn linear_lower_to_flat<T>(
        &self,
        _cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        _dst: &mut std::mem::MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        bail!("the type has no values")
    }

    fn linear_lower_to_memory<T>(
        &self,
        _cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        _offset: usize,
    ) -> Result<()> {
        bail!("the type has no values")
    }
}

unsafe impl ComponentNamedList for AnyResult {}
unsafe impl ComponentType for AnyResult {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = opaque_abi(0);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        RESULT_TYPE.set(Some(ResultType {
            key: (Arc::as_ptr(types.types), tuple_of(*ty)?),
            count: count_result(types.types, *ty)?,
        }));
        Ok(())
    }
}

unsafe impl Lift for AnyResult {
    fn linear_lift_from_flat(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _src: &Self::Lower,
    ) -> Result<Self> {
        bail!("the type has no values")
    }

    fn linear_lift_from_memory(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        bail!("the type has no values")
    }
}

/// An export that is called on its store's loop. It is looked up at its first call, because the
/// store is accessible only in a turn.
pub struct tenon_engine_loop_func_t {
    instance: Instance,
    path: Vec<String>,
    params: u8,
    result: u8,
    read: tenon_engine_read_result_t,
    release: tenon_engine_release_t,
    read_env: *mut c_void,
    handles: HandleCache,
    found: RefCell<Option<Rc<FlatFunc>>>,
}

impl tenon_engine_loop_func_t {
    fn find(&self, accessor: &Accessor<WasmtimeStoreData>) -> Result<Rc<FlatFunc>> {
        if let Some(func) = &*self.found.borrow() {
            return Ok(func.clone());
        }
        let func = Rc::new(accessor.with(|mut store| self.look_up(store.as_context_mut()))?);
        *self.found.borrow_mut() = Some(func.clone());
        Ok(func)
    }

    fn look_up(&self, mut store: WasmtimeStoreContextMut<'_>) -> Result<FlatFunc> {
        let func = find_export(&mut store, &self.instance, &self.path)?;
        func.typed::<AnyParams, AnyResult>(&store)?;
        let ty = RESULT_TYPE
            .take()
            .expect("a function whose type was checked");
        let func = FlatFunc::new(func, self.params, self.result, true);
        func.check_result(ty.count)?;
        // SAFETY: `turn` has set the readers, and the types are those of the store's component.
        let readers = unsafe { &*READERS.get() };
        readers
            .0
            .borrow_mut()
            .entry(ty.key)
            .or_insert_with(|| ResultReader {
                read: self.read,
                release: self.release,
                env: self.read_env,
                handles: HandleCache::default(),
            });
        Ok(func)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_engine_loop_func_new(
    instance: &Instance,
    path: *const tenon_engine_slice_t<'_>,
    path_size: usize,
    params: u8,
    result: u8,
    read: tenon_engine_read_result_t,
    release: tenon_engine_release_t,
    read_env: *mut c_void,
    func: &mut Option<Box<tenon_engine_loop_func_t>>,
) -> Failed {
    guard_error(|| {
        *func = Some(Box::new(tenon_engine_loop_func_t {
            instance: *instance,
            // SAFETY: the header requires `path_size` slices.
            path: unsafe { path_of(path, path_size) }?,
            params,
            result,
            read,
            release,
            read_env,
            handles: HandleCache::default(),
            found: RefCell::new(None),
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_func_delete(_func: Box<tenon_engine_loop_func_t>) {}

pub const TENON_ENGINE_CALL_RETURNED: u8 = 0;
pub const TENON_ENGINE_CALL_FAILED: u8 = 1;
pub const TENON_ENGINE_CALL_DROPPED: u8 = 2;

pub type tenon_engine_call_end_t = extern "C" fn(*mut c_void, u8, *mut c_void, Failed);

/// A call on its way through a loop. Its end is reported exactly once.
struct LoopCall {
    func: *const tenon_engine_loop_func_t,
    lower: tenon_engine_lower_t,
    end: tenon_engine_call_end_t,
    env: *mut c_void,
    is_ended: bool,
}

// SAFETY: the embedder turns a loop on one thread at a time, and keeps `func` and `env` until the
// end of the call.
unsafe impl Send for LoopCall {}

impl LoopCall {
    fn finish(mut self, result: Result<ReadResult>) {
        self.is_ended = true;
        match result {
            Ok(result) => {
                (self.end)(self.env, TENON_ENGINE_CALL_RETURNED, result.take(), None);
            }
            Err(error) => (self.end)(
                self.env,
                TENON_ENGINE_CALL_FAILED,
                std::ptr::null_mut(),
                Some(Box::new(error.into())),
            ),
        }
    }

    /// Begins the call. Returns what is left to do.
    fn begin(self, accessor: &Accessor<WasmtimeStoreData>) -> Option<Task<'_>> {
        // SAFETY: see above.
        let func = unsafe { &*self.func };
        let params = LoopParams {
            func,
            lower: self.lower,
            env: self.env,
        };
        let begun = func
            .find(accessor)
            .and_then(|flat| flat.begin::<_, ReadResult>(accessor, params));
        match begun {
            Ok(call) => Some(Box::pin(async move {
                let result = call.await;
                self.finish(result.and_then(|result| result.connect(accessor)));
            })),
            Err(error) => {
                self.finish(Err(error));
                None
            }
        }
    }
}

enum QueuedTask {
    Call(LoopCall),
    Drop(ResourceDrop),
    Pipe(Box<tenon_engine_future_t>, ConsumerEnd),
    Close(Box<tenon_engine_future_t>),
}

impl QueuedTask {
    fn begin(self, accessor: &Accessor<WasmtimeStoreData>) -> Option<Task<'_>> {
        match self {
            QueuedTask::Call(call) => call.begin(accessor),
            QueuedTask::Drop(drop) => {
                drop.run(accessor);
                None
            }
            // If this fails, the consumer is released.
            QueuedTask::Pipe(future, end) => {
                let _ = accessor.with(|mut store| future.pipe(store.as_context_mut(), end));
                None
            }
            QueuedTask::Close(future) => {
                let _ = accessor.with(|mut store| future.close(store.as_context_mut()));
                None
            }
        }
    }
}

/// The drop of a resource that a guest defined. Its destructor is not a task of the guest's: it runs
/// to its end at once.
struct ResourceDrop {
    home: *const tenon_engine_home_t,
    resource: tenon_engine_resource_t,
    result: *mut Option<Result<()>>,
}

// SAFETY: as for `LoopCall`.
unsafe impl Send for ResourceDrop {}

impl ResourceDrop {
    fn run(self, accessor: &Accessor<WasmtimeStoreData>) {
        let dropped = accessor.with(|mut store| {
            // SAFETY: `tenon_engine_loop_drop` waits for the drop.
            let home = unsafe { &*self.home };
            poll_here(home.drop(store.as_context_mut(), &self.resource)?)
        });
        // SAFETY: as above.
        unsafe { *self.result = Some(dropped) };
    }
}

impl Drop for LoopCall {
    fn drop(&mut self) {
        if !self.is_ended {
            (self.end)(
                self.env,
                TENON_ENGINE_CALL_DROPPED,
                std::ptr::null_mut(),
                None,
            );
        }
    }
}

/// The params of a call. The engine asks for them when the instance takes the call, which can be in
/// a later turn.
struct LoopParams {
    func: *const tenon_engine_loop_func_t,
    lower: tenon_engine_lower_t,
    env: *mut c_void,
}

impl FillParams for LoopParams {
    fn fill<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
    ) -> Result<()> {
        // SAFETY: as for `LoopCall`.
        let func = unsafe { &*self.func };
        let found = func.found.borrow().clone();
        let flat = found.ok_or_else(|| format_err!("the function was not looked up"))?;
        fill_by_callback(cx, ty, slots, &flat, &func.handles, |guest, count| {
            (self.lower)(self.env, guest, slots, count)
        })
    }
}

pub struct tenon_engine_loop_t {
    /// None once the loop has ended.
    future: Option<Pin<Box<dyn Future<Output = Result<()>> + Send>>>,
    queue: Arc<Queue>,
    readers: Box<Readers>,
    flag: Arc<Flag>,
    waker: Waker,
    is_turning: bool,
}

/// What the loop has not begun.
#[derive(Default)]
struct Queue {
    tasks: Mutex<VecDeque<QueuedTask>>,
    /// Of the future inside of the loop.
    waker: Mutex<Option<Waker>>,
    /// How often that future was polled in this turn.
    polls: AtomicU32,
}

impl Queue {
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
                    // Not in the condition of a loop: the lock must be free while the call begins.
                    let next = lock(&queue.tasks).pop_front();
                    match next {
                        Some(task) => tasks.extend(task.begin(accessor)),
                        None => break,
                    }
                }
                while let Poll::Ready(Some(())) = tasks.poll_next_unpin(cx) {}
                Poll::<()>::Pending
            })
            .await;
        })
        .await
}

impl tenon_engine_loop_t {
    fn turn(&mut self) -> Result<()> {
        let Some(future) = &mut self.future else {
            bail!("the loop has ended");
        };
        self.flag.is_set.store(false, Ordering::Release);
        self.queue.polls.store(0, Ordering::Relaxed);
        let outer = READERS.replace(&*self.readers);
        let mut cx = Context::from_waker(&self.waker);
        // Timers and sockets of WASI need the runtime of wasmtime-wasi.
        let polled = guard(|| {
            on_other_stack(|_| with_ambient_tokio_runtime(|| future.as_mut().poll(&mut cx)))
        });
        READERS.set(outer);
        match polled {
            Ok(Poll::Pending) => Ok(()),
            Ok(Poll::Ready(ended)) => {
                self.future = None;
                ended.and(Err(format_err!("the loop has ended")))
            }
            Err(panic) => {
                self.future = None;
                Err(Panicked(panic).into())
            }
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_engine_loop_new(
    store: *mut wasmtime_store_t,
    wake: extern "C" fn(*mut c_void),
    env: *mut c_void,
    made: &mut Option<Box<tenon_engine_loop_t>>,
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
        let mut made_loop = Box::new(tenon_engine_loop_t {
            future: Some(Box::pin(run(store, queue.clone()))),
            queue,
            readers: Box::default(),
            waker: Waker::from(flag.clone()),
            flag,
            is_turning: false,
        });
        made_loop.turn()?;
        *made = Some(made_loop);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_call(
    the_loop: &tenon_engine_loop_t,
    func: *const tenon_engine_loop_func_t,
    lower: tenon_engine_lower_t,
    end: tenon_engine_call_end_t,
    env: *mut c_void,
) {
    let call = LoopCall {
        func,
        lower,
        end,
        env,
        is_ended: false,
    };
    // After a panic the call is dropped, which is reported.
    let _ = guard(|| {
        the_loop.queue.push(QueuedTask::Call(call));
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_pipe(
    the_loop: &tenon_engine_loop_t,
    future: Box<tenon_engine_future_t>,
    callbacks: &'static tenon_engine_consumer_t,
    env: *mut c_void,
) {
    let end = ConsumerEnd::new(callbacks, env);
    let _ = guard(|| the_loop.queue.push(QueuedTask::Pipe(future, end)));
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_close(
    the_loop: &tenon_engine_loop_t,
    future: Box<tenon_engine_future_t>,
) {
    let _ = guard(|| the_loop.queue.push(QueuedTask::Close(future)));
}

/// Turns of one loop do not nest, so that this is known before there is a unique reference.
fn turn(the_loop: *mut tenon_engine_loop_t) -> Result<()> {
    // SAFETY: the header requires a loop that was not deleted.
    unsafe {
        if (*the_loop).is_turning {
            bail!("the loop is being turned");
        }
        (*the_loop).is_turning = true;
        let turned = (*the_loop).turn();
        (*the_loop).is_turning = false;
        turned
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_turn(the_loop: *mut tenon_engine_loop_t) -> Failed {
    guard_error(|| turn(the_loop))
}

/// In a turn in which no guest runs, the engine polls the future inside of the loop once, and a
/// second time only if it has no other future to wait for (`poll_until` of wasmtime 48).
const IDLE_POLLS: u32 = 2;

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_is_idle(
    the_loop: *mut tenon_engine_loop_t,
    idle: &mut bool,
) -> Failed {
    guard_error(|| {
        turn(the_loop)?;
        // SAFETY: as for `turn`.
        let (queue, flag) = unsafe { (&(*the_loop).queue, &(*the_loop).flag) };
        *idle = queue.polls.load(Ordering::Relaxed) == IDLE_POLLS
            && !flag.is_set.load(Ordering::Acquire);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_drop(
    the_loop: *mut tenon_engine_loop_t,
    home: Option<&tenon_engine_home_t>,
    resource: &tenon_engine_resource_t,
) -> Failed {
    guard_error(|| {
        let home = home.ok_or_else(|| {
            format_err!("no guest of this store has passed a resource to the host")
        })?;
        let mut result = None;
        let drop = ResourceDrop {
            home,
            resource: *resource,
            result: &mut result,
        };
        // SAFETY: as for `turn`; no reference to the queue is kept.
        unsafe { (*the_loop).queue.push(QueuedTask::Drop(drop)) };
        turn(the_loop)?;
        result.unwrap_or_else(|| bail!("the resource was not dropped"))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_loop_delete(the_loop: Box<tenon_engine_loop_t>) {
    *lock(&the_loop.flag.env) = None;
    let _ = guard(|| drop(the_loop));
}
