//! Proxies for requests that guests send. Those of `http` are passed on by the proxy; for `https`, it opens a
//! tunnel and sees nothing of what passes (RFC 9110, section 9.3.6).

use crate::http_client::Target;
use crate::http_error::hyper_error;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::http::header::{HOST, PROXY_AUTHORIZATION};
use hyper::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use hyper::rt::{Read, Write};
use hyper::upgrade::Upgraded;
use wasmtime_wasi_http::Error;

pub(crate) struct Proxy {
    pub(crate) port: u16,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// `authorization` is the value of the field, or empty.
    pub(crate) fn new(port: u16, authorization: &[u8]) -> Self {
        let mut value = HeaderValue::from_bytes(authorization).ok();
        if let Some(value) = &mut value {
            value.set_sensitive(true);
        }
        Self {
            port,
            authorization: value.filter(|value| !value.is_empty()),
        }
    }

    pub(crate) fn authorize(&self, fields: &mut HeaderMap) {
        if let Some(value) = &self.authorization {
            fields.insert(PROXY_AUTHORIZATION, value.clone());
        }
    }
}

/// Asks a proxy for a connection to the target.
pub(crate) async fn open_tunnel<S>(
    stream: S,
    target: &Target,
    proxy: &Proxy,
) -> Result<Upgraded, Error>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let to = target.host_and_port();
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = Uri::try_from(&to).map_err(|_| Error::HttpRequestUriInvalid)?;
    let host = HeaderValue::try_from(&to).map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(HOST, host);
    proxy.authorize(request.headers_mut());

    let (mut sender, connection) = http1::handshake(stream).await.map_err(hyper_error)?;
    tokio::spawn(connection.with_upgrades());
    let response = sender.send_request(request).await.map_err(hyper_error)?;
    if !response.status().is_success() {
        let refusal = format!(
            "the proxy refuses a connection to {to}: {}",
            response.status()
        );
        return Err(Error::InternalError(Some(refusal)));
    }
    hyper::upgrade::on(response).await.map_err(hyper_error)
}
