//! Providers behind TLS that say what they heard, and clients of a forward proxy.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use onrecord::exchange::Exchange;
use onrecord::net::{
    Admission, ConnectTo, Entrance, Interception, Issuer, Limits, NetError, Outbound, Reach, Running, Trust,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::support::{ANY_PORT, HANG, Heard, Memory};

/// The name in the certificates of providers.
pub(crate) const HOST: &str = "eks.eu-west-1.amazonaws.com";

static MADE: AtomicUsize = AtomicUsize::new(0);

/// A certificate authority, and what it has signed.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: rcgen::Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let name = format!("authority {}", MADE.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: rcgen::Issuer::new(params, key) }
    }

    /// Certificate and key.
    pub(crate) fn sign(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        roots
    }
}

fn ring() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What a provider has heard.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) version: Version,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
    /// Counts connections.
    pub(crate) connection: usize,
}

/// A provider behind TLS.
pub(crate) struct Provider {
    pub(crate) addr: SocketAddr,
    pub(crate) authority: Authority,
    heard: Receiver<Asked>,
    /// Lets one request for `/held` be answered.
    pub(crate) gate: Arc<Semaphore>,
}

impl Provider {
    /// That speaks one protocol.
    pub(crate) fn speaking(alpn: &'static str) -> Self {
        Self::start(alpn, None)
    }

    /// That lets in whom an authority vouches for.
    pub(crate) fn demanding(alpn: &'static str, clients: &Authority) -> Self {
        Self::start(alpn, Some(clients))
    }

    fn start(alpn: &'static str, clients: Option<&Authority>) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.sign(HOST, ExtendedKeyUsagePurpose::ServerAuth);
        let builder =
            ServerConfig::builder_with_provider(ring()).with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(clients.roots()), ring())
                    .build()
                    .unwrap(),
            ),
        };
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![alpn.into()];
        let (sender, heard) = channel();
        let (at, addr) = channel();
        let gate = Arc::new(Semaphore::new(0));
        let held = gate.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(TlsAcceptor::from(Arc::new(config)), sender, at, held));
        });
        Self { addr: addr.recv_timeout(HANG).unwrap(), authority, heard, gate }
    }

    pub(crate) fn asked(&self) -> Asked {
        self.heard.recv_timeout(HANG).expect("the provider should hear of a request")
    }

    /// Leads every connection here.
    pub(crate) fn reach(&self, trust: Trust) -> Reach {
        Reach::new(trust, vec![self.lead()])
    }

    pub(crate) fn lead(&self) -> ConnectTo {
        format!("::{}", self.addr).parse().unwrap()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::default().and_authorities(&self.authority.pem).unwrap()
    }
}

async fn serve(acceptor: TlsAcceptor, heard: Sender<Asked>, at: Sender<SocketAddr>, gate: Arc<Semaphore>) {
    let listener = TcpListener::bind(ANY_PORT).await.unwrap();
    at.send(listener.local_addr().unwrap()).unwrap();
    let mut connection = 0;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, heard, gate) = (acceptor.clone(), heard.clone(), gate.clone());
        connection += 1;
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let service = service_fn(move |request| answer(request, heard.clone(), connection, gate.clone()));
            let io = TokioIo::new(stream);
            let _ = match is_http2 {
                true => {
                    let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    http.serve_connection(io, service).await
                }
                false => {
                    let http = hyper::server::conn::http1::Builder::new();
                    http.serve_connection(io, service).with_upgrades().await
                }
            };
        });
    }
}

type Answer = Response<BoxBody<Bytes, &'static str>>;

/// Says its body again, or does what the path says.
async fn answer(
    request: Request<Incoming>,
    heard: Sender<Asked>,
    connection: usize,
    gate: Arc<Semaphore>,
) -> Result<Answer, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Ok(Response::new(empty())) };
    let trailers = body.trailers().cloned().unwrap_or_default();
    let (body, path) = (body.to_bytes(), parts.uri.path().to_owned());
    let is_traced = path.ends_with("/trailers");
    let asked = Asked {
        version: parts.version,
        uri: parts.uri.to_string(),
        headers: parts.headers,
        body: body.clone(),
        trailers,
        connection,
    };
    heard.send(asked).unwrap();
    if path == "/held" {
        gate.acquire().await.unwrap().forget();
    }
    let mut response = Response::new(match path.as_str() {
        "/empty" => empty(),
        "/cut" => Long(Full::new(body).map_err(|_| "").with_trailers(cut()).boxed()).boxed(),
        _ if is_traced => {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", HeaderValue::from_static("2"));
            Long(Full::new(body).map_err(|_| "").with_trailers(async { Some(Ok(trailers)) }).boxed()).boxed()
        }
        _ => Full::new(body).map_err(|_| "").boxed(),
    });
    if path == "/empty" {
        *response.status_mut() = hyper::StatusCode::NO_CONTENT;
    }
    if is_traced {
        response.headers_mut().insert("trailer", HeaderValue::from_static("x-sum"));
    }
    for cookie in ["a=1", "b=\u{e9}"] {
        response.headers_mut().append("set-cookie", HeaderValue::from_bytes(cookie.as_bytes()).unwrap());
    }
    Ok(response)
}

/// Lets what came before be written, which hyper would throw away otherwise.
async fn cut() -> Option<Result<HeaderMap, &'static str>> {
    tokio::task::yield_now().await;
    Some(Err("cut"))
}

/// A body that does not say how long it is.
struct Long<E>(BoxBody<Bytes, E>);

impl<E> Body for Long<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }
}

fn empty() -> BoxBody<Bytes, &'static str> {
    Empty::new().map_err(|_| "").boxed()
}

/// A forward proxy that relays, and what its tap has heard.
pub(crate) struct Proxy {
    running: Running,
    pub(crate) door: Door,
    heard: Receiver<Heard>,
}

/// Where clients come in.
pub(crate) struct Door {
    pub(crate) addr: SocketAddr,
    authority_pem: String,
}

impl Proxy {
    /// That looks into everything.
    pub(crate) fn to(outbound: Outbound) -> Self {
        Self::admitting(Admission::Intercepted, outbound)
    }

    pub(crate) fn admitting(admission: Admission, outbound: Outbound) -> Self {
        let issuer = Issuer::new().unwrap();
        let authority_pem = issuer.certificate_pem().to_owned();
        let entrance = Entrance::Proxy(Arc::new(Interception::new(issuer, move |_, _| admission)));
        let (sender, heard) = channel();
        let tap = move |_| Ok::<_, NetError>(Arc::new(Memory(Mutex::new(sender))));
        let running = Running::relay(ANY_PORT, entrance, outbound, Limits::default(), tap).unwrap().0;
        let door = Door { addr: running.local_addr(), authority_pem };
        Self { running, door, heard }
    }

    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(HANG).expect("the tap should hear of an exchange")
    }

    pub(crate) fn seen(&self) -> Exchange {
        match self.next() {
            Heard::Seen(exchange) => *exchange,
            Heard::Lost(why) => panic!("lost: {why}"),
        }
    }

    pub(crate) fn ask(&self, alpn: &'static str, request: Outgoing) -> Result<Whole, hyper::Error> {
        self.door.ask(alpn, request)
    }
}

impl Proxy {
    /// Stops, and says what else the tap has heard.
    pub(crate) fn stop(self) -> Vec<Heard> {
        self.running.stop();
        self.heard.iter().collect()
    }
}

impl Door {
    /// A request that goes through us, over a protocol.
    pub(crate) fn ask(&self, alpn: &'static str, request: Outgoing) -> Result<Whole, hyper::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority_pem.as_bytes()).unwrap()).unwrap();
        ask_through(self.addr, roots, alpn, request)
    }

    /// A request whose client does not wait for its answer, but only for this word.
    pub(crate) fn ask_and_leave(&self, alpn: &'static str, request: Outgoing, leave: oneshot::Receiver<()>) {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority_pem.as_bytes()).unwrap()).unwrap();
        in_time(async {
            tokio::select! {
                answer = asking(self.addr, roots, alpn, request) => panic!("{answer:?}"),
                word = leave => word.unwrap(),
            }
        });
    }
}

pub(crate) type Outgoing = Request<BoxBody<Bytes, Infallible>>;

/// An answer that was read whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) head: hyper::http::response::Parts,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

/// Asks for [`HOST`] through a proxy that says who it is by one of these authorities.
pub(crate) fn ask_through(
    proxy: SocketAddr,
    roots: RootCertStore,
    alpn: &'static str,
    request: Outgoing,
) -> Result<Whole, hyper::Error> {
    in_time(asking(proxy, roots, alpn, request))
}

fn in_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(HANG, future).await.unwrap() })
}

async fn asking(
    proxy: SocketAddr,
    roots: RootCertStore,
    alpn: &'static str,
    request: Outgoing,
) -> Result<Whole, hyper::Error> {
    let mut config = ClientConfig::builder_with_provider(ring())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.into()];
    let mut stream = TcpStream::connect(proxy).await.unwrap();
    connect(&mut stream).await;
    let name = ServerName::try_from(HOST).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
    let response = match alpn {
        "h2" => {
            let http = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
            let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender.send_request(request).await?
        }
        _ => {
            let http = hyper::client::conn::http1::Builder::new();
            let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender.send_request(request).await?
        }
    };
    let (head, body) = response.into_parts();
    let body = body.collect().await?;
    let trailers = body.trailers().cloned().unwrap_or_default();
    Ok(Whole { head, body: body.to_bytes(), trailers })
}

async fn connect(stream: &mut TcpStream) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let head = format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// A request to [`HOST`], as the protocol has it.
pub(crate) fn request(alpn: &str, method: &str, target: &str, body: &'static str) -> Outgoing {
    let uri = if alpn == "h2" { format!("https://{HOST}{target}") } else { target.to_owned() };
    let body = Full::new(Bytes::from_static(body.as_bytes()));
    let mut request = Request::builder().method(method).uri(uri).body(body.boxed()).unwrap();
    if alpn != "h2" {
        request.headers_mut().insert("host", HeaderValue::from_static(HOST));
    }
    request
}

/// The same with trailers, and taking some.
pub(crate) fn traced(alpn: &str, target: &str, body: &'static str) -> Outgoing {
    let mut trailers = HeaderMap::new();
    trailers.insert(HeaderName::from_static("x-sum"), HeaderValue::from_static("1"));
    let (mut parts, body) = request(alpn, "PUT", target, body).into_parts();
    parts.headers.insert("te", HeaderValue::from_static("trailers"));
    parts.headers.insert("trailer", HeaderValue::from_static("x-sum"));
    Request::from_parts(parts, Long(body.with_trailers(async { Some(Ok(trailers)) }).boxed()).boxed())
}
