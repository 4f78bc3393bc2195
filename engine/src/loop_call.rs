//! Calls of exports that end later than they begin, on the loop of their store (`event_loop.rs`).
//!
//! The result of a call comes without a context of ours, like that of a synchronous call
//! (`raw_export.rs`). Other calls may run in between, so it is not found through a thread-local:
//! the loop has a `ResultReader` for each type of result, and what the reader makes of the values
//! becomes the result of the call.
//!
//! The embedder can tag a call. The calls that guests make of host functions while they work for it
//! have the same tag.

use crate::event_loop::Task;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_export::*;
use crate::raw_flat::{FillParams, FlatFunc, TakeResult, count_result};
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_import::tnengine_host_call_t;
use crate::stream::{Lifted, connect_all};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, TypeTupleIndex,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{
    Accessor, CallCancelled, ComponentNamedList, ComponentType, GuestTaskId, Instance, Lift, Lower,
};
use wasmtime::{AsContextMut, Error, Result, StoreContextMut, ValRaw, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData};

/// Reads the results of functions whose results are of one type.
struct ResultReader {
    read: tnengine_read_result_t,
    release: tnengine_release_t,
    env: *mut c_void,
    handles: HandleCache,
}

/// Makes an object of the embedder's from the flat values of a result, or from their address.
pub type tnengine_read_result_t = extern "C" fn(
    *mut c_void,
    &mut tnengine_guest_t<'_, '_>,
    *const ValRaw,
    usize,
    &mut *mut c_void,
) -> Failed;

pub type tnengine_release_t = extern "C" fn(*mut c_void);

/// Data that the embedder attached to a call. All zero: none.
pub type tnengine_tag_t = [u64; 3];

/// A number for a call, by which the embedder cancels it. None is used twice in a process: a request to
/// cancel can come after the end of its call, and to another loop.
pub(crate) fn number_call() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// A request to cancel the call of a number.
pub(crate) struct Cancellation(pub(crate) u64);

impl Cancellation {
    pub(crate) fn run(self, mut store: StoreContextMut<'_, WasmtimeStoreData>) {
        // None: the call has ended, or was cancelled before.
        if let Some(task) = with_calls(|calls| calls.take_task(self.0)).flatten() {
            // After an error, the call goes on.
            let _ = store.cancel_call(task);
        }
    }
}

/// State that the calls of a loop share. It is used in turns alone.
#[derive(Default)]
pub(crate) struct Calls {
    /// By the type of the result. The store keeps the types alive.
    readers: RefCell<HashMap<(*const ComponentTypes, TypeTupleIndex), ResultReader>>,
    /// By the task that a call began. A task can go on after its call has returned, so its tag stays
    /// until another task gets its number.
    tags: RefCell<HashMap<GuestTaskId, tnengine_tag_t>>,
    /// The tasks of calls that can be cancelled, by the numbers of the calls.
    tasks: RefCell<HashMap<u64, GuestTaskId>>,
}

impl Calls {
    /// The call can be cancelled from now on.
    pub(crate) fn add_task(&self, number: u64, task: GuestTaskId) {
        self.tasks.borrow_mut().insert(number, task);
    }

    /// The call cannot be cancelled any more. To be called when the engine's future of the call has
    /// completed: another call can get the task's number then.
    pub(crate) fn take_task(&self, number: u64) -> Option<GuestTaskId> {
        self.tasks.borrow_mut().remove(&number)
    }

    fn set_tag(&self, task: GuestTaskId, tag: tnengine_tag_t) {
        let mut tags = self.tags.borrow_mut();
        if tag != tnengine_tag_t::default() {
            tags.insert(task, tag);
        } else if !tags.is_empty() {
            tags.remove(&task);
        }
    }
}

#[derive(Clone, Copy)]
struct ResultType {
    key: (*const ComponentTypes, TypeTupleIndex),
    count: u8,
}

thread_local! {
    /// Those of the loop that is being turned.
    pub(crate) static CALLS: Cell<*const Calls> = const { Cell::new(std::ptr::null()) };
    /// The type of the result of the function that is being looked up.
    static RESULT_TYPE: Cell<Option<ResultType>> = const { Cell::new(None) };
}

/// Passes the calls of the loop that is being turned. None outside of turns.
pub(crate) fn with_calls<R>(body: impl FnOnce(&Calls) -> R) -> Option<R> {
    // SAFETY: `turn` sets it to those of its loop, for the time of the turn.
    unsafe { CALLS.get().as_ref() }.map(body)
}

fn not_in_a_turn() -> Error {
    format_err!("no loop is being turned")
}

/// A result, as the embedder's reader made it. Null for a function without one.
struct ReadResult {
    object: *mut c_void,
    release: Option<tnengine_release_t>,
    lifted: Vec<Lifted>,
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
        with_calls(|calls| {
            let readers = calls.readers.borrow();
            let reader = readers
                .get(&(Arc::as_ptr(cx.types), tuple))
                .ok_or_else(|| format_err!("the type of the result has no reader"))?;
            let mut result = std::ptr::null_mut();
            let mut guest = tnengine_guest_t::new(Side::Lift(cx, ty), &reader.handles);
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
        })
        .ok_or_else(not_in_a_turn)?
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
pub struct tnengine_loop_func_t {
    instance: Instance,
    path: Vec<String>,
    params: u8,
    result: u8,
    read: tnengine_read_result_t,
    release: tnengine_release_t,
    read_env: *mut c_void,
    handles: HandleCache,
    found: RefCell<Option<Rc<FlatFunc>>>,
}

impl tnengine_loop_func_t {
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
        let func = FlatFunc::new(func, self.params, self.result);
        func.check_result(ty.count)?;
        let reader = || ResultReader {
            read: self.read,
            release: self.release,
            env: self.read_env,
            handles: HandleCache::default(),
        };
        with_calls(|calls| {
            let mut readers = calls.readers.borrow_mut();
            readers.entry(ty.key).or_insert_with(reader);
        })
        .ok_or_else(not_in_a_turn)?;
        Ok(func)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_loop_func_new(
    instance: &Instance,
    path: *const tnengine_slice_t<'_>,
    path_size: usize,
    params: u8,
    result: u8,
    read: tnengine_read_result_t,
    release: tnengine_release_t,
    read_env: *mut c_void,
    func: &mut Option<Box<tnengine_loop_func_t>>,
) -> Failed {
    guard_error(|| {
        *func = Some(Box::new(tnengine_loop_func_t {
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
pub extern "C" fn tnengine_loop_func_delete(_func: Box<tnengine_loop_func_t>) {}

pub const TNENGINE_CALL_RETURNED: u8 = 0;
pub const TNENGINE_CALL_FAILED: u8 = 1;
pub const TNENGINE_CALL_DROPPED: u8 = 2;
pub const TNENGINE_CALL_CANCELLED: u8 = 3;

pub type tnengine_call_end_t = extern "C" fn(*mut c_void, u8, *mut c_void, Failed);

/// A call on its way through a loop. Its end is reported exactly once.
pub(crate) struct LoopCall {
    func: *const tnengine_loop_func_t,
    lower: tnengine_lower_t,
    end: tnengine_call_end_t,
    env: *mut c_void,
    tag: tnengine_tag_t,
    number: u64,
    is_ended: bool,
}

// SAFETY: the embedder turns a loop on one thread at a time, and keeps `func` and `env` until the end of
// the call.
unsafe impl Send for LoopCall {}

impl LoopCall {
    pub(crate) fn new(
        func: *const tnengine_loop_func_t,
        lower: tnengine_lower_t,
        end: tnengine_call_end_t,
        env: *mut c_void,
        tag: tnengine_tag_t,
        number: u64,
    ) -> Self {
        Self {
            func,
            lower,
            end,
            env,
            tag,
            number,
            is_ended: false,
        }
    }

    fn finish(mut self, result: Result<ReadResult>) {
        self.is_ended = true;
        with_calls(|calls| calls.take_task(self.number));
        match result {
            Ok(result) => {
                (self.end)(self.env, TNENGINE_CALL_RETURNED, result.take(), None);
            }
            Err(error) if error.is::<CallCancelled>() => (self.end)(
                self.env,
                TNENGINE_CALL_CANCELLED,
                std::ptr::null_mut(),
                None,
            ),
            Err(error) => (self.end)(
                self.env,
                TNENGINE_CALL_FAILED,
                std::ptr::null_mut(),
                Some(Box::new(error.into())),
            ),
        }
    }

    /// Begins the call. Returns what is left to do.
    pub(crate) fn begin(self, accessor: &Accessor<WasmtimeStoreData>) -> Option<Task<'_>> {
        // SAFETY: see above.
        let func = unsafe { &*self.func };
        let params = LoopParams {
            func,
            lower: self.lower,
            env: self.env,
        };
        let (tag, number) = (self.tag, self.number);
        let begun = |task| {
            with_calls(|calls| calls.add_task(number, task));
            tag_task(task, tag);
        };
        let done = move |result: Result<ReadResult>| {
            self.finish(result.and_then(|result| result.connect(accessor)));
        };
        match func.find(accessor) {
            Ok(flat) => flat.begin(accessor, params, begun, done),
            Err(error) => {
                done(Err(error));
                None
            }
        }
    }
}

impl Drop for LoopCall {
    fn drop(&mut self) {
        if !self.is_ended {
            (self.end)(self.env, TNENGINE_CALL_DROPPED, std::ptr::null_mut(), None);
        }
    }
}

/// The params of a call. The engine asks for them when the instance takes the call, which can be in
/// a later turn.
struct LoopParams {
    func: *const tnengine_loop_func_t,
    lower: tnengine_lower_t,
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

/// Sets the tag of a task that was begun in this turn.
pub(crate) fn tag_task(task: GuestTaskId, tag: tnengine_tag_t) {
    with_calls(|calls| calls.set_tag(task, tag));
}

/// The tag of the calls in progress in the store whose turn it is, if they have one tag.
pub(crate) fn shared_tag() -> Option<tnengine_tag_t> {
    with_calls(|calls| {
        let tags = calls.tags.borrow();
        let first = tags.values().next()?;
        tags.values().all(|tag| tag == first).then_some(*first)
    })
    .flatten()
}

/// The tag of the call for which the guest of the store works. It is that of the task at the root:
/// the tasks of calls between guests of a store descend from it.
#[unsafe(no_mangle)]
pub extern "C" fn tnengine_host_call_tag(
    call: &mut tnengine_host_call_t<'_, '_, '_>,
    tag: &mut tnengine_tag_t,
) -> bool {
    let found = guard(|| {
        with_calls(|calls| {
            let tags = calls.tags.borrow();
            if tags.is_empty() {
                return None;
            }
            let root = call.store()?.async_call_stack().ok()?.last()?;
            tags.get(&root).copied()
        })
    });
    if let Ok(Some(Some(found))) = found {
        *tag = found;
        return true;
    }
    false
}
