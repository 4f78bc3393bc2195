//! The answer to one HTTP request: the handler's response, or that of the embedder.
//!
//! The connection waits for it on a thread of its own, the call of the handler is on the loop of its
//! store, and the embedder can answer or refuse the request at any time. The first response counts. It does not
//! pass through the loop: a guest that waits for the client can keep the loop from running.

use crate::event_loop::lock;
use crate::http_body::Fate;
use crate::http_message::{Refusal, full_body};
use futures_channel::oneshot;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::http::header::CONTENT_TYPE;
use hyper::http::{HeaderValue, Response, StatusCode};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use wasmtime::{Error, Result};
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

/// A response, or the error that a handler gave in place of one.
type Outcome = Result<Response<WasiBody>>;

/// A response of the server's own.
pub(crate) fn plain_response(status: StatusCode) -> Response<WasiBody> {
    let text = status.canonical_reason().unwrap_or("error");
    let text = format!("{} {text}\n", status.as_u16());
    let mut response = Response::new(full_body(text.as_bytes()));
    *response.status_mut() = status;
    response.extensions_mut().insert(Refusal);
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

struct State {
    /// None when the outcome is known.
    handler: Option<oneshot::Receiver<Outcome>>,
    error: Option<Error>,
    /// For the connection.
    response: Option<Response<WasiBody>>,
    is_answered: bool,
    /// The response is not the handler's.
    is_own: bool,
    connection: Option<Waker>,
    /// The connection is done with it: the client has the whole response, or does not want it.
    is_over: bool,
    /// For the call of the handler.
    call: Option<Waker>,
}

impl State {
    /// Returns what was too late.
    fn answer(&mut self, response: Response<WasiBody>) -> Option<Response<WasiBody>> {
        if self.is_answered {
            return Some(response);
        }
        self.is_answered = true;
        self.response = Some(response);
        if let Some(connection) = self.connection.take() {
            connection.wake();
        }
        None
    }

    /// Looks for the outcome of the handler. Returns what was too late.
    fn look(&mut self, cx: &mut Context<'_>) -> Option<Response<WasiBody>> {
        let Poll::Ready(outcome) = self.handler.as_mut()?.poll_unpin(cx) else {
            return None;
        };
        self.handler = None;
        match outcome {
            Ok(Ok(response)) => return self.answer(response),
            Ok(Err(error)) => self.error = Some(error),
            // Its store was dropped.
            Err(_) => (),
        }
        None
    }
}

/// The answer, as the connection has it.
pub(crate) struct Awaited {
    answer: Arc<Answer>,
    /// It goes on until its body ends.
    has_response: bool,
}

/// With the fate of the guest that answers.
pub(crate) struct Answer(Mutex<State>, Fate);

impl Answer {
    /// The sender is the handler's.
    pub(crate) fn new() -> (Arc<Self>, Awaited, oneshot::Sender<Outcome>) {
        let (sender, receiver) = oneshot::channel();
        let answer = Arc::new(Self(
            Mutex::new(State {
                handler: Some(receiver),
                error: None,
                response: None,
                is_answered: false,
                is_own: false,
                connection: None,
                is_over: false,
                call: None,
            }),
            Fate::default(),
        ));
        (
            answer.clone(),
            Awaited {
                answer,
                has_response: false,
            },
            sender,
        )
    }

    /// Answers in place of the handler, if nothing has.
    pub(crate) fn respond(&self, response: Response<WasiBody>) {
        // Responses are dropped without the lock: their guests are woken.
        let late = {
            let mut state = lock(&self.0);
            // The connection may not have looked yet.
            let looked = state.look(&mut Context::from_waker(Waker::noop()));
            state.is_own |= !state.is_answered;
            (looked, state.answer(response))
        };
        drop(late);
    }

    pub(crate) fn refuse(&self, status: StatusCode) {
        self.respond(plain_response(status));
    }

    /// The guest ends before it is done. To be called before its store is dropped.
    pub(crate) fn break_off(&self) {
        self.1.break_off();
    }

    /// Whether the connection may still want it.
    pub(crate) fn is_awaited(&self) -> bool {
        !lock(&self.0).is_over
    }

    /// The connection is done with it.
    fn end(&self) {
        let call = {
            let mut state = lock(&self.0);
            state.is_over = true;
            state.call.take()
        };
        if let Some(call) = call {
            call.wake();
        }
    }

    /// Waits until the connection is done with it.
    pub(crate) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0);
        if state.is_over {
            return Poll::Ready(());
        }
        state.call = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The error of a handler that is done with its response.
    pub(crate) fn take_error(&self) -> Option<Error> {
        let (late, error) = {
            let mut state = lock(&self.0);
            let late = state.look(&mut Context::from_waker(Waker::noop()));
            (late, state.error.take())
        };
        drop(late);
        error
    }
}

impl Awaited {
    /// After an error of the handler, that is the response with which the embedder refuses.
    pub(crate) async fn wait(mut self) -> Response<WasiBody> {
        let response = poll_fn(|cx| {
            let (late, response) = {
                let mut state = lock(&self.answer.0);
                state.connection = Some(cx.waker().clone());
                (state.look(cx), state.response.take())
            };
            drop(late);
            response.map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        if lock(&self.answer.0).is_own {
            return response;
        }
        let answer = self.answer.clone();
        self.has_response = true;
        response.map(|body| {
            let inner = answer.1.watch(body);
            SentBody { inner, answer }.boxed_unsync()
        })
    }
}

/// The body of a response. Its end is that of the answer.
struct SentBody {
    inner: WasiBody,
    answer: Arc<Answer>,
}

impl Body for SentBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for SentBody {
    fn drop(&mut self) {
        self.answer.end();
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // The client has its response, or has gone. Then nobody reads another one.
        let (handler, response) = {
            let mut state = lock(&self.answer.0);
            state.is_answered = true;
            (state.handler.take(), state.response.take())
        };
        drop((handler, response));
        if !self.has_response {
            self.answer.end();
        }
    }
}
