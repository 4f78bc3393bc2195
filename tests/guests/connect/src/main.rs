//! connect: a command that tries a TCP connection to each argument `HOST:PORT`, for tests of
//! network grants. HOST is an IPv4 address or a name.
//!
//! Prints `connected HOST:PORT`, or `failed HOST:PORT: CODE` with the error code of wasi:sockets.
//! Exits with 0 if every connection was made, else with 1.

use std::net::Ipv4Addr;
use std::process::ExitCode;
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Network,
};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

fn find_address(network: &Network, host: &str) -> Result<(u8, u8, u8, u8), ErrorCode> {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        let [a, b, c, d] = address.octets();
        return Ok((a, b, c, d));
    }
    let found = resolve_addresses(network, host)?;
    loop {
        match found.resolve_next_address() {
            Ok(Some(IpAddress::Ipv4(address))) => return Ok(address),
            Ok(Some(IpAddress::Ipv6(_))) => {}
            Ok(None) => return Err(ErrorCode::NameUnresolvable),
            Err(ErrorCode::WouldBlock) => found.subscribe().block(),
            Err(error) => return Err(error),
        }
    }
}

fn connect(host: &str, port: u16) -> Result<(), ErrorCode> {
    let network = instance_network();
    let address = find_address(&network, host)?;
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_connect(&network, IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))?;
    loop {
        match socket.finish_connect() {
            Ok(_streams) => return Ok(()),
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            Err(error) => return Err(error),
        }
    }
}

fn parse(target: &str) -> Option<(&str, u16)> {
    let (host, port) = target.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for target in std::env::args().skip(1) {
        let outcome = match parse(&target) {
            Some((host, port)) => connect(host, port).map_err(|error| error.name().to_string()),
            None => Err("not HOST:PORT".to_string()),
        };
        match outcome {
            Ok(()) => println!("connected {target}"),
            Err(why) => {
                println!("failed {target}: {why}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
