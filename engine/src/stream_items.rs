//! The Rust types by which the engine moves the items of streams and futures.
//!
//! Ours, `Item`, has no bytes, so that one type serves all payloads: the engine then checks nothing
//! but bounds, and passes the address of the first item, which is all that the embedder needs.
//!
//! - A consumer looks at the items of a write by `Peek`: the engine lifts one `Item`, whose `Lift`
//!   implementation passes the address on to the embedder. The buffer's capacity does not change, so
//!   the engine believes that nothing was read. `Take` then takes items without looking at them.
//! - A producer says how many items are ready, and gives the engine a `Ready`, a buffer of as many
//!   items, which it lowers as a list: the embedder writes them to the address of the read.
//!
//! The engine lowers items of types that may need the guest's realloc by a task of their own, so that
//! the guest's read would always be BLOCKED, even if the items are ready. So none of our types says
//! that it needs realloc, and `allocating` makes a context that has it. That is sound because realloc
//! cannot suspend: it can call no import, and our engines have no epoch or fuel that yields.
//!
//! There are other types for three kinds of payloads. The bytes of a `stream<u8>` are passed as
//! slices, with the Rust type `u8`, because the engine's own hosts (WASI) have streams of that type,
//! and the engine joins two ends only if their types are the same. A stream without payload has
//! `Nothing`, which the engine takes for `()`. And a future has one item, `Outcome`, which must be
//! an object, because the engine moves it.

use crate::drive::Scope;
use crate::raw::opaque_abi;
use crate::stream::ProducerEnd;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, CanonicalOptions, InterfaceType, OptionsIndex,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentType, Lift, Lower, ReadBuffer, WriteBuffer};
use wasmtime::{AsContextMut, Result, ValRaw, bail};
use wasmtime_c_api::WasmtimeStoreData;

/// An item of a stream.
pub(crate) struct Item;

/// The item of a stream or future without payload.
pub(crate) struct Nothing;

/// The item of a future. None when it was read by address.
pub(crate) struct Outcome(pub(crate) Option<Arc<ProducerEnd>>);

type Body<'a> = &'a mut dyn FnMut(&mut LiftContext<'_>, InterfaceType, u32) -> Result<()>;

thread_local! {
    /// What `with_address` does with the address of the first item.
    static BODY: Cell<*mut Body<'static>> = const { Cell::new(std::ptr::null_mut()) };
}

/// Passes the address of the first item that `read` lifts to `body`.
pub(crate) fn with_address<R>(mut body: Body<'_>, read: impl FnOnce() -> R) -> R {
    let _outer = Scope::begin(&BODY, std::ptr::from_mut(&mut body).cast());
    read()
}

/// `bytes` is empty, and begins at the address of the item.
fn pass_address(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<()> {
    let address = bytes.as_ptr() as usize - cx.memory().as_ptr() as usize;
    // SAFETY: `with_address` has set it for the duration of this call.
    let body = unsafe { &mut *BODY.get() };
    body(cx, ty, u32::try_from(address)?)
}

/// Implements the traits of a payload type without flat values.
macro_rules! payload {
    ($type:ty, unit: $unit:expr,
     |$lift_cx:ident, $lift_ty:ident, $bytes:ident| $lift:expr,
     |$item:pat, $lower_cx:ident, $lower_ty:ident, $at:ident| $lower:expr) => {
        // SAFETY: the type has no bytes; the embedder reads and writes the real ones.
        unsafe impl ComponentType for $type {
            type Lower = [ValRaw; 0];
            const ABI: CanonicalAbiInfo = opaque_abi(0);
            const MAY_REQUIRE_REALLOC: bool = false;
            const IS_RUST_UNIT_TYPE: bool = $unit;

            fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
                Ok(())
            }
        }

        unsafe impl Lift for $type {
            fn linear_lift_from_flat(
                _cx: &mut LiftContext<'_>,
                _ty: InterfaceType,
                _src: &Self::Lower,
            ) -> Result<Self> {
                bail!("expected an item in memory, found a flat value")
            }

            fn linear_lift_from_memory(
                $lift_cx: &mut LiftContext<'_>,
                $lift_ty: InterfaceType,
                $bytes: &[u8],
            ) -> Result<Self> {
                $lift
            }
        }

        unsafe impl Lower for $type {
            fn linear_lower_to_flat<T>(
                &self,
                _cx: &mut LowerContext<'_, T>,
                _ty: InterfaceType,
                _dst: &mut MaybeUninit<Self::Lower>,
            ) -> Result<()> {
                bail!("an item is written to memory")
            }

            fn linear_lower_to_memory<T>(
                &self,
                _cx: &mut LowerContext<'_, T>,
                _ty: InterfaceType,
                _at: usize,
            ) -> Result<()> {
                bail!("items are written as a list")
            }

            fn linear_store_list_to_memory<T>(
                $lower_cx: &mut LowerContext<'_, T>,
                $lower_ty: InterfaceType,
                $at: usize,
                items: &[Self],
            ) -> Result<()> {
                match items {
                    [] => Ok(()),
                    $item => $lower,
                }
            }
        }
    };
}

payload!(Item, unit: false,
    |cx, ty, bytes| pass_address(cx, ty, bytes).map(|()| Item),
    |items, cx, ty, at| Ready::of(items).end().write(cx, ty, at, items.len()));

payload!(Nothing, unit: true,
    |_cx, _ty, _bytes| Ok(Nothing),
    |_, _cx, _ty, _at| Ok(()));

payload!(Outcome, unit: false,
|cx, ty, bytes| pass_address(cx, ty, bytes).map(|()| Outcome(None)),
|[item, ..], cx, ty, at| match &item.0 {
    Some(end) => end.write(cx, ty, at, 1),
    None => bail!("the future has no value"),
});

/// A buffer that nothing is read into, to look at the items.
pub(crate) struct Peek;

impl ReadBuffer<Item> for Peek {
    fn extend<I: IntoIterator<Item = Item>>(&mut self, items: I) {
        items.into_iter().for_each(drop);
    }

    /// The engine compares it before and after: nothing was read.
    fn remaining_capacity(&self) -> usize {
        1
    }

    fn move_from(&mut self, input: &mut dyn WriteBuffer<Item>, _count: usize) {
        // Streams of the embedder are adopted, and WASI has none of this type.
        input.skip(0);
    }
}

/// The same for a future. A value that the embedder made is moved here.
pub(crate) struct PeekOutcome(pub(crate) Option<Arc<ProducerEnd>>);

impl ReadBuffer<Outcome> for PeekOutcome {
    fn extend<I: IntoIterator<Item = Outcome>>(&mut self, items: I) {
        items.into_iter().for_each(drop);
    }

    fn remaining_capacity(&self) -> usize {
        1
    }

    fn move_from(&mut self, input: &mut dyn WriteBuffer<Outcome>, count: usize) {
        input.take(count, &mut |items| {
            for item in items {
                // SAFETY: the engine passes items that are initialized, and forgets them.
                self.0 = unsafe { item.assume_init_read() }.0;
            }
        });
    }
}

/// Takes items without looking at them. The engine asks for the capacity before, for lifting, and
/// after: so it lifts none, and counts all of them.
pub(crate) struct Take(AtomicUsize);

impl Take {
    pub(crate) fn new(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }

    fn capacity(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl<T: Lift + 'static> ReadBuffer<T> for Take {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(drop);
    }

    fn remaining_capacity(&self) -> usize {
        self.capacity()
    }

    fn move_from(&mut self, input: &mut dyn WriteBuffer<T>, count: usize) {
        input.skip(count);
    }
}

/// Items that a producer has ready. They have no bytes, so the address of the slice is that of this
/// object.
#[derive(Default)]
pub(crate) struct Ready {
    pub(crate) end: Option<Arc<ProducerEnd>>,
    pub(crate) count: usize,
}

impl Ready {
    fn items<T>(&self) -> &[T] {
        const { assert!(size_of::<T>() == 0 && align_of::<T>() == 1) };
        let at = std::ptr::from_ref(self).expose_provenance();
        // SAFETY: items have no size and no alignment.
        unsafe { std::slice::from_raw_parts(std::ptr::without_provenance(at), self.count) }
    }

    fn of<T>(items: &[T]) -> &Self {
        // SAFETY: `items` made it, and the engine holds the buffer meanwhile.
        unsafe { &*std::ptr::with_exposed_provenance(items.as_ptr() as usize) }
    }

    fn end(&self) -> &ProducerEnd {
        self.end.as_deref().expect("a buffer with items")
    }
}

// SAFETY: `take` passes items that have no content.
unsafe impl WriteBuffer<Item> for Ready {
    fn remaining(&self) -> &[Item] {
        self.items()
    }

    fn skip(&mut self, count: usize) {
        self.count -= count;
    }

    fn take(&mut self, count: usize, fun: &mut dyn FnMut(&[MaybeUninit<Item>])) {
        fun(&[]);
        self.count -= count;
    }
}

// SAFETY: as above.
unsafe impl WriteBuffer<Nothing> for Ready {
    fn remaining(&self) -> &[Nothing] {
        self.items()
    }

    fn skip(&mut self, count: usize) {
        self.count -= count;
    }

    fn take(&mut self, count: usize, fun: &mut dyn FnMut(&[MaybeUninit<Nothing>])) {
        fun(&[]);
        self.count -= count;
    }
}

/// Looks up the index of the options of a context, which does not tell it.
pub(crate) fn options_index(cx: &mut LowerContext<'_, WasmtimeStoreData>) -> Result<OptionsIndex> {
    let wanted = std::ptr::from_ref(cx.options());
    let options_at = |cx: &mut LowerContext<'_, WasmtimeStoreData>, index| {
        std::ptr::from_ref(allocating(cx, index).options())
    };
    // The options of a component are elements of one array.
    let first = options_at(cx, OptionsIndex::from_u32(0));
    let offset = wanted.addr().wrapping_sub(first.addr());
    let index = OptionsIndex::from_u32(u32::try_from(offset / size_of::<CanonicalOptions>())?);
    if options_at(cx, index) != wanted {
        bail!("the options of the function are not where the engine has those of its component");
    }
    Ok(index)
}

/// A context for the same guest that has realloc. `index`: of its options.
pub(crate) fn allocating<'a>(
    cx: &'a mut LowerContext<'_, WasmtimeStoreData>,
    index: OptionsIndex,
) -> LowerContext<'a, WasmtimeStoreData> {
    let instance = cx.instance_handle();
    LowerContext::new(cx.store.as_context_mut(), index, instance)
}

pub(crate) enum Payload {
    Nothing,
    Bytes,
    Items,
}

pub(crate) fn payload_of(payload: Option<&InterfaceType>) -> Payload {
    match payload {
        None => Payload::Nothing,
        Some(InterfaceType::U8) => Payload::Bytes,
        Some(_) => Payload::Items,
    }
}
