//! Lifts handles of a host function's params after the engine has lifted the params.
//!
//! A `LiftContext` can move handles out of a guest's table, but the engine creates one only while
//! it lifts values itself, and passes it only to the `Lift` implementation of a type. When our host
//! function runs, that moment has passed. There is one way back: an element of a `WasmList` is
//! lifted when it is read, with a fresh `LiftContext`, and by our code if the element type is ours.
//!
//! So the params are lifted together with a list of one element of type `LateLift`, which has no
//! bytes and lies at address 0. Reading that element calls `LateLift::linear_lift_from_memory`,
//! which passes the context to the closure that `with_lift_context` left in a thread-local.

use crate::drive::Scope;
use crate::raw::opaque_abi;
use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, Component, ComponentTypes, ComponentTypesBuilder, InterfaceType, TypeList,
    TypeListIndex,
};
use wasmtime::component::__internal::wasmtime_environ::wasmparser::Validator;
use wasmtime::component::__internal::{InstanceType, LiftContext};
use wasmtime::component::{ComponentType, Lift, WasmList};
use wasmtime::{Result, StoreContextMut, ValRaw, bail};
use wasmtime_c_api::WasmtimeStoreData;

/// The element type of the list; see above. It is never a value.
pub(crate) struct LateLift;

pub(crate) type Body<'a> = &'a mut dyn FnMut(&mut LiftContext<'_>) -> Result<()>;

thread_local! {
    static BODY: Cell<*mut Body<'static>> = const { Cell::new(std::ptr::null_mut()) };
}

/// A set of types that contains a list type. The types of the guest's component may have none.
static LIST: LazyLock<(Arc<ComponentTypes>, TypeListIndex)> = LazyLock::new(|| {
    let mut builder = ComponentTypesBuilder::new(&Validator::new());
    let list = builder.add_list_type(TypeList {
        element: InterfaceType::U8,
    });
    (Arc::new(builder.finish(&Component::default()).0), list)
});

impl LateLift {
    /// The list through which `with_lift_context` can lift from the same guest later.
    pub(crate) fn prepare(cx: &mut LiftContext<'_>) -> Result<WasmList<LateLift>> {
        let (types, list_type) = &*LIST;
        let own = std::mem::replace(&mut cx.types, types);
        let address_and_length = [ValRaw::u32(0), ValRaw::u32(1)];
        let list = WasmList::linear_lift_from_flat(
            cx,
            InterfaceType::List(*list_type),
            &address_and_length,
        );
        cx.types = own;
        list
    }
}

/// Runs `body` with a `LiftContext` of the guest that `list` was prepared for.
pub(crate) fn with_lift_context(
    list: &WasmList<LateLift>,
    store: StoreContextMut<'_, WasmtimeStoreData>,
    mut body: Body<'_>,
) -> Result<()> {
    // Calls nest: `body` of an outer call is restored afterwards.
    let _outer = Scope::begin(&BODY, std::ptr::from_mut(&mut body).cast());
    list.get(store, 0).transpose().map(|_| ())
}

// SAFETY: the type has no values and no bytes.
unsafe impl ComponentType for LateLift {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = opaque_abi(0);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lift for LateLift {
    fn linear_lift_from_flat(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _src: &Self::Lower,
    ) -> Result<Self> {
        bail!("expected an element of a list, found a flat value")
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        // SAFETY: `with_lift_context` sets it for the duration of this call.
        let body = unsafe { &mut *BODY.get() };
        body(cx).map(|()| LateLift)
    }
}
