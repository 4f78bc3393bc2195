//! wrpc-rust serves or calls the interface of ../calls.wit with wRPC's own transport and the bindings of
//! wit-bindgen-wrpc, so that tests/live_peers.py can connect it with tenon.
//!
//!   wrpc-rust serve ADDRESS   serves it; prints `ready ADDRESS` with the actual port
//!   wrpc-rust call ADDRESS    calls every function; prints `ok NAME` or `FAILED NAME: WHY` for each
//!
//! ADDRESS is HOST:PORT, which can have `tcp://` in front. One folder for each version builds this source.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use client::peers::test::calls;
use futures::{FutureExt, StreamExt, future, stream};
use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use wrpc_transport::tcp::Client;
use wrpc_transport::{ResourceBorrow, ResourceOwn};

mod client {
    wit_bindgen_wrpc::generate!({
        inline: "package peers:rust; world client { import peers:test/calls@0.1.0; }",
        path: "calls.wit",
        world: "peers:rust/client",
        with: { "peers:test/calls@0.1.0": generate },
    });
}
mod server {
    wit_bindgen_wrpc::generate!({
        inline: "package peers:rust; world server { export peers:test/calls@0.1.0; }",
        path: "calls.wit",
        world: "peers:rust/server",
        with: { "peers:test/calls@0.1.0": generate },
    });
}
use server::exports::peers::test::calls::{Counter, Entry, Handler, HandlerCounter};

type Items = Pin<Box<dyn futures::Stream<Item = Vec<u64>> + Send>>;

const PATIENCE: Duration = Duration::from_secs(10);
const HANG_TIME: Duration = Duration::from_millis(500);

#[derive(Clone, Default)]
struct Calls {
    counters: Arc<Mutex<HashMap<Bytes, u32>>>,
}

impl<C: Send> Handler<C> for Calls {
    async fn echo_string(&self, _: C, s: String) -> Result<String> {
        Ok(s)
    }
    async fn echo_bytes(&self, _: C, b: Bytes) -> Result<Bytes> {
        Ok(b)
    }
    async fn add(&self, _: C, a: u32, b: u32) -> Result<u32> {
        Ok(a.wrapping_add(b))
    }
    async fn divide(&self, _: C, a: u32, b: u32) -> Result<Result<u32, String>> {
        Ok(a.checked_div(b).ok_or_else(|| "division by zero".to_string()))
    }
    async fn echo_record(&self, _: C, r: Entry) -> Result<Entry> {
        Ok(r)
    }
    async fn count(&self, _: C, n: u32) -> Result<Items> {
        // In chunks, the last of which can be shorter.
        let chunks = (0..u64::from(n)).step_by(7);
        Ok(Box::pin(stream::iter(chunks.map(move |at| (at..u64::from(n).min(at + 7)).collect()))))
    }
    async fn sum(&self, _: C, items: Items) -> Result<u64> {
        Ok(items.fold(0, |sum, chunk| future::ready(sum + chunk.iter().sum::<u64>())).await)
    }
    async fn nothing(&self, _: C) -> Result<()> {
        Ok(())
    }
    async fn fail(&self, _: C) -> Result<()> {
        bail!("as the test wants")
    }
    async fn fail_number(&self, _: C) -> Result<u32> {
        bail!("as the test wants")
    }
    async fn hang(&self, _: C) -> Result<()> {
        future::pending().await
    }
}

impl<C: Send> HandlerCounter<C> for Calls {
    async fn new(&self, _: C, start: u32) -> Result<ResourceOwn<Counter>> {
        let mut counters = self.counters.lock().expect("no panic");
        let handle = Bytes::from(format!("counter {}", counters.len()));
        counters.insert(handle.clone(), start);
        Ok(ResourceOwn::from(handle))
    }
    async fn next(&self, _: C, counter: ResourceBorrow<Counter>) -> Result<u32> {
        let mut counters = self.counters.lock().expect("no panic");
        let value = counters.get_mut(&Bytes::from(counter)).context("an unknown counter")?;
        *value += 1;
        Ok(*value - 1)
    }
}

async fn serve(address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await.context("cannot listen")?;
    let server = Arc::new(wrpc_transport::Server::default());
    for (_, function, mut invocations) in server::serve(&*server, Calls::default()).await? {
        tokio::spawn(async move {
            while let Some(invocation) = invocations.next().await {
                match invocation {
                    Ok(call) => {
                        tokio::spawn(call.map(move |result| {
                            if let Err(error) = result {
                                eprintln!("{function} failed: {error:#}");
                            }
                        }));
                    }
                    Err(error) => eprintln!("bad call of {function}: {error:#}"),
                }
            }
        });
    }
    println!("ready {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept")?;
        let (reader, writer) = stream.into_split();
        let server = server.clone();
        tokio::spawn(async move {
            #[cfg(feature = "one-argument")]
            let accepted = server.accept(wrpc_transport::frame::Oneshot::from((reader, writer)));
            #[cfg(not(feature = "one-argument"))]
            let accepted = server.accept((), writer, tokio::io::BufReader::new(reader));
            if let Err(error) = accepted.await {
                eprintln!("bad connection: {error}");
            }
        });
    }
}

type Peer = Client<SocketAddr>;

async fn check_echo_string(peer: Peer) -> Result<()> {
    for text in ["hello, wörld", "", "日本語 🎉"] {
        ensure!(calls::echo_string(&peer, (), text).await? == text, "{text} is not the same");
    }
    Ok(())
}

async fn check_echo_bytes(peer: Peer) -> Result<()> {
    for size in [0, 1, 256, 3000] {
        let bytes: Bytes = (0..size).map(|i| (i * 7) as u8).collect();
        ensure!(calls::echo_bytes(&peer, (), &bytes).await? == bytes, "{size} bytes are not the same");
    }
    Ok(())
}

async fn check_add(peer: Peer) -> Result<()> {
    ensure!(calls::add(&peer, (), 300, 4_000_000_000).await? == 4_000_000_300);
    Ok(())
}

async fn check_divide(peer: Peer) -> Result<()> {
    ensure!(calls::divide(&peer, (), 1000, 7).await? == Ok(142));
    ensure!(calls::divide(&peer, (), 1, 0).await? == Err("division by zero".to_string()));
    Ok(())
}

async fn check_echo_record(peer: Peer) -> Result<()> {
    let tags = || ["hot", "", "green"].map(String::from).to_vec();
    let entry = calls::Entry { id: (1 << 63) + 5, name: "téa".to_string(), tags: tags() };
    let found = calls::echo_record(&peer, (), &entry).await?;
    ensure!(found.id == entry.id && found.name == entry.name && found.tags == tags(), "found {found:?}");
    Ok(())
}

async fn check_count(peer: Peer) -> Result<()> {
    for n in [0, 20] {
        let (items, io) = calls::count(&peer, (), n).await?;
        let io = io.map_or(future::ok(()).boxed(), FutureExt::boxed);
        let (found, ended) = future::join(items.concat(), io).await;
        ended?;
        ensure!(found == (0..u64::from(n)).collect::<Vec<_>>(), "count({n}): found {found:?}");
    }
    Ok(())
}

async fn check_sum(peer: Peer) -> Result<()> {
    for items in [vec![], vec![1, 2, 3, 4, 5, 6, 1 << 40]] {
        let expected: u64 = items.iter().sum();
        let chunks: Vec<Vec<u64>> = items.chunks(2).map(<[u64]>::to_vec).collect();
        // A stream that waits once: 0.30 writes one that is ready as a part of the parameters.
        let waiting = stream::once(tokio::task::yield_now()).filter_map(|()| future::ready(None));
        let (found, io) = calls::sum(&peer, (), Box::pin(waiting.chain(stream::iter(chunks)))).await?;
        if let Some(io) = io {
            io.await?;
        }
        ensure!(found == expected, "expected {expected}, found {found}");
    }
    Ok(())
}

async fn check_nothing(peer: Peer) -> Result<()> {
    calls::nothing(&peer, ()).await
}

async fn check_counter(peer: Peer) -> Result<()> {
    let mut counters = Vec::new();
    for start in [5, 100] {
        counters.push(calls::Counter::new(&peer, (), start).await?);
    }
    for (i, expected) in [5, 100, 6, 101].into_iter().enumerate() {
        let found = calls::Counter::next(&peer, (), &counters[i % 2].as_borrow()).await?;
        ensure!(found == expected, "expected {expected}, found {found}");
    }
    Ok(())
}

/// Version 0.29 takes no answer at all for that of a function without a result.
async fn check_fail(peer: Peer) -> Result<&'static str> {
    match calls::fail(&peer, ()).await {
        Ok(()) => Ok(""),
        Err(error) if format!("{error:#}").contains("reset") => Ok(" (connection reset)"),
        Err(error) => Err(error),
    }
}

async fn check_fail_number(peer: Peer) -> Result<&'static str> {
    match calls::fail_number(&peer, ()).await {
        Ok(number) => bail!("expected a failure, found {number}"),
        Err(error) if format!("{error:#}").contains("reset") => Ok(" (connection reset)"),
        Err(_) => Ok(""),
    }
}

async fn check_hang(peer: Peer) -> Result<()> {
    match tokio::time::timeout(HANG_TIME, calls::hang(&peer, ())).await {
        Err(_) => Ok(()),
        Ok(ended) => bail!("it ended: {ended:?}"),
    }
}

async fn report(name: &str, check: impl Future<Output = Result<&'static str>>) -> bool {
    let result = tokio::time::timeout(PATIENCE, check).await.context("no answer in time").flatten();
    match &result {
        Ok(note) => println!("ok {name}{note}"),
        Err(error) => println!("FAILED {name}: {error:#}"),
    }
    result.is_ok()
}

async fn call(address: SocketAddr) -> Result<()> {
    let peer = || Peer::from(address);
    let plain = |check: Pin<Box<dyn Future<Output = Result<()>>>>| check.map(|result| result.map(|()| ""));
    let all = [
        report("echo-string", plain(Box::pin(check_echo_string(peer())))).await,
        report("echo-bytes", plain(Box::pin(check_echo_bytes(peer())))).await,
        report("add", plain(Box::pin(check_add(peer())))).await,
        report("divide", plain(Box::pin(check_divide(peer())))).await,
        report("echo-record", plain(Box::pin(check_echo_record(peer())))).await,
        report("count", plain(Box::pin(check_count(peer())))).await,
        report("sum", plain(Box::pin(check_sum(peer())))).await,
        report("nothing", plain(Box::pin(check_nothing(peer())))).await,
        report("fail", check_fail(peer())).await,
        report("fail-number", check_fail_number(peer())).await,
        report("counter", plain(Box::pin(check_counter(peer())))).await,
        report("hang", plain(Box::pin(check_hang(peer())))).await,
    ];
    ensure!(all.iter().all(|is_ok| *is_ok), "some functions failed");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = |text: &str| -> Result<SocketAddr> {
        let place = text.strip_prefix("tcp://").unwrap_or(text);
        place.split('?').next().unwrap_or(place).parse().context("not HOST:PORT")
    };
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", at] => serve(address(at)?).await,
        ["call", at] => call(address(at)?).await,
        _ => bail!("usage: wrpc-rust serve ADDRESS | wrpc-rust call ADDRESS"),
    }
}
