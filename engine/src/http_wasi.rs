//! `wasi:http` in a linker and in the stores of its guests.
//!
//! The state of a store's `wasi:http` is the first entry of its resource table. It has to be somewhere in
//! the data of the store, whose type belongs to the C API and has no room for it. Guests cannot name the
//! entry: their handles are those that the engine gave them.

use crate::ffi::*;
use crate::http_body::Fate;
use crate::http_client::{Client, tnengine_http_client_t};
use crate::wasi::linker_of;
use hyper::http;
use std::sync::Arc;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime::{Result, bail};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData, wasmtime_component_linker_t};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, p2, p3,
};

/// Parts of an outgoing body that a guest can write before the connection takes them, and the most bytes of each. Several,
/// so that neither waits for the other after each part.
const BUFFERED_PARTS: usize = 7;
const PART_BYTES: usize = 128 << 10;

/// The position of the entry in the table.
const ENTRY: u32 = 0;

struct State {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

#[derive(Default)]
pub(crate) struct Hooks {
    /// None: no request leaves.
    client: Option<Arc<Client>>,
    /// Of the store, whose guests write the bodies of requests.
    fate: Fate,
}

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Hooks {
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        BUFFERED_PARTS
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        PART_BYTES
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _read: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let begun = match &self.client {
            Some(client) => client.begin(request.map(|body| self.fate.watch(body)), options),
            None => Err(Error::HttpRequestDenied),
        };
        match begun {
            // The task ends with the guest that waits for it.
            Ok(exchange) => Box::new(async move {
                let response = spawn(exchange).await?;
                Ok((response, Box::new(std::future::ready(Ok(()))) as _))
            }),
            Err(error) => Box::new(std::future::ready(Err(error))),
        }
    }
}

/// The state of `wasi:http` in a store. REQUIRES: `tnengine_context_set_http`
pub(crate) fn view(data: &mut WasmtimeStoreData) -> WasiHttpCtxView<'_> {
    let table = data.ctx().table;
    let state: *mut State = table
        .get_mut(&Resource::new_borrow(ENTRY))
        .expect("a store with wasi:http");
    // SAFETY: the entry is a box of its own, which stays in the table as long as the store exists.
    // Nothing but this function refers to it, and whoever has the table does not look into it.
    let state = unsafe { &mut *state };
    WasiHttpCtxView {
        hooks: &mut state.hooks,
        table,
        ctx: &mut state.ctx,
    }
}

/// The fate of the store that has the table.
pub(crate) fn fate_of(table: &ResourceTable) -> Fate {
    let state = table.get(&Resource::<State>::new_borrow(ENTRY));
    state.map_or_else(|_| Fate::default(), |state| state.hooks.fate.clone())
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_context_set_http(
    mut context: WasmtimeStoreContextMut<'_>,
    client: Option<&tnengine_http_client_t>,
) -> Failed {
    guard_error(|| {
        let state = State {
            ctx: WasiHttpCtx::new(),
            hooks: Hooks {
                client: client.map(|client| client.0.clone()),
                fate: Fate::default(),
            },
        };
        if context.data_mut().ctx().table.push(state)?.rep() != ENTRY {
            bail!("the table of the store is not empty");
        }
        Ok(())
    })
}

fn add_02(linker: &mut Linker<WasmtimeStoreData>) -> Result<()> {
    use p2::bindings::http::{outgoing_handler, types};
    let options = p2::bindings::LinkOptions::default();
    types::add_to_linker::<_, WasiHttp>(linker, &(&options).into(), view)?;
    outgoing_handler::add_to_linker::<_, WasiHttp>(linker, view)
}

fn add_03(linker: &mut Linker<WasmtimeStoreData>) -> Result<()> {
    use p3::bindings::http::{client, types};
    types::add_to_linker::<_, WasiHttp>(linker, view)?;
    client::add_to_linker::<_, WasiHttp>(linker, view)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_add_http(linker: &mut wasmtime_component_linker_t) -> Failed {
    guard_error(|| {
        let linker = linker_of(linker);
        if !linker.engine().get_concurrency_support() {
            bail!("wasi:http needs an engine with concurrency support");
        }
        add_02(linker)?;
        add_03(linker)
    })
}
