//! WASI contexts with a list of allowed network addresses, and WASI in a component linker.

use crate::denials::{ClosedOutput, tnengine_denials_t};
use crate::ffi::*;
use crate::output_label::{LabelledOutput, Standard, tnengine_label_t};
use crate::wasi_timer::add_timers;
use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use wasmtime::component::Linker;
use wasmtime::{AsContextMut, Error, error::Context};
use wasmtime_c_api::{
    WasmtimeStoreContextMut, WasmtimeStoreData, wasi_config_new, wasmtime_component_linker_t,
    wasmtime_context_set_wasi,
};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder, WasiView};

/// A builder of a WASI context. At first it grants nothing.
pub struct tnengine_wasi_t {
    builder: WasiCtxBuilder,
    network: Vec<Address>,
    has_output: bool,
    denials: Option<tnengine_denials_t>,
}

/// A granted address; an absent part matches everything.
#[derive(Clone, Copy)]
struct Address {
    ip: Option<IpAddr>,
    port: Option<u16>,
}

impl Address {
    fn matches(&self, other: &SocketAddr) -> bool {
        self.ip
            .is_none_or(|ip| ip.to_canonical() == other.ip().to_canonical())
            && self.port.is_none_or(|port| port == other.port())
    }
}

/// Whether `network` allows this use of `address`. A socket that connects is bound to the wildcard
/// address first, so that is allowed. A listening socket accepts every peer: only the address that
/// it listens at needs a grant.
fn is_granted(network: &[Address], address: &SocketAddr, usage: SocketAddrUse) -> bool {
    match usage {
        SocketAddrUse::TcpAccept => true,
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind
            if address.ip().is_unspecified() && address.port() == 0 =>
        {
            true
        }
        _ => network.iter().any(|granted| granted.matches(address)),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_new() -> Box<tnengine_wasi_t> {
    Box::new(tnengine_wasi_t {
        builder: WasiCtxBuilder::new(),
        network: Vec::new(),
        has_output: false,
        denials: None,
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_delete(_wasi: Box<tnengine_wasi_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_add_arg(
    wasi: &mut tnengine_wasi_t,
    arg: &tnengine_slice_t<'_>,
) -> Failed {
    guard_error(|| {
        wasi.builder.arg(arg.text()?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_add_env(
    wasi: &mut tnengine_wasi_t,
    name: &tnengine_slice_t<'_>,
    value: &tnengine_slice_t<'_>,
) -> Failed {
    guard_error(|| {
        wasi.builder.env(name.text()?, value.text()?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_add_directory(
    wasi: &mut tnengine_wasi_t,
    host: &tnengine_slice_t<'_>,
    guest: &tnengine_slice_t<'_>,
    writable: bool,
) -> Failed {
    guard_error(|| {
        let permissions = if writable {
            FsPerms::ReadWrite
        } else {
            FsPerms::ReadOnly
        };
        let host = Path::new(OsStr::from_bytes(host.bytes()));
        wasi.builder
            .preopened_dir(host, guest.text()?, permissions)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_allow_network(
    wasi: &mut tnengine_wasi_t,
    host: &tnengine_slice_t<'_>,
    port: u16,
    any_port: bool,
) -> Failed {
    guard_error(|| {
        let port = (!any_port).then_some(port);
        let host = host.text()?;
        if host == "*" {
            wasi.network.push(Address { ip: None, port });
            return Ok(());
        }
        let resolved = (host, port.unwrap_or(0))
            .to_socket_addrs()
            .with_context(|| format!("the name `{host}` cannot be resolved"))?;
        wasi.network.extend(resolved.map(|address| Address {
            ip: Some(address.ip()),
            port,
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_watch(wasi: &mut tnengine_wasi_t, denials: &tnengine_denials_t) {
    wasi.denials = Some(denials.clone());
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_inherit_stdin(wasi: &mut tnengine_wasi_t) {
    wasi.builder.inherit_stdin();
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_inherit_output(wasi: &mut tnengine_wasi_t) {
    wasi.builder.inherit_stdout();
    wasi.builder.inherit_stderr();
    wasi.has_output = true;
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_label_output(wasi: &mut tnengine_wasi_t, label: &tnengine_label_t) {
    let make = |to| LabelledOutput {
        label: label.clone(),
        to,
    };
    wasi.builder.stdout(make(Standard::Output));
    wasi.builder.stderr(make(Standard::Error));
    wasi.has_output = true;
}

/// The captured output of guests.
pub struct tnengine_capture_t {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_capture_stdio(
    wasi: &mut tnengine_wasi_t,
    limit: usize,
) -> Box<tnengine_capture_t> {
    let capture = tnengine_capture_t {
        stdout: MemoryOutputPipe::new(limit),
        stderr: MemoryOutputPipe::new(limit),
    };
    wasi.builder.stdout(capture.stdout.clone());
    wasi.builder.stderr(capture.stderr.clone());
    wasi.has_output = true;
    Box::new(capture)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_capture_read(
    capture: &tnengine_capture_t,
    out: &mut tnengine_bytes_t,
    err: &mut tnengine_bytes_t,
) {
    // This panics only if a writer panicked while it held the lock; then the output stays empty.
    let _ = guard(|| {
        out.set(capture.stdout.contents().to_vec());
        err.set(capture.stderr.contents().to_vec());
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_capture_delete(_capture: Box<tnengine_capture_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_context_set_wasi(
    mut context: WasmtimeStoreContextMut<'_>,
    wasi: Box<tnengine_wasi_t>,
) -> Failed {
    guard_error(|| {
        let tnengine_wasi_t {
            mut builder,
            network,
            has_output,
            denials,
        } = *wasi;
        // Without concurrency, a guest's WASI call blocks its thread in any case.
        builder.allow_blocking_current_thread(!context.engine().get_concurrency_support());
        if !has_output && let Some(denials) = &denials {
            builder.stdout(ClosedOutput(denials.clone()));
            builder.stderr(ClosedOutput(denials.clone()));
        }
        if !network.is_empty() {
            builder.allow_tcp(true);
            builder.allow_udp(true);
            builder.allow_ip_name_lookup(true);
            builder.socket_addr_check(move |address, usage| {
                let granted = is_granted(&network, &address, usage);
                Box::pin(async move { granted })
            });
        } else if let Some(denials) = denials {
            // Guests can create sockets, but each use of an address is recorded and denied.
            builder.allow_tcp(true);
            builder.allow_udp(true);
            builder.socket_addr_check(move |_, _| {
                denials.record_network();
                Box::pin(async { false })
            });
        }
        // The C API cannot set a context from outside, but returns a mutable reference to an
        // existing one. So an empty context is set first and then replaced.
        if let Some(error) = wasmtime_context_set_wasi(context.as_context_mut(), wasi_config_new())
        {
            return Err(Error::from(*error));
        }
        *context.data_mut().ctx().ctx = builder.build();
        Ok(())
    })
}

pub(crate) fn linker_of(
    linker: &mut wasmtime_component_linker_t,
) -> &mut Linker<WasmtimeStoreData> {
    // SAFETY: `wasmtime_component_linker_t` is `repr(transparent)` over this type.
    unsafe { &mut *std::ptr::from_mut(linker).cast() }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_add_wasi(linker: &mut wasmtime_component_linker_t) -> Failed {
    guard_error(|| {
        let linker = linker_of(linker);
        if linker.engine().get_concurrency_support() {
            wasmtime_wasi::p2::add_to_linker_async(linker)?;
            wasmtime_wasi::p3::add_to_linker(linker)?;
        } else {
            wasmtime_wasi::p2::add_to_linker_sync(linker)?;
        }
        linker.allow_shadowing(true);
        let added = add_timers(linker);
        linker.allow_shadowing(false);
        added
    })
}
