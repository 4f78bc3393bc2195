//! Records which kinds of WASI resources guests request without a grant, and limits the host names
//! that they can look up.
//!
//! The linker's definition of a WASI function is shadowed by one that records the request and then
//! gives the same answer as before: an empty list, or "access denied". So a guest behaves the same
//! with and without recording (docs/adr/0021-denials-are-answered-and-noted.md).

use crate::ffi::*;
use crate::wasi::linker_of;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime::component::{Linker, Lower, Resource};
use wasmtime::{Error, StoreContextMut};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_component_linker_t};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{Host, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode as ErrorCode02;
use wasmtime_wasi::p2::{Network, OutputStream, Pollable, StreamResult};
use wasmtime_wasi::p3::bindings::sockets::ip_name_lookup::{
    ErrorCode as ErrorCode03, HostWithStore,
};
use wasmtime_wasi::p3::bindings::sockets::types::IpAddress;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;

const ENVIRONMENT: u32 = 1;
const FILE_SYSTEM: u32 = 2;
const NETWORK: u32 = 4;
const OUTPUT: u32 = 8;

/// Number of bytes that a guest can write to a closed stream in one call.
const CLOSED_OUTPUT_CHUNK: usize = 64 * 1024;

/// The versions of WASI under which the engine's linker defines its interfaces. They change with
/// the engine: a function defined under another version would never be called.
const WASI_02: &str = "0.2.12";
const WASI_03: &str = "0.3.0";

/// The kinds that were requested so far, shared by the linker and the stores of a domain.
#[derive(Clone, Default)]
pub struct tnengine_denials_t {
    requested: Arc<AtomicU32>,
}

impl tnengine_denials_t {
    fn record(&self, kind: u32) {
        self.requested.fetch_or(kind, Ordering::Relaxed);
    }
    pub(crate) fn record_network(&self) {
        self.record(NETWORK);
    }
}

/// A standard output or error that discards everything written to it and records that it happened.
pub(crate) struct ClosedOutput(pub(crate) tnengine_denials_t);

impl ClosedOutput {
    fn record(&self, length: usize) {
        if length != 0 {
            self.0.record(OUTPUT);
        }
    }
}

impl IsTerminal for ClosedOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for ClosedOutput {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(ClosedOutput(self.0.clone()))
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(ClosedOutput(self.0.clone()))
    }
}

#[async_trait]
impl Pollable for ClosedOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for ClosedOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.record(bytes.len());
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CLOSED_OUTPUT_CHUNK)
    }
}

impl AsyncWrite for ClosedOutput {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.record(bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_denials_new() -> Box<tnengine_denials_t> {
    Box::default()
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_denials_delete(_denials: Box<tnengine_denials_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_denials_asked(denials: &tnengine_denials_t) -> u32 {
    denials.requested.load(Ordering::Relaxed)
}

type Guests<'a> = StoreContextMut<'a, WasmtimeStoreData>;

/// Redefines a function that returns a list of granted resources: it records the request and
/// returns an empty list.
fn watch_list<T>(
    linker: &mut Linker<WasmtimeStoreData>,
    interface: &str,
    function: &str,
    kind: u32,
    denials: &tnengine_denials_t,
) -> Result<(), Error>
where
    T: Lower + Send + Sync + 'static,
{
    let denials = denials.clone();
    linker
        .instance(interface)?
        .func_wrap(function, move |_: Guests<'_>, (): ()| {
            denials.record(kind);
            Ok((Vec::<T>::new(),))
        })
}

/// The host names that guests can look up. Any other name is refused before a query is sent,
/// because the query itself would send data of the guest to a name server.
#[derive(Clone)]
struct Names {
    granted: Arc<[String]>,
    denials: Option<tnengine_denials_t>,
}

impl Names {
    /// Whether `name` can be looked up; if not, that is recorded. IP addresses always can:
    /// resolving them sends no query.
    fn grant(&self, name: &str) -> bool {
        let bare = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let granted = name.parse::<IpAddr>().is_ok()
            || self
                .granted
                .iter()
                .any(|granted| bare(granted) == bare(name));
        if !granted && let Some(denials) = &self.denials {
            denials.record(NETWORK);
        }
        granted
    }
}

fn limit_names_02(linker: &mut Linker<WasmtimeStoreData>, names: Names) -> Result<(), Error> {
    type Answer = Result<Resource<ResolveAddressStream>, ErrorCode02>;
    linker
        .instance(&format!("wasi:sockets/ip-name-lookup@{WASI_02}"))?
        .func_wrap(
            "resolve-addresses",
            move |mut guests: Guests<'_>, (network, name): (Resource<Network>, String)| {
                if !names.grant(&name) {
                    return Ok((Answer::Err(ErrorCode02::AccessDenied),));
                }
                match guests.data_mut().sockets().resolve_addresses(network, name) {
                    Ok(addresses) => Ok((Answer::Ok(addresses),)),
                    Err(error) => Ok((Answer::Err(error.downcast()?),)),
                }
            },
        )
}

fn limit_names_03(linker: &mut Linker<WasmtimeStoreData>, names: Names) -> Result<(), Error> {
    type Answer = Result<Vec<IpAddress>, ErrorCode03>;
    linker
        .instance(&format!("wasi:sockets/ip-name-lookup@{WASI_03}"))?
        .func_wrap_concurrent("resolve-addresses", move |guests, (name,): (String,)| {
            let granted = names.grant(&name);
            Box::pin(async move {
                if !granted {
                    return Ok((Answer::Err(ErrorCode03::AccessDenied),));
                }
                let sockets = guests.with_getter::<WasiSockets>(WasmtimeStoreData::sockets);
                Ok((WasiSockets::resolve_addresses(&sockets, name).await?,))
            })
        })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_linker_limit_names(
    linker: &mut wasmtime_component_linker_t,
    names: *const tnengine_slice_t<'_>,
    count: usize,
    denials: Option<&tnengine_denials_t>,
) -> Failed {
    guard_error(|| {
        // SAFETY: the header requires `count` names.
        let names = unsafe { list_of(names, count) };
        let granted = names.iter().map(|name| Ok(name.text()?.to_owned()));
        let names = Names {
            granted: granted.collect::<Result<Vec<String>, Error>>()?.into(),
            denials: denials.cloned(),
        };
        let linker = linker_of(linker);
        let is_concurrent = linker.engine().get_concurrency_support();
        linker.allow_shadowing(true);
        limit_names_02(linker, names.clone())?;
        if is_concurrent {
            limit_names_03(linker, names)?;
        }
        linker.allow_shadowing(false);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_watch(
    linker: &mut wasmtime_component_linker_t,
    denials: &tnengine_denials_t,
    kinds: u32,
) -> Failed {
    guard_error(|| {
        let linker = linker_of(linker);
        let is_concurrent = linker.engine().get_concurrency_support();
        let versions = if is_concurrent {
            &[WASI_02, WASI_03][..]
        } else {
            &[WASI_02]
        };
        linker.allow_shadowing(true);
        for version in versions {
            if kinds & ENVIRONMENT != 0 {
                let interface = format!("wasi:cli/environment@{version}");
                let function = "get-environment";
                watch_list::<(String, String)>(linker, &interface, function, ENVIRONMENT, denials)?;
            }
            if kinds & FILE_SYSTEM != 0 {
                let interface = format!("wasi:filesystem/preopens@{version}");
                let function = "get-directories";
                watch_list::<(Resource<Descriptor>, String)>(
                    linker,
                    &interface,
                    function,
                    FILE_SYSTEM,
                    denials,
                )?;
            }
        }
        linker.allow_shadowing(false);
        Ok(())
    })
}
