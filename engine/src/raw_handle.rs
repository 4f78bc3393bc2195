//! The resources of the handles in a function's type.
//!
//! The embedder names a handle by its number, which counts the occurrences of `own` and `borrow` in
//! the params or in the result (the header defines the order). wasmtime needs the resource table of
//! the handle. `HandleCache` maps one to the other. It is computed on first use and then read
//! without a lock. A host function can be imported by several components, each with its own type
//! indices, so the cache is a list of mappings, almost always of length one, to which entries are
//! only added.

use std::sync::{Arc, OnceLock};
use wasmtime::component::__internal::wasmtime_environ::component::{
    ComponentTypes, InterfaceType, TypeFutureTableIndex, TypeResourceTableIndex,
    TypeStreamTableIndex, TypeTupleIndex,
};
use wasmtime::{Result, bail};

#[derive(Clone, Copy)]
pub(crate) enum Handle {
    Own(TypeResourceTableIndex),
    Borrow(TypeResourceTableIndex),
    Stream(TypeStreamTableIndex),
    Future(TypeFutureTableIndex),
}

impl Handle {
    pub(crate) fn own(self) -> Result<TypeResourceTableIndex> {
        match self {
            Handle::Own(table) => Ok(table),
            Handle::Borrow(_) => bail!("a borrowed handle is used as an owned one"),
            Handle::Stream(_) | Handle::Future(_) => bail!("the handle is not of a resource"),
        }
    }

    pub(crate) fn borrow(self) -> Result<TypeResourceTableIndex> {
        match self {
            Handle::Borrow(table) => Ok(table),
            Handle::Own(_) => bail!("an owned handle is used as a borrowed one"),
            Handle::Stream(_) | Handle::Future(_) => bail!("the handle is not of a resource"),
        }
    }
}

pub(crate) fn tuple_of(ty: InterfaceType) -> Result<TypeTupleIndex> {
    match ty {
        InterfaceType::Tuple(tuple) => Ok(tuple),
        _ => bail!("the engine's list of params or results is not a tuple"),
    }
}

/// The handles of the params and results of one function, or of the items of one stream, by its type
/// in each component, or nested component, that has it.
#[derive(Default)]
pub(crate) struct HandleCache(OnceLock<Box<TypeHandles>>);

/// The handles of one list of params or results, or of one type of items.
struct TypeHandles {
    types: *const ComponentTypes,
    // Keeps `types` alive, so that its address is not reused by other types.
    _owner: Option<Arc<ComponentTypes>>,
    ty: InterfaceType,
    handles: Box<[Handle]>,
    next: HandleCache,
}

// SAFETY: `types` is compared and never read.
unsafe impl Send for TypeHandles {}
unsafe impl Sync for TypeHandles {}

impl TypeHandles {
    fn is_of(&self, types: &ComponentTypes, ty: InterfaceType) -> bool {
        std::ptr::eq(self.types, types) && self.ty == ty
    }
}

impl HandleCache {
    /// `owner`: the owner of `types`; none if the owner of this cache keeps them alive.
    #[inline]
    pub(crate) fn get(
        &self,
        types: &ComponentTypes,
        owner: Option<&Arc<ComponentTypes>>,
        ty: InterfaceType,
    ) -> &[Handle] {
        match self.0.get() {
            Some(first) if first.is_of(types, ty) => &first.handles,
            _ => self.find(types, owner, ty),
        }
    }

    #[cold]
    fn find(
        &self,
        types: &ComponentTypes,
        owner: Option<&Arc<ComponentTypes>>,
        ty: InterfaceType,
    ) -> &[Handle] {
        let mut at = self;
        loop {
            let entry = at.0.get_or_init(|| {
                let mut handles = Vec::new();
                collect(types, &ty, &mut handles);
                Box::new(TypeHandles {
                    types,
                    _owner: owner.cloned(),
                    ty,
                    handles: handles.into(),
                    next: HandleCache::default(),
                })
            });
            if entry.is_of(types, ty) {
                return &entry.handles;
            }
            at = &entry.next;
        }
    }
}

/// Whether `ty` is of a kind that can contain handles.
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
            | InterfaceType::Future(_)
            | InterfaceType::Stream(_)
    )
}

/// Appends every handle in `ty`, depth first, in the order that the header defines.
fn collect(types: &ComponentTypes, ty: &InterfaceType, handles: &mut Vec<Handle>) {
    match ty {
        InterfaceType::Own(table) => handles.push(Handle::Own(*table)),
        InterfaceType::Borrow(table) => handles.push(Handle::Borrow(*table)),
        InterfaceType::Stream(table) => handles.push(Handle::Stream(*table)),
        InterfaceType::Future(table) => handles.push(Handle::Future(*table)),
        _ => for_each_part(types, ty, |part| collect(types, part, handles)),
    }
}

/// Calls `each` with the types that a value of `ty` directly consists of.
pub(crate) fn for_each_part(
    types: &ComponentTypes,
    ty: &InterfaceType,
    mut each: impl FnMut(&InterfaceType),
) {
    match ty {
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
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_)
        | InterfaceType::Stream(_)
        | InterfaceType::Future(_)
        | InterfaceType::ErrorContext(_) => {}
    }
}
