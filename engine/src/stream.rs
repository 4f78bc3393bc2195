//! Streams and futures between a guest and the embedder, for items of any type.
//!
//! The embedder reads what a guest writes by a *consumer*, and writes what a guest reads by a
//! *producer*: objects of its own, with callbacks. Both are polled by the engine, within turns of
//! the store's loop, and decide how many items pass; the embedder copies their bytes.
//!
//! | file | subject |
//! | --- | --- |
//! | `stream.rs` | the callbacks, and how ends enter and leave a guest |
//! | `stream_items.rs` | the Rust types of items, by which the engine moves them |
//! | `stream_polls.rs` | the engine's traits for consumers and producers |
//!
//! A stream that the embedder made and that comes back from the guest is not read through the
//! guest: the consumer gets the producer itself (`adopt`).

use crate::ffi::*;
use crate::http_handle::Unread;
use crate::raw::*;
use crate::raw_handle::{Handle, HandleCache};
use crate::stream_items::*;
use crate::stream_polls::{BytesProducer, Consumer, Producer};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::task::{Context, Waker};
use wasmtime::component::__internal::wasmtime_environ::component::InterfaceType;
use wasmtime::component::__internal::{LiftContext, LowerContext};
use wasmtime::component::{
    ComponentType, FutureProducer, FutureReader, Lift, Lower, ReadBuffer, Source, StreamConsumer,
    StreamProducer, StreamReader,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, ValRaw, bail};
use wasmtime_c_api::WasmtimeStoreData;

pub const TNENGINE_POLL_PENDING: u8 = 0;
pub const TNENGINE_POLL_COMPLETED: u8 = 1;
pub const TNENGINE_POLL_DROPPED: u8 = 2;
pub const TNENGINE_POLL_CANCELLED: u8 = 3;
pub const TNENGINE_POLL_READ: u8 = 4;
pub const TNENGINE_POLL_NO_MEMORY: u8 = 5;

/// Asks for another poll of a consumer or a producer.
pub struct tnengine_waker_t(Waker);

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_waker_clone(waker: &tnengine_waker_t) -> Box<tnengine_waker_t> {
    Box::new(tnengine_waker_t(waker.0.clone()))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_waker_wake(waker: Box<tnengine_waker_t>) {
    let _ = guard(|| waker.0.wake());
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_waker_delete(_waker: Box<tnengine_waker_t>) {}

fn with_waker<R>(cx: &Context<'_>, body: impl FnOnce(&tnengine_waker_t) -> R) -> R {
    // SAFETY: the waker is not dropped, so that it stays the owner of what it refers to.
    let waker =
        std::mem::ManuallyDrop::new(tnengine_waker_t(unsafe { std::ptr::read(cx.waker()) }));
    body(&waker)
}

/// A write of the guest, as far as it was not taken yet.
#[repr(C)]
pub struct tnengine_write_t {
    /// Of a `stream<u8>`, else null.
    pub(crate) bytes: *const u8,
    pub(crate) count: usize,
    /// The guest cancels the write.
    pub(crate) is_cancelled: bool,
}

/// A read of the guest.
#[repr(C)]
pub struct tnengine_read_t {
    /// Of a `stream<u8>`, else null.
    pub(crate) bytes: *mut u8,
    pub(crate) count: usize,
    /// The guest cancels the read.
    pub(crate) is_cancelled: bool,
}

#[repr(C)]
pub struct tnengine_consumer_t {
    poll: extern "C" fn(*mut c_void, &tnengine_write_t, &tnengine_waker_t, &mut usize) -> u8,
    read: extern "C" fn(*mut c_void, &mut tnengine_guest_t<'_, '_>, u32, usize) -> Failed,
    adopt: extern "C" fn(*mut c_void, *mut c_void),
    take_value: extern "C" fn(*mut c_void, *mut c_void),
    release: extern "C" fn(*mut c_void),
}

#[repr(C)]
pub struct tnengine_producer_t {
    poll: extern "C" fn(*mut c_void, &tnengine_read_t, &tnengine_waker_t, &mut usize) -> u8,
    write: extern "C" fn(*mut c_void, &mut tnengine_guest_t<'_, '_>, u32, usize) -> Failed,
    release: extern "C" fn(*mut c_void),
}

/// The embedder's object for a stream or future that a guest writes.
pub(crate) struct ConsumerEnd {
    callbacks: &'static tnengine_consumer_t,
    env: *mut c_void,
    handles: HandleCache,
}

/// The embedder's object for a stream or future that a guest reads.
pub(crate) struct ProducerEnd {
    callbacks: &'static tnengine_producer_t,
    env: *mut c_void,
    handles: HandleCache,
}

// SAFETY: the header permits any thread that runs the store, one at a time.
unsafe impl Send for ConsumerEnd {}
unsafe impl Sync for ConsumerEnd {}
unsafe impl Send for ProducerEnd {}
unsafe impl Sync for ProducerEnd {}

impl Drop for ConsumerEnd {
    fn drop(&mut self) {
        (self.callbacks.release)(self.env);
    }
}

impl Drop for ProducerEnd {
    fn drop(&mut self) {
        if !self.env.is_null() {
            (self.callbacks.release)(self.env);
        }
    }
}

impl ConsumerEnd {
    pub(crate) fn new(callbacks: &'static tnengine_consumer_t, env: *mut c_void) -> Self {
        Self {
            callbacks,
            env,
            handles: HandleCache::default(),
        }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>, write: &tnengine_write_t, taken: &mut usize) -> u8 {
        with_waker(cx, |waker| {
            (self.callbacks.poll)(self.env, write, waker, taken)
        })
    }

    /// Passes the value of a future that the embedder made.
    pub(crate) fn take_value(&self, producer: &ProducerEnd) {
        (self.callbacks.take_value)(self.env, producer.env);
    }

    /// Passes the producer's object to the embedder.
    fn adopt(&self, mut producer: ProducerEnd) {
        (self.callbacks.adopt)(self.env, producer.take());
    }

    /// Lets the embedder read the items of a write that is not taken.
    pub(crate) fn read<T, B>(
        &self,
        mut store: StoreContextMut<'_, WasmtimeStoreData>,
        source: &mut Source<'_, T>,
        buffer: &mut B,
        count: usize,
    ) -> Result<()>
    where
        T: Lift + 'static,
        B: ReadBuffer<T>,
    {
        let mut lifted = Vec::new();
        let mut body = |cx: &mut LiftContext<'_>, ty: InterfaceType, address: u32| {
            let mut guest = tnengine_guest_t::new(Side::Lift(cx, ty), &self.handles);
            let read = (self.callbacks.read)(self.env, &mut guest, address, count);
            lifted = guest.take_lifted();
            check(read)
        };
        let read = with_address(&mut body, || source.read(store.as_context_mut(), buffer));
        read?;
        connect_all(lifted, store)
    }
}

impl ProducerEnd {
    pub(crate) fn new(callbacks: &'static tnengine_producer_t, env: *mut c_void) -> Self {
        Self {
            callbacks,
            env,
            handles: HandleCache::default(),
        }
    }

    /// Passes the embedder's object to the caller.
    fn take(&mut self) -> *mut c_void {
        std::mem::replace(&mut self.env, std::ptr::null_mut())
    }

    pub(crate) fn poll(&self, cx: &Context<'_>, read: &tnengine_read_t, ready: &mut usize) -> u8 {
        with_waker(cx, |waker| {
            (self.callbacks.poll)(self.env, read, waker, ready)
        })
    }

    /// Lets the embedder write items that are ready.
    pub(crate) fn write<T: 'static>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        address: usize,
        count: usize,
    ) -> Result<()> {
        let side = Side::Lower {
            cx: concrete(cx)?,
            ty,
            slots: std::ptr::null_mut(),
            count: 0,
        };
        let mut guest = tnengine_guest_t::of_items(side, &self.handles);
        check((self.callbacks.write)(
            self.env,
            &mut guest,
            u32::try_from(address)?,
            count,
        ))
    }
}

enum LiftedReader {
    Bytes(StreamReader<u8>),
    Items(StreamReader<Item>),
    Nothing(StreamReader<Nothing>),
}

/// A stream that a guest has passed to the embedder. Reading it begins when the store is free.
pub(crate) struct LiftedStream {
    reader: LiftedReader,
    end: ConsumerEnd,
}

impl LiftedStream {
    pub(crate) fn lift(
        cx: &mut LiftContext<'_>,
        handle: Handle,
        index: u32,
        end: ConsumerEnd,
    ) -> Result<Self> {
        let Handle::Stream(table) = handle else {
            bail!("the handle is not a stream");
        };
        let ty = InterfaceType::Stream(table);
        let index = ValRaw::u32(index);
        let types = cx.types;
        let reader = match payload_of(types[types[table].ty].payload.as_ref()) {
            Payload::Nothing => {
                LiftedReader::Nothing(StreamReader::linear_lift_from_flat(cx, ty, &index)?)
            }
            Payload::Bytes => {
                LiftedReader::Bytes(StreamReader::linear_lift_from_flat(cx, ty, &index)?)
            }
            Payload::Items => {
                LiftedReader::Items(StreamReader::linear_lift_from_flat(cx, ty, &index)?)
            }
        };
        Ok(Self { reader, end })
    }

    fn connect(self, store: StoreContextMut<'_, WasmtimeStoreData>) -> Result<()> {
        match self.reader {
            LiftedReader::Bytes(reader) => connect(reader, store, self.end),
            LiftedReader::Items(reader) => connect(reader, store, self.end),
            LiftedReader::Nothing(reader) => connect(reader, store, self.end),
        }
    }
}

/// What a guest has passed to the embedder, and is connected when the store is free.
pub(crate) enum Lifted {
    Stream(LiftedStream),
    Message(Unread),
}

impl Lifted {
    pub(crate) fn connect(self, store: StoreContextMut<'_, WasmtimeStoreData>) -> Result<()> {
        match self {
            Lifted::Stream(stream) => stream.connect(store),
            Lifted::Message(message) => message.connect(store),
        }
    }
}

pub(crate) fn connect_all(
    lifted: Vec<Lifted>,
    mut store: StoreContextMut<'_, WasmtimeStoreData>,
) -> Result<()> {
    lifted
        .into_iter()
        .try_for_each(|lifted| lifted.connect(store.as_context_mut()))
}

fn connect<T: 'static>(
    reader: StreamReader<T>,
    mut store: StoreContextMut<'_, WasmtimeStoreData>,
    end: ConsumerEnd,
) -> Result<()>
where
    Consumer<T>: StreamConsumer<WasmtimeStoreData, Item = T>,
{
    match reader.try_into::<ProducerEnd>(&mut store) {
        Ok(producer) => {
            end.adopt(producer);
            Ok(())
        }
        Err(reader) => reader.pipe(store, Consumer::new(end)),
    }
}

/// Adds the readable end of a stream or future, whose writable end is the embedder's, to the table
/// of a guest.
pub(crate) fn lower_end(
    cx: &mut LowerContext<'_, WasmtimeStoreData>,
    handle: Handle,
    end: ProducerEnd,
) -> Result<u32> {
    let types = cx.types;
    match handle {
        Handle::Stream(table) => {
            let ty = InterfaceType::Stream(table);
            match payload_of(types[types[table].ty].payload.as_ref()) {
                Payload::Nothing => lower_stream(cx, ty, Producer::<Nothing>::new(end)),
                Payload::Bytes => lower_stream(cx, ty, BytesProducer(Arc::new(end))),
                Payload::Items => lower_stream(cx, ty, Producer::<Item>::new(end)),
            }
        }
        Handle::Future(table) => {
            let ty = InterfaceType::Future(table);
            match payload_of(types[types[table].ty].payload.as_ref()) {
                Payload::Nothing => lower_future(cx, ty, Producer::<Nothing>::new(end)),
                Payload::Bytes | Payload::Items => {
                    lower_future(cx, ty, Producer::<Outcome>::new(end))
                }
            }
        }
        _ => bail!("the handle is neither a stream nor a future"),
    }
}

fn lower_stream<P>(
    cx: &mut LowerContext<'_, WasmtimeStoreData>,
    ty: InterfaceType,
    producer: P,
) -> Result<u32>
where
    P: StreamProducer<WasmtimeStoreData, Item: Lower + Lift + Send + Sync + 'static>,
{
    let reader = StreamReader::new(&mut cx.store, producer)?;
    lower_handle(cx, ty, &reader)
}

fn lower_future<P>(
    cx: &mut LowerContext<'_, WasmtimeStoreData>,
    ty: InterfaceType,
    producer: P,
) -> Result<u32>
where
    P: FutureProducer<WasmtimeStoreData, Item: Lower + Lift + Send + Sync + 'static>,
{
    let reader = FutureReader::new(&mut cx.store, producer)?;
    lower_handle(cx, ty, &reader)
}

fn lower_handle(
    cx: &mut LowerContext<'_, WasmtimeStoreData>,
    ty: InterfaceType,
    reader: &impl Lower<Lower = <StreamReader<u8> as ComponentType>::Lower>,
) -> Result<u32> {
    let mut slot = MaybeUninit::new(ValRaw::u32(0));
    reader.linear_lower_to_flat(cx, ty, &mut slot)?;
    // SAFETY: it was initialized above.
    Ok(unsafe { slot.assume_init() }.get_u32())
}

/// A future that a guest has passed to the embedder. If a write of it is in progress, its writer
/// learns that it was dropped only if reading has not begun, because the engine has no way for a
/// consumer of a future to say so.
pub struct tnengine_future_t(Future);

enum Future {
    Value(FutureReader<Outcome>),
    Nothing(FutureReader<Nothing>),
}

impl tnengine_future_t {
    pub(crate) fn lift(cx: &mut LiftContext<'_>, handle: Handle, index: u32) -> Result<Self> {
        let Handle::Future(table) = handle else {
            bail!("the handle is not a future");
        };
        let ty = InterfaceType::Future(table);
        let index = ValRaw::u32(index);
        let types = cx.types;
        let future = match payload_of(types[types[table].ty].payload.as_ref()) {
            Payload::Nothing => {
                Future::Nothing(FutureReader::linear_lift_from_flat(cx, ty, &index)?)
            }
            Payload::Bytes | Payload::Items => {
                Future::Value(FutureReader::linear_lift_from_flat(cx, ty, &index)?)
            }
        };
        Ok(Self(future))
    }

    /// The same future, to pipe one and close the other.
    pub(crate) fn same(&self) -> Self {
        // SAFETY: a reader is the number of a future. Nothing happens when it is dropped.
        const { assert!(!std::mem::needs_drop::<Future>()) };
        Self(unsafe { std::ptr::read(&self.0) })
    }

    pub(crate) fn pipe(
        self,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        end: ConsumerEnd,
    ) -> Result<()> {
        match self.0 {
            Future::Value(reader) => reader.pipe(store, Consumer::new(end)),
            Future::Nothing(reader) => reader.pipe(store, Consumer::new(end)),
        }
    }

    pub(crate) fn close(self, store: StoreContextMut<'_, WasmtimeStoreData>) -> Result<()> {
        match self.0 {
            Future::Value(mut reader) => reader.close(store),
            Future::Nothing(mut reader) => reader.close(store),
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_future_delete(_future: Box<tnengine_future_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lift_stream(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    callbacks: &'static tnengine_consumer_t,
    env: *mut c_void,
) -> Failed {
    let end = ConsumerEnd::new(callbacks, env);
    guard_error(|| {
        let stream_handle = guest.handle(number)?;
        let mut end = Some(end);
        let lifted = guest.lift(|cx| {
            let end = end.take().expect("lifted once");
            LiftedStream::lift(cx, stream_handle, handle, end)
        })?;
        guest.add_lifted(Lifted::Stream(lifted))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lift_future(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    future: &mut Option<Box<tnengine_future_t>>,
) -> Failed {
    guard_error(|| {
        let future_handle = guest.handle(number)?;
        let lifted = guest.lift(|cx| tnengine_future_t::lift(cx, future_handle, handle))?;
        *future = Some(Box::new(lifted));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lower_end(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    callbacks: &'static tnengine_producer_t,
    env: *mut c_void,
    place: tnengine_place_t,
) -> Failed {
    let end = ProducerEnd::new(callbacks, env);
    guard_error(|| {
        if let Some(caller) = guest.caller() {
            caller.result().lower_end_later(number, end, place);
            return Ok(());
        }
        let handle = guest.handle(number)?;
        guest.lower(place, |cx| lower_end(cx, handle, end))
    })
}
