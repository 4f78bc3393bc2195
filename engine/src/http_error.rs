//! Why a request of a guest failed, as `wasi:http` says it.

use crate::tls::{TlsError, TlsFault};
use std::error::Error as _;
use std::io::{self, ErrorKind};
use wasmtime_wasi_http::Error;

/// For a connection that cannot be made.
pub(crate) fn connect_error(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        ErrorKind::TimedOut => Error::ConnectionTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Error::DestinationIpUnroutable
        }
        _ => Error::DestinationUnavailable,
    }
}

/// For a connection that cannot be encrypted, or not any more.
pub(crate) fn tls_error(error: io::Error) -> Error {
    let Some(TlsError { fault, text }) = TlsError::find(&error) else {
        return Error::ConnectionTerminated;
    };
    match *fault {
        TlsFault::Transport => Error::ConnectionTerminated,
        TlsFault::Certificate => Error::TlsCertificateError,
        TlsFault::Alert(alert_id) => Error::TlsAlertReceived {
            alert_id,
            alert_message: Some(text.clone()),
        },
        TlsFault::Protocol => Error::TlsProtocolError,
        TlsFault::Setup => Error::InternalError(Some(text.clone())),
    }
}

/// For an exchange that failed before its response began.
pub(crate) fn hyper_error(error: hyper::Error) -> Error {
    find_cause(&error).unwrap_or_else(|| {
        // A request that was cancelled has the error of its connection as the cause.
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        let fault: &hyper::Error = cause.unwrap_or(&error);
        if fault.is_timeout() {
            Error::HttpResponseTimeout
        } else if fault.is_parse_too_large() {
            Error::HttpResponseHeaderSectionSize(None)
        } else if fault.is_incomplete_message() || fault.is_canceled() || fault.is_closed() {
            Error::ConnectionTerminated
        } else {
            Error::HttpProtocolError
        }
    })
}

/// For the body of a response.
pub(crate) fn body_error(error: hyper::Error) -> Error {
    match hyper_error(error) {
        Error::ConnectionTerminated => Error::HttpResponseIncomplete,
        Error::HttpResponseHeaderSectionSize(size) => Error::HttpResponseTrailerSectionSize(size),
        other => other,
    }
}

/// What made hyper fail: the body of the request, which is the guest's, or the connection.
fn find_cause(error: &hyper::Error) -> Option<Error> {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(Error::HttpRequestBodySize(size)) = found.downcast_ref() {
            return Some(Error::HttpRequestBodySize(*size));
        }
        if let Some(failure) = found.downcast_ref::<io::Error>() {
            return Some(match TlsError::find(failure) {
                Some(error) => tls_error(io::Error::other(TlsError {
                    fault: error.fault,
                    text: error.text.clone(),
                })),
                None => Error::ConnectionTerminated,
            });
        }
        cause = found.source();
    }
    None
}
