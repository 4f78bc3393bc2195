//! The sockets of an HTTP server: TCP or socket files.

use hyper::rt::{Read, Write};
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A client, for limits: an IPv4 address, or the IPv6 network of one customer. Whoever can open a socket file is
/// trusted like this process, which can be a client itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    Network(IpAddr),
    Trusted,
}

impl Client {
    fn of(address: SocketAddr) -> Self {
        const SUBNET: u128 = !0 << 64;
        Self::Network(match address.ip().to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & SUBNET)),
        })
    }
}

/// One end of a connection.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) client: Client,
    /// For messages: "127.0.0.1:41234", or "unix:".
    pub(crate) name: String,
}

pub(crate) enum Listener {
    Tcp(TcpListener),
    File(UnixListener),
}

impl Listener {
    pub(crate) async fn accept(&self) -> io::Result<(Plain, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // The parts of an answer are written as they come.
                let _ = stream.set_nodelay(true);
                let peer = Peer {
                    client: Client::of(address),
                    name: address.to_string(),
                };
                Ok((Plain::Tcp(stream), peer))
            }
            Self::File(listener) => {
                let (stream, _) = listener.accept().await?;
                let peer = Peer {
                    client: Client::Trusted,
                    name: "unix:".to_string(),
                };
                Ok((Plain::File(stream), peer))
            }
        }
    }
}

/// A connection's bytes, encrypted or not.
pub(crate) trait Socket: Read + Write + Send + Unpin {}
impl<S: Read + Write + Send + Unpin> Socket for S {}

pub(crate) enum Plain {
    Tcp(TcpStream),
    File(UnixStream),
}

/// Calls a function of the stream, whichever it is.
macro_rules! of_stream {
    ($self:expr, $function:ident($($argument:expr),*)) => {
        match $self.get_mut() {
            Plain::Tcp(stream) => Pin::new(stream).$function($($argument),*),
            Plain::File(stream) => Pin::new(stream).$function($($argument),*),
        }
    };
}

impl AsyncRead for Plain {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        of_stream!(self, poll_read(cx, buffer))
    }
}

// Without writes of several parts: the standard library makes them by `writev`, which raises SIGPIPE in a process that
// does not ignore it when the peer has left. A peer could end the program.
impl AsyncWrite for Plain {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        of_stream!(self, poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_stream!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_stream!(self, poll_shutdown(cx))
    }
}
