//! Calls of HTTP handlers, on the loops of their stores (`event_loop.rs`).
//!
//! A call lasts until the guest has returned and has nothing more to do: it can write the body of its
//! response after that. If other calls go on in the store, what the guest does for this one alone cannot be told
//! apart, so it lasts until the response was sent. If its loop ends before, the request is answered when the embedder
//! deletes it.

use crate::event_loop::{Task, lock};
use crate::http_server::{Handling, tnengine_http_request_t};
use crate::http_wasi::view;
use crate::loop_call::*;
use futures_channel::oneshot;
use hyper::http::uri::Scheme;
use hyper::http::{Request, Response, StatusCode};
use std::ffi::c_void;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex};
use wasmtime::component::{Accessor, Instance};
use wasmtime::{AsContextMut, Result, bail};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData};
use wasmtime_wasi_http::handler::{Prepared, Proxy};
use wasmtime_wasi_http::{WasiBody, p2, p3};

/// An instance that exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`.
pub struct tnengine_http_handler_t {
    instance: Instance,
    minor: u32,
    /// Looked up by the first call, because the store is accessible only in a turn.
    proxy: Mutex<Option<Arc<Proxy>>>,
}

impl tnengine_http_handler_t {
    fn find(&self, mut store: WasmtimeStoreContextMut<'_>) -> Result<Arc<Proxy>> {
        let mut known = lock(&self.proxy);
        if let Some(proxy) = &*known {
            return Ok(proxy.clone());
        }
        let proxy = match self.minor {
            2 => Proxy::P2(p2::bindings::Proxy::new(&mut store, &self.instance)?),
            3 => Proxy::P3(p3::bindings::Service::new(&mut store, &self.instance)?),
            minor => bail!("there are no handlers of wasi:http 0.{minor}"),
        };
        Ok(known.insert(Arc::new(proxy)).clone())
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_handler_new(
    instance: &Instance,
    minor: u32,
) -> Box<tnengine_http_handler_t> {
    Box::new(tnengine_http_handler_t {
        instance: *instance,
        minor,
        proxy: Mutex::new(None),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_handler_delete(_handler: Box<tnengine_http_handler_t>) {}

/// As `Prepared::new`, which takes each request to 0.2 for one of plain HTTP.
fn prepare<'a>(
    mut store: WasmtimeStoreContextMut<'_>,
    proxy: &'a Proxy,
    content: Request<WasiBody>,
    response: oneshot::Sender<Result<Response<WasiBody>>>,
) -> Result<Prepared<'a, WasmtimeStoreData>> {
    let guest = match proxy {
        Proxy::P2(guest) if content.uri().scheme() == Some(&Scheme::HTTPS) => guest,
        _ => return Prepared::new(store, proxy, content, view, response),
    };
    let tx = Arc::new(Mutex::new(Some(response)));
    let scheme = p2::bindings::http::types::Scheme::Https;
    let request = view(store.data_mut()).new_incoming_request(scheme, content)?;
    let sender = tx.clone();
    let out = view(store.data_mut()).new_response_outparam_from_callback(move |response| {
        if let Some(tx) = lock(&sender).take() {
            let _ = tx.send(response.map_err(Into::into));
        }
    })?;
    let handle = guest.wasi_http_incoming_handler().func_handle();
    let call = handle.start_call_concurrent(store, (request, out))?;
    Ok(Prepared::P2 { guest, call, tx })
}

/// A call on its way through a loop. Its end is reported exactly once.
pub(crate) struct HttpCall {
    handler: *const tnengine_http_handler_t,
    request: *const tnengine_http_request_t,
    is_shared: bool,
    end: tnengine_call_end_t,
    env: *mut c_void,
    tag: tnengine_tag_t,
    number: u64,
    is_ended: bool,
}

// SAFETY: the embedder turns a loop on one thread at a time, and keeps all of them until the end of the
// call.
unsafe impl Send for HttpCall {}
unsafe impl Sync for HttpCall {}

impl HttpCall {
    pub(crate) fn new(
        handler: &tnengine_http_handler_t,
        request: &tnengine_http_request_t,
        is_shared: bool,
        end: tnengine_call_end_t,
        env: *mut c_void,
        tag: tnengine_tag_t,
        number: u64,
    ) -> Self {
        Self {
            handler,
            request,
            is_shared,
            end,
            env,
            tag,
            number,
            is_ended: false,
        }
    }

    pub(crate) fn begin(self, accessor: &Accessor<WasmtimeStoreData>) -> Option<Task<'_>> {
        Some(Box::pin(self.run(accessor)))
    }

    async fn run(self, accessor: &Accessor<WasmtimeStoreData>) {
        let handled = self.handle(accessor).await;
        self.finish(handled);
    }

    async fn handle(&self, accessor: &Accessor<WasmtimeStoreData>) -> Result<()> {
        // SAFETY: as for `Send`.
        let (handler, request) = unsafe { (&*self.handler, &*self.request) };
        let Some(Handling { content, response }) = request.take() else {
            bail!("the request was handled before");
        };
        let proxy = accessor.with(|mut store| handler.find(store.as_context_mut()))?;
        let prepared = accessor
            .with(|mut store| prepare(store.as_context_mut(), &proxy, content, response))?;
        let task = match &prepared {
            Prepared::P2 { call, .. } => call.task(),
            Prepared::P3 { call, .. } => {
                with_calls(|calls| calls.add_task(self.number, call.task()));
                call.task()
            }
        };
        tag_task(task, self.tag);
        let ran = prepared.run(accessor, pending()).await;
        // The guest has returned. The call goes on as long as its response does.
        with_calls(|calls| calls.take_task(self.number));
        ran?;
        let error = request.answer.take_error();
        if error.is_some() {
            request.answer.refuse(StatusCode::INTERNAL_SERVER_ERROR);
        }
        if self.is_shared {
            poll_fn(|cx| request.answer.poll_over(cx)).await;
        } else {
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
        }
        error.map_or(Ok(()), Err)
    }

    fn finish(mut self, handled: Result<()>) {
        self.is_ended = true;
        let null = std::ptr::null_mut();
        match handled {
            Ok(()) => (self.end)(self.env, TNENGINE_CALL_RETURNED, null, None),
            Err(error) => (self.end)(
                self.env,
                TNENGINE_CALL_FAILED,
                null,
                Some(Box::new(error.into())),
            ),
        }
    }
}

impl Drop for HttpCall {
    fn drop(&mut self) {
        if !self.is_ended {
            // SAFETY: as for `Send`.
            unsafe { &*self.request }.answer.break_off();
            (self.end)(self.env, TNENGINE_CALL_DROPPED, std::ptr::null_mut(), None);
        }
    }
}
