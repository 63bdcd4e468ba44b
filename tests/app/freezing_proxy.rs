//! A stand-in for the network between the app and Postgres that can lose everything without telling anybody.
//!
//! A frozen connection stays open on both sides and swallows every byte, as when a firewall forgot it or a server's
//! machine lost its power: nobody gets an error, nobody gets an answer. Knows sockets only, nothing of Postgres.

use std::{io, net::Ipv4Addr, path::PathBuf};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Where the real server listens.
#[derive(Clone, Debug)]
pub(crate) enum Upstream {
    /// A unix socket, by its file.
    Unix(PathBuf),
    /// A host and a port.
    Tcp(String, u16),
}

/// Connections of an earlier age than the current one are frozen; so are all while `swallows_new`.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    age: u64,
    swallows_new: bool,
}

/// The proxy; it ends, and cuts everything, when dropped.
pub(crate) struct FreezingProxy {
    port: u16,
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

impl FreezingProxy {
    /// Starts listening on a free port of the loopback address.
    pub(crate) async fn before(upstream: Upstream) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (state, seen) = watch::channel(State::default());
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(connect(client, upstream.clone(), seen.clone()));
            }
        });
        Ok(Self {
            port,
            state,
            accepting,
        })
    }

    /// Where the app connects, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Every open connection goes silent for good. New ones work.
    pub(crate) fn freeze_open_connections(&self) {
        self.state.send_modify(|state| state.age += 1);
    }

    /// Every open connection goes silent for good, and so does every new one until [`Self::let_new_ones_through`].
    pub(crate) fn freeze_everything(&self) {
        self.state.send_modify(|state| {
            state.age += 1;
            state.swallows_new = true;
        });
    }

    /// New connections work again.
    pub(crate) fn let_new_ones_through(&self) {
        self.state.send_modify(|state| state.swallows_new = false);
    }
}

impl Drop for FreezingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(client: TcpStream, upstream: Upstream, seen: watch::Receiver<State>) {
    let (from_client, to_client) = client.into_split();
    match upstream {
        Upstream::Unix(path) => {
            if let Ok(server) = UnixStream::connect(path).await {
                let (from_server, to_server) = server.into_split();
                tokio::join!(
                    carry(from_client, to_server, seen.clone()),
                    carry(from_server, to_client, seen)
                );
            }
        }
        Upstream::Tcp(host, port) => {
            if let Ok(server) = TcpStream::connect((host, port)).await {
                let (from_server, to_server) = server.into_split();
                tokio::join!(
                    carry(from_client, to_server, seen.clone()),
                    carry(from_server, to_client, seen)
                );
            }
        }
    }
}

/// Carries bytes one way. Once frozen it holds on to both ends, so that neither side hears of the other's death.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut seen: watch::Receiver<State>,
) {
    let born = *seen.borrow_and_update();
    let frozen = |state: &State| born.swallows_new || state.age != born.age;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            biased;
            gone = seen.wait_for(frozen) => {
                if gone.is_ok() {
                    break;
                }
                return;
            }
            read = from.read(&mut buffer) => read,
        };
        match read {
            Ok(length) if length > 0 && to.write_all(&buffer[..length]).await.is_ok() => {}
            _ => {
                // The other direction ends by itself when its reader sees this end closed.
                drop(to.shutdown().await);
                return;
            }
        }
    }
    while from.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
    std::future::pending::<()>().await;
}
