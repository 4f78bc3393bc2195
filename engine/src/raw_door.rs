//! How a host function reaches the handles of its params after the engine has lifted them.

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

/// A way back to a `LiftContext`, which the engine makes for nobody but itself: an element of a list
/// in a guest's memory is lifted on demand, by code of ours if its type is ours. This list has one
/// element of no bytes.
pub(crate) struct Door;

pub(crate) type Body<'a> = &'a mut dyn FnMut(&mut LiftContext<'_>) -> Result<()>;

thread_local! {
    static BODY: Cell<*mut Body<'static>> = const { Cell::new(std::ptr::null_mut()) };
}

/// Types with a list type in them: that of the component may have none.
static LIST: LazyLock<(Arc<ComponentTypes>, TypeListIndex)> = LazyLock::new(|| {
    let mut builder = ComponentTypesBuilder::new(&Validator::new());
    let list = builder.add_list_type(TypeList {
        element: InterfaceType::U8,
    });
    (Arc::new(builder.finish(&Component::default()).0), list)
});

impl Door {
    pub(crate) fn open(cx: &mut LiftContext<'_>) -> Result<WasmList<Door>> {
        let (types, list) = &*LIST;
        let own = std::mem::replace(&mut cx.types, types);
        let pair = [ValRaw::u32(0), ValRaw::u32(1)];
        let door = WasmList::linear_lift_from_flat(cx, InterfaceType::List(*list), &pair);
        cx.types = own;
        door
    }
}

/// Runs `body` with a `LiftContext` of the guest that `door` is of.
pub(crate) fn enter(
    door: &WasmList<Door>,
    store: StoreContextMut<'_, WasmtimeStoreData>,
    mut body: Body<'_>,
) -> Result<()> {
    let outer = BODY.replace(std::ptr::from_mut(&mut body).cast());
    let entered = door.get(store, 0);
    BODY.set(outer);
    entered.transpose().map(|_| ())
}

// SAFETY: it has no values and no bytes.
unsafe impl ComponentType for Door {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = opaque_abi(0);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lift for Door {
    fn linear_lift_from_flat(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _src: &Self::Lower,
    ) -> Result<Self> {
        bail!("not an element of a list")
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        // SAFETY: `enter` set it for the time of this call.
        let body = unsafe { &mut *BODY.get() };
        body(cx).map(|()| Door)
    }
}
