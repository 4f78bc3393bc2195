//! A server and a client of wRPC's own transport over TCP, the peers for tenon's figures of remote
//! calls. They need no bindings: generated ones call the same `serve_values` and
//! `invoke_values_blocking`.
//!
//!   wrpc-peer serve ADDR               serves `add`, and prints `ready ADDR` when it accepts calls
//!   wrpc-peer call ADDR N [PARALLEL]   calls `add` N times with PARALLEL calls in flight (1 unless
//!                                      told), and prints {"calls": N, "seconds": S}
//!
//! The function is `add: func(a: u32, b: u32) -> u32` of the interface `math` in the package
//! `bench:remote@0.1.0`.

use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use wrpc_transport::tcp::Client;
use wrpc_transport::{InvokeExt, ServeExt, Server};

const USAGE: &str = "usage: wrpc-peer serve ADDR | wrpc-peer call ADDR N [PARALLEL]";
const INSTANCE: &str = "bench:remote/math@0.1.0";
const FUNCTION: &str = "add";
/// `add` has no streams and no futures, so that no value has a path of its own.
const PATHS: [&[Option<usize>]; 0] = [];

async fn serve(address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await.context("cannot listen")?;
    let server = Arc::new(Server::default());
    let calls = server.serve_values::<(u32, u32), (u32,)>(INSTANCE, FUNCTION, Arc::default());
    let mut calls = Box::pin(calls.await?);
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            match call {
                Ok(((), (a, b), _, reply)) => {
                    tokio::spawn(async move {
                        if let Err(error) = reply((a.wrapping_add(b),)).await {
                            eprintln!("cannot reply: {error:#}");
                        }
                    });
                }
                Err(error) => eprintln!("bad call: {error:#}"),
            }
        }
    });

    println!("ready {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept")?;
        stream.set_nodelay(true)?; // as wRPC's client does
        let (reader, writer) = stream.into_split();
        let server = server.clone();
        // A task for each connection is faster than reading its header here.
        tokio::spawn(async move {
            if let Err(error) = server.accept((), writer, BufReader::new(reader)).await {
                eprintln!("bad connection: {error}");
            }
        });
    }
}

/// Takes numbers from `next` until it reaches `count`, and makes a call for each one.
async fn call_in_turn(client: Client<SocketAddr>, next: Arc<AtomicU32>, count: u32) -> Result<()> {
    loop {
        let a = next.fetch_add(1, Ordering::Relaxed);
        if a >= count {
            return Ok(());
        }
        let call = client.invoke_values_blocking((), INSTANCE, FUNCTION, (a, 3u32), PATHS);
        let (sum,): (u32,) = call.await.with_context(|| format!("call {a} failed"))?;
        ensure!(sum == a.wrapping_add(3), "call {a} has the result {sum}");
    }
}

async fn call(address: SocketAddr, count: u32, parallel: u32) -> Result<()> {
    let client = Client::from(address);
    let next = Arc::new(AtomicU32::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..parallel)
        .map(|_| tokio::spawn(call_in_turn(client.clone(), next.clone(), count)))
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{{\"calls\": {count}, \"seconds\": {seconds:.6}}}");
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // One thread at each end is faster than tokio's pool for calls one at a time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match arguments[..] {
        ["serve", address] => runtime.block_on(serve(address.parse().context(USAGE)?)),
        ["call", address, count, ref rest @ ..] if rest.len() <= 1 => {
            let count: u32 = count.parse().context(USAGE)?;
            let parallel: u32 = rest.first().unwrap_or(&"1").parse().context(USAGE)?;
            // The shared counter goes past the count by one for each task.
            ensure!(parallel > 0 && count.checked_add(parallel).is_some(), USAGE);
            runtime.block_on(call(address.parse().context(USAGE)?, count, parallel))
        }
        _ => bail!(USAGE),
    }
}
