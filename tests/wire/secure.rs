//! Clients of a forward proxy, and a proxy that answers by itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{HeaderMap, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use onrecord::exchange::{Ending, Request, Response};
use onrecord::net::{Admission, Answer, Entrance, Interception, Issuer, Limits, Reply, Running};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{ANY_PORT, HANG};

/// Which versions a client offers.
pub(crate) const FIRST: &[u8] = b"http/1.1";
pub(crate) const SECOND: &[u8] = b"h2";

/// A forward proxy that answers itself: as the path says, and with the request's head as body.
pub(crate) struct Proxy {
    pub(crate) running: Running,
    pub(crate) authority: String,
    notices: Receiver<String>,
}

impl Proxy {
    pub(crate) fn new() -> Self {
        Self::within(Limits::default())
    }

    pub(crate) fn within(limits: Limits) -> Self {
        Self::with(Arc::new(Mirror), limits)
    }

    pub(crate) fn with(answer: Arc<dyn Answer>, limits: Limits) -> Self {
        let issuer = Issuer::new().unwrap();
        let authority = issuer.certificate_pem().to_owned();
        let (told, notices) = channel();
        let interception = Interception::new(issuer, admit).with_notice(move |notice| {
            told.send(notice.to_string()).unwrap();
        });
        let entrance = Entrance::Proxy(Arc::new(interception));
        let running = Running::serve_at(ANY_PORT, entrance, answer, limits).unwrap();
        Self { running, authority, notices }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.running.local_addr()
    }

    pub(crate) fn notice(&self) -> String {
        self.notices.recv_timeout(HANG).unwrap()
    }

    /// Stops, and gives the notices that nobody has asked for.
    pub(crate) fn stop(self) -> Vec<String> {
        self.running.stop();
        self.notices.iter().collect()
    }
}

/// Hosts under `.example` are looked into, those under `.test` pass, all others may not.
fn admit(host: &str, port: u16) -> Admission {
    match port {
        22 => Admission::Refused,
        _ if host.ends_with(".example") || matches!(host, "127.0.0.1" | "::1") => Admission::Intercepted,
        _ if host.ends_with(".test") => Admission::Tunnelled,
        _ => Admission::Refused,
    }
}

/// Answers with the head of the request.
pub(crate) struct Mirror;

impl Answer for Mirror {
    fn answer(&self, request: Request) -> Response {
        let mut response = Response::new(200);
        let mut head = format!("{} {} {}\n", request.method, request.target, request.version.as_str());
        for (name, value) in request.headers.iter() {
            head.push_str(&format!("{name}: {}\n", value.text()));
        }
        match request.target.path() {
            "/pieces" => {
                response.headers.push("transfer-encoding", "chunked");
                head = "onetwothree".to_owned();
                response.pieces = [3, 3, 5].map(piece).to_vec();
            }
            "/trailers" => {
                response.headers.push("content-length", "4");
                response.trailers.push("x-checksum", "abc");
                response.trailers.push("x-late", "1");
                head = "body".to_owned();
            }
            "/204" => {
                response.status = 204;
                head = String::new();
            }
            "/304" => {
                response.status = 304;
                response.headers.push("content-length", "7");
                head = String::new();
            }
            "/hop" => {
                response.headers.push("connection", "x-hop");
                response.headers.push("x-hop", "1");
                response.headers.push("keep-alive", "5");
            }
            _ => {}
        }
        response.body = head.into();
        response
    }

    fn reply(&self, request: Request) -> Reply {
        let ending = if request.target.path() == "/cut" { Ending::Aborted } else { Ending::Complete };
        Reply { response: self.answer(request), ending }
    }
}

fn piece(length: usize) -> onrecord::exchange::Piece {
    onrecord::exchange::Piece { length, after: std::time::Duration::ZERO }
}

/// Runs a client, but not for ever.
pub(crate) fn client<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(HANG, work).await.expect("it hangs") })
}

/// Says these lines and reads the head that comes back.
pub(crate) async fn ask(addr: SocketAddr, lines: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(lines.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        head.push(byte);
    }
    (stream, String::from_utf8(head).unwrap())
}

/// A tunnel to an authority.
pub(crate) async fn tunnel(addr: SocketAddr, authority: &str) -> TcpStream {
    let lines = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let (stream, head) = ask(addr, &lines).await;
    assert_eq!(head, "HTTP/1.1 200 OK\r\n\r\n");
    stream
}

/// A secure connection inside a tunnel, to a server of this name, whose certificate counts if
/// `authority` (PEM) made it.
pub(crate) async fn secure(
    stream: TcpStream,
    name: &str,
    authority: &str,
    version: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![version.to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(version));
    Ok(stream)
}

/// Sends requests on one connection, in either version.
pub(crate) enum Sender {
    First(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    Second(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) frames: Vec<Bytes>,
    pub(crate) trailers: HeaderMap,
    /// Whether the body came to its end.
    pub(crate) whole: bool,
}

impl Got {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.frames.concat()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Sender {
    /// Through a tunnel to the host, at port 443.
    pub(crate) async fn to(proxy: &Proxy, host: &str, version: &[u8]) -> Self {
        let stream = tunnel(proxy.addr(), &format!("{host}:443")).await;
        Self::over(secure(stream, host, &proxy.authority, version).await.unwrap()).await
    }

    pub(crate) async fn over(stream: TlsStream<TcpStream>) -> Self {
        if stream.get_ref().1.alpn_protocol() == Some(SECOND) {
            Self::second(stream).await
        } else {
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            Self::First(sender)
        }
    }

    /// Without asking whether HTTP/2 is spoken.
    pub(crate) async fn second(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self::Second(sender)
    }

    pub(crate) async fn get(&mut self, host: &str, path: &str) -> Got {
        self.send("GET", host, path, &[]).await.unwrap()
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> hyper::Result<Got> {
        let uri = match self {
            _ if method == "CONNECT" => host.to_owned(),
            Self::First(_) => path.to_owned(),
            Self::Second(_) => format!("https://{host}{path}"),
        };
        let mut request = hyper::Request::builder().method(method).uri(uri);
        if let Self::First(_) = self {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::default()).unwrap();
        let response = match self {
            Self::First(sender) => sender.send_request(request).await?,
            Self::Second(sender) => {
                let response = sender.send_request(request).await?;
                assert_eq!(response.version(), Version::HTTP_2);
                response
            }
        };
        Ok(read(response).await)
    }

    /// Waits until the server has closed the connection.
    pub(crate) async fn closed(&mut self) {
        loop {
            let is_ready = match self {
                Self::First(sender) => sender.ready().await.is_ok(),
                Self::Second(sender) => sender.ready().await.is_ok(),
            };
            if !is_ready {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn read(response: hyper::Response<Incoming>) -> Got {
    let (parts, mut body) = response.into_parts();
    let mut got = Got {
        status: parts.status,
        headers: parts.headers,
        frames: Vec::new(),
        trailers: HeaderMap::new(),
        whole: true,
    };
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            got.whole = false;
            break;
        };
        match frame.into_data() {
            Ok(data) => got.frames.push(data),
            Err(frame) => got.trailers = frame.into_trailers().unwrap(),
        }
    }
    got
}
