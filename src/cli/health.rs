//! Asks the app on this machine whether it is up: what a container's health check runs, so that the image needs no curl.

use super::output::Failure;
use crate::config::Config;
use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(2);

/// Succeeds if `/healthz` of the configured address answers 200.
pub(super) fn health(config: &Config) -> Result<(), Failure> {
    let addr = reachable(config.addr);
    let answer = ask(addr)
        .map_err(|why| Failure::Surroundings(format!("Nothing answers on {addr}: {why}")))?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    let line = answer.lines().next().unwrap_or_default();
    Err(Failure::Surroundings(format!(
        "The app on {addr} isn’t well: {line}"
    )))
}

/// An app that listens on every address is asked on loopback.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

fn ask(addr: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}
