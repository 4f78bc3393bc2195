//! Handles of WASI that pass from one store to another.
//!
//! A WASI resource is an entry in the `ResourceTable` of its store, and the rep of its handles is the
//! index of the entry. To pass an own handle, the entry is taken out of one table and put into the
//! other (`take`, `put`). While a handle is borrowed, both tables have an entry (`share`): a
//! descriptor or an error is copied, and a stream is behind a lock that both entries share
//! (`wasi_stream.rs`). The borrower's entry is removed at the end of the call (`end_loan`).
//!
//! A pollable refers to another entry of its table, the resource that it waits for. A timer is copied
//! with it, and a stream is shared with it. Other resources, such as sockets, stay in their store, and
//! so do their pollables.
//!
//! Handles of wasi:http (`http_handle.rs`) cannot be borrowed by another store.

use crate::ffi::*;
use crate::http_body::Fate;
use crate::http_handle::{self, HttpContent, Unread};
use crate::http_wasi::fate_of;
use crate::raw::tnengine_guest_t;
use crate::raw_import::instance_of;
use crate::stream::Lifted;
use crate::wasi_stream::{Held, Lock, SharedStreams};
use crate::wasi_timer::Timer;
use wasmtime::component::{LinkerInstance, Resource, ResourceTable, ResourceType};
use wasmtime::{Error, Result, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData, wasmtime_component_linker_t};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::io::poll::HostPollable;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, Pollable, subscribe};

pub const TNENGINE_WASI_INPUT_STREAM: u8 = 0;
pub const TNENGINE_WASI_OUTPUT_STREAM: u8 = 1;
pub const TNENGINE_WASI_POLLABLE: u8 = 2;
pub const TNENGINE_WASI_DESCRIPTOR: u8 = 3;
pub const TNENGINE_WASI_ERROR: u8 = 4;
pub const TNENGINE_WASI_FIELDS: u8 = 5;
pub const TNENGINE_WASI_INCOMING_REQUEST: u8 = 6;
pub const TNENGINE_WASI_OUTGOING_REQUEST: u8 = 7;
pub const TNENGINE_WASI_REQUEST_OPTIONS_02: u8 = 8;
pub const TNENGINE_WASI_RESPONSE_OUTPARAM: u8 = 9;
pub const TNENGINE_WASI_INCOMING_RESPONSE: u8 = 10;
pub const TNENGINE_WASI_INCOMING_BODY: u8 = 11;
pub const TNENGINE_WASI_FUTURE_TRAILERS: u8 = 12;
pub const TNENGINE_WASI_OUTGOING_RESPONSE: u8 = 13;
pub const TNENGINE_WASI_OUTGOING_BODY: u8 = 14;
pub const TNENGINE_WASI_FUTURE_INCOMING_RESPONSE: u8 = 15;
pub const TNENGINE_WASI_REQUEST: u8 = 16;
pub const TNENGINE_WASI_REQUEST_OPTIONS_03: u8 = 17;
pub const TNENGINE_WASI_RESPONSE: u8 = 18;

/// A WASI resource between two stores.
pub struct tnengine_wasi_resource_t(Content);

enum Content {
    Input(Held<DynInputStream>),
    Output(Held<DynOutputStream>),
    Pollable(Awaited),
    Descriptor(Descriptor),
    Error(Error),
    Http(HttpContent),
}

impl tnengine_wasi_resource_t {
    pub(crate) fn of_http(content: HttpContent) -> Box<Self> {
        Box::new(Self(Content::Http(content)))
    }

    pub(crate) fn into_http(self) -> Result<HttpContent> {
        match self.0 {
            Content::Http(content) => Ok(content),
            _ => bail!("the resource is not of wasi:http"),
        }
    }
}

/// What a pollable waits for.
#[derive(Clone)]
enum Awaited {
    Timer(Timer),
    Input(Lock<DynInputStream>),
    Output(Lock<DynOutputStream>),
}

/// Guests can ask for the text of an error, and for the code of one of the file system.
fn copy_error(error: &Error) -> Error {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => match io.raw_os_error() {
            Some(code) => std::io::Error::from_raw_os_error(code).into(),
            None => std::io::Error::new(io.kind(), io.to_string()).into(),
        },
        None => format_err!("{error:?}"),
    }
}

fn not_lent() -> Error {
    format_err!("another domain cannot borrow it")
}

/// A pollable that owns the entry of what it waits for.
fn push_pollable<T: Pollable>(
    table: &mut ResourceTable,
    awaited: T,
) -> Result<Resource<DynPollable>> {
    let awaited = table.push(awaited)?;
    subscribe(table, awaited)
}

/// The WASI resources of one store.
pub struct tnengine_wasi_table_t {
    table: *mut ResourceTable,
    inputs: SharedStreams<DynInputStream>,
    outputs: SharedStreams<DynOutputStream>,
    /// Ended loans whose entries have children.
    ended: Vec<(u8, u32)>,
    fate: Fate,
}

impl tnengine_wasi_table_t {
    /// The entry that a pollable waits for. A table tells only the children of an entry.
    fn find_awaited(&mut self, pollable: u32) -> Result<u32> {
        let table = self.table();
        let entry: *const DynPollable = table.get(&Resource::new_borrow(pollable))?;
        let entry = entry.cast::<()>();
        let mut left = table.iter_mut().count();
        let mut rep = 0;
        while left > 0 {
            if let Ok(mut children) = table.iter_children(&Resource::<()>::new_borrow(rep)) {
                left -= 1;
                if children.any(|child| std::ptr::from_ref(child).cast::<()>() == entry) {
                    return Ok(rep);
                }
            }
            rep += 1;
        }
        bail!("the pollable waits for nothing")
    }

    fn table<'a>(&mut self) -> &'a mut ResourceTable {
        // SAFETY: the header requires that the store exists and that no WASI call runs in it.
        unsafe { &mut *self.table }
    }

    fn share(&mut self, kind: u8, rep: u32) -> Result<Content> {
        let table = self.table();
        Ok(match kind {
            TNENGINE_WASI_INPUT_STREAM => {
                Content::Input(Held::Shared(self.inputs.share(table, rep)?))
            }
            TNENGINE_WASI_OUTPUT_STREAM => {
                Content::Output(Held::Shared(self.outputs.share(table, rep)?))
            }
            TNENGINE_WASI_POLLABLE => {
                let awaited = self.find_awaited(rep)?;
                let entry = table.get_any_mut(awaited)?;
                Content::Pollable(if let Some(timer) = entry.downcast_ref::<Timer>() {
                    Awaited::Timer(timer.clone())
                } else if entry.is::<DynInputStream>() {
                    Awaited::Input(self.inputs.share(table, awaited)?)
                } else if entry.is::<DynOutputStream>() {
                    Awaited::Output(self.outputs.share(table, awaited)?)
                } else {
                    bail!("it waits for a resource that stays in its domain, such as a socket")
                })
            }
            TNENGINE_WASI_DESCRIPTOR => {
                let descriptor = table.get(&Resource::<Descriptor>::new_borrow(rep))?;
                Content::Descriptor(descriptor.clone())
            }
            TNENGINE_WASI_ERROR => {
                let error = table.get(&Resource::<Error>::new_borrow(rep))?;
                Content::Error(copy_error(error))
            }
            _ => return Err(not_lent()),
        })
    }

    fn take(&mut self, kind: u8, rep: u32) -> Result<(Content, Option<Unread>)> {
        let table = self.table();
        let content = match kind {
            TNENGINE_WASI_INPUT_STREAM => Content::Input(self.inputs.take(table, rep)?),
            TNENGINE_WASI_OUTPUT_STREAM => Content::Output(self.outputs.take(table, rep)?),
            TNENGINE_WASI_ERROR => Content::Error(table.delete(Resource::<Error>::new_own(rep))?),
            TNENGINE_WASI_POLLABLE | TNENGINE_WASI_DESCRIPTOR => {
                let content = self.share(kind, rep)?;
                self.delete(kind, rep)?;
                content
            }
            _ => {
                let (content, unread) = http_handle::take(table, kind, rep, &self.fate)?;
                return Ok((Content::Http(content), unread));
            }
        };
        Ok((content, None))
    }

    fn put(&mut self, content: Content) -> Result<u32> {
        let table = self.table();
        Ok(match content {
            Content::Input(stream) => self.inputs.put(table, stream)?.rep(),
            Content::Output(stream) => self.outputs.put(table, stream)?.rep(),
            Content::Descriptor(descriptor) => table.push(descriptor)?.rep(),
            Content::Error(error) => table.push(error)?.rep(),
            Content::Http(content) => http_handle::put(table, content, &self.fate)?,
            Content::Pollable(Awaited::Timer(timer)) => push_pollable(table, timer)?.rep(),
            Content::Pollable(Awaited::Input(lock)) => {
                let stream = self.inputs.put(table, Held::Shared(lock))?;
                subscribe(table, stream)?.rep()
            }
            Content::Pollable(Awaited::Output(lock)) => {
                let stream = self.outputs.put(table, Held::Shared(lock))?;
                subscribe(table, stream)?.rep()
            }
        })
    }

    fn delete(&mut self, kind: u8, rep: u32) -> Result<()> {
        let table = self.table();
        match kind {
            TNENGINE_WASI_INPUT_STREAM => drop(self.inputs.take(table, rep)?),
            TNENGINE_WASI_OUTPUT_STREAM => drop(self.outputs.take(table, rep)?),
            TNENGINE_WASI_POLLABLE => {
                HostPollable::drop(table, Resource::<DynPollable>::new_own(rep))?
            }
            TNENGINE_WASI_DESCRIPTOR => drop(table.delete(Resource::<Descriptor>::new_own(rep))?),
            TNENGINE_WASI_ERROR => drop(table.delete(Resource::<Error>::new_own(rep))?),
            _ => bail!("unknown kind {kind} of WASI resources"),
        }
        Ok(())
    }

    /// An entry with children stays until they are dropped.
    fn end_loan(&mut self, kind: u8, rep: u32) {
        self.ended.push((kind, rep));
        let mut ended = std::mem::take(&mut self.ended);
        ended.retain(|(kind, rep)| self.delete(*kind, *rep).is_err());
        self.ended = ended;
    }
}

/// Defines a resource type of an interface that is not WASI's as WASI's own.
fn define<T: 'static>(
    linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
    name: &str,
    delete: impl Fn(&mut ResourceTable, Resource<T>) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    linker.resource(name, ResourceType::host::<T>(), move |mut store, rep| {
        delete(store.data_mut().ctx().table, Resource::new_own(rep))
    })
}

fn delete<T: 'static>(table: &mut ResourceTable, resource: Resource<T>) -> Result<()> {
    table.delete(resource)?;
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_define_wasi(
    linker: &mut wasmtime_component_linker_t,
    interface: &tnengine_slice_t<'_>,
    name: &tnengine_slice_t<'_>,
    kind: u8,
) -> Failed {
    guard_error(|| {
        let linker = &mut instance_of(linker, interface)?;
        let name = name.text()?;
        match kind {
            TNENGINE_WASI_INPUT_STREAM => define(linker, name, delete::<DynInputStream>),
            TNENGINE_WASI_OUTPUT_STREAM => define(linker, name, delete::<DynOutputStream>),
            TNENGINE_WASI_POLLABLE => define(linker, name, HostPollable::drop),
            TNENGINE_WASI_DESCRIPTOR => define(linker, name, delete::<Descriptor>),
            TNENGINE_WASI_ERROR => define(linker, name, delete::<Error>),
            _ => http_handle::define(linker, name, kind),
        }
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_new(
    mut context: WasmtimeStoreContextMut<'_>,
) -> Box<tnengine_wasi_table_t> {
    let table = context.data_mut().ctx().table;
    Box::new(tnengine_wasi_table_t {
        fate: fate_of(table),
        table,
        inputs: SharedStreams::default(),
        outputs: SharedStreams::default(),
        ended: Vec::new(),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_delete(_table: Box<tnengine_wasi_table_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_break_off(table: &tnengine_wasi_table_t) {
    table.fate.break_off();
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_take(
    table: &mut tnengine_wasi_table_t,
    guest: &mut tnengine_guest_t<'_, '_>,
    kind: u8,
    rep: u32,
    resource: &mut Option<Box<tnengine_wasi_resource_t>>,
) -> Failed {
    guard_error(|| {
        let (content, unread) = table.take(kind, rep)?;
        if let Some(unread) = unread {
            guest.add_lifted(Lifted::Message(unread))?;
        }
        *resource = Some(Box::new(tnengine_wasi_resource_t(content)));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_share(
    table: &mut tnengine_wasi_table_t,
    kind: u8,
    rep: u32,
    resource: &mut Option<Box<tnengine_wasi_resource_t>>,
) -> Failed {
    guard_error(|| {
        let content = table.share(kind, rep)?;
        *resource = Some(Box::new(tnengine_wasi_resource_t(content)));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_put(
    table: &mut tnengine_wasi_table_t,
    resource: Box<tnengine_wasi_resource_t>,
    rep: &mut u32,
) -> Failed {
    guard_error(|| {
        *rep = table.put(resource.0)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_table_end_loan(
    table: &mut tnengine_wasi_table_t,
    kind: u8,
    rep: u32,
) {
    // After a panic, the entry stays until the store ends.
    let _ = guard(|| table.end_loan(kind, rep));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_share(
    resource: &mut tnengine_wasi_resource_t,
    same: &mut Option<Box<tnengine_wasi_resource_t>>,
) -> Failed {
    guard_error(|| {
        let content = match &mut resource.0 {
            Content::Input(stream) => Content::Input(Held::Shared(stream.share())),
            Content::Output(stream) => Content::Output(Held::Shared(stream.share())),
            Content::Pollable(awaited) => Content::Pollable(awaited.clone()),
            Content::Descriptor(descriptor) => Content::Descriptor(descriptor.clone()),
            Content::Error(error) => Content::Error(copy_error(error)),
            Content::Http(_) => return Err(not_lent()),
        };
        *same = Some(Box::new(tnengine_wasi_resource_t(content)));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_delete(_resource: Box<tnengine_wasi_resource_t>) {}
