//! Which resource a handle in a function's type is of.

use std::sync::{Arc, OnceLock};
use wasmtime::component::__internal::wasmtime_environ::component::{
    ComponentTypes, InterfaceType, TypeResourceTableIndex, TypeTupleIndex,
};
use wasmtime::{Result, bail};

#[derive(Clone, Copy)]
pub(crate) enum Handle {
    Own(TypeResourceTableIndex),
    Borrow(TypeResourceTableIndex),
}

impl Handle {
    pub(crate) fn own(self) -> Result<TypeResourceTableIndex> {
        match self {
            Handle::Own(table) => Ok(table),
            Handle::Borrow(_) => bail!("a borrowed handle is used as an owned one"),
        }
    }

    pub(crate) fn borrow(self) -> Result<TypeResourceTableIndex> {
        match self {
            Handle::Borrow(table) => Ok(table),
            Handle::Own(_) => bail!("an owned handle is used as a borrowed one"),
        }
    }
}

pub(crate) fn tuple_of(ty: InterfaceType) -> Result<TypeTupleIndex> {
    match ty {
        InterfaceType::Tuple(tuple) => Ok(tuple),
        _ => bail!("the engine's list of params or results is not a tuple"),
    }
}

/// The handles of params and results of one function, computed when the first is asked for. A host
/// function has several types: one in every component, and nested component, that imports it.
#[derive(Default)]
pub(crate) struct HandleCache(OnceLock<Box<Entry>>);

struct Entry {
    types: *const ComponentTypes,
    // Keeps the address in `types` from being used again.
    _kept: Option<Arc<ComponentTypes>>,
    tuple: TypeTupleIndex,
    handles: Box<[Handle]>,
    next: HandleCache,
}

// SAFETY: `types` is compared and never read.
unsafe impl Send for Entry {}
unsafe impl Sync for Entry {}

impl Entry {
    fn is_of(&self, types: &ComponentTypes, tuple: TypeTupleIndex) -> bool {
        std::ptr::eq(self.types, types) && self.tuple == tuple
    }
}

impl HandleCache {
    /// `kept`: the owner of `types`, unless whoever owns this cache keeps them.
    #[inline]
    pub(crate) fn get(
        &self,
        types: &ComponentTypes,
        kept: Option<&Arc<ComponentTypes>>,
        ty: InterfaceType,
    ) -> Result<&[Handle]> {
        let tuple = tuple_of(ty)?;
        match self.0.get() {
            Some(first) if first.is_of(types, tuple) => Ok(&first.handles),
            _ => Ok(self.find(types, kept, tuple)),
        }
    }

    #[cold]
    fn find(
        &self,
        types: &ComponentTypes,
        kept: Option<&Arc<ComponentTypes>>,
        tuple: TypeTupleIndex,
    ) -> &[Handle] {
        let mut at = self;
        loop {
            let entry = at.0.get_or_init(|| {
                let mut handles = Vec::new();
                collect(types, &InterfaceType::Tuple(tuple), &mut handles);
                Box::new(Entry {
                    types,
                    _kept: kept.cloned(),
                    tuple,
                    handles: handles.into(),
                    next: HandleCache::default(),
                })
            });
            if entry.is_of(types, tuple) {
                return &entry.handles;
            }
            at = &entry.next;
        }
    }
}

/// Whether `ty` is of a kind that has handles in it, or other types.
pub(crate) fn may_have_handles(ty: &InterfaceType) -> bool {
    matches!(
        ty,
        InterfaceType::Own(_)
            | InterfaceType::Borrow(_)
            | InterfaceType::Record(_)
            | InterfaceType::Tuple(_)
            | InterfaceType::Variant(_)
            | InterfaceType::Option(_)
            | InterfaceType::Result(_)
            | InterfaceType::List(_)
            | InterfaceType::FixedLengthList(_)
            | InterfaceType::Map(_)
    )
}

/// Every handle in `ty`, depth first, in the order that the header tells.
fn collect(types: &ComponentTypes, ty: &InterfaceType, found: &mut Vec<Handle>) {
    let mut each = |ty: &InterfaceType| collect(types, ty, found);
    match ty {
        InterfaceType::Own(table) => found.push(Handle::Own(*table)),
        InterfaceType::Borrow(table) => found.push(Handle::Borrow(*table)),
        InterfaceType::Record(i) => types[*i].fields.iter().for_each(|field| each(&field.ty)),
        InterfaceType::Tuple(i) => types[*i].types.iter().for_each(each),
        InterfaceType::Variant(i) => types[*i].cases.values().flatten().for_each(each),
        InterfaceType::Option(i) => each(&types[*i].ty),
        InterfaceType::Result(i) => {
            let result = &types[*i];
            result.ok.iter().chain(&result.err).for_each(each);
        }
        InterfaceType::List(i) => each(&types[*i].element),
        InterfaceType::FixedLengthList(i) => each(&types[*i].element),
        InterfaceType::Map(i) => {
            each(&types[*i].key);
            each(&types[*i].value);
        }
        InterfaceType::Bool
        | InterfaceType::S8
        | InterfaceType::U8
        | InterfaceType::S16
        | InterfaceType::U16
        | InterfaceType::S32
        | InterfaceType::U32
        | InterfaceType::S64
        | InterfaceType::U64
        | InterfaceType::Float32
        | InterfaceType::Float64
        | InterfaceType::Char
        | InterfaceType::String
        | InterfaceType::Flags(_)
        | InterfaceType::Enum(_)
        | InterfaceType::Future(_)
        | InterfaceType::Stream(_)
        | InterfaceType::ErrorContext(_) => {}
    }
}
