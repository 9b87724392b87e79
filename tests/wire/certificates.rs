//! Our certificates, before a judge that is not from our house.

use std::fs;
use std::process::Command;

use onrecord::net::Issuer;

use crate::secure::{FIRST, Proxy, client, secure, tunnel};

/// What the proxy shows for a host, in PEM.
fn shown(proxy: &Proxy, authority: &str, name: &str) -> String {
    let stream = client(async {
        let stream = tunnel(proxy.addr(), authority).await;
        secure(stream, name, &proxy.authority, FIRST).await.unwrap()
    });
    let der = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leaf.der");
    fs::write(&path, der).unwrap();
    String::from_utf8(openssl(&["x509", "-inform", "der", "-in", path.to_str().unwrap()]).unwrap()).unwrap()
}

/// What it says, if it is content; `None` where it is not installed.
fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(arguments).output().ok()?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[test]
fn openssl_takes_them_when_it_is_strict() {
    if openssl(&["version"]).is_none() {
        return;
    }
    let proxy = Proxy::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let authority = file("authority.pem", &proxy.authority);
    let leaf = file("leaf.pem", &shown(&proxy, "eks.us-east-1.example:443", "eks.us-east-1.example"));
    let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &authority];
    openssl(&[&verify[..], &["-verify_hostname", "eks.us-east-1.example", &leaf]].concat()).unwrap();
    let address = file("address.pem", &shown(&proxy, "127.0.0.1:443", "127.0.0.1"));
    openssl(&[&verify[..], &["-verify_ip", "127.0.0.1", &address]].concat()).unwrap();
    let lasting = file("lasting.pem", Issuer::lasting().unwrap().certificate_pem());
    openssl(&["verify", "-x509_strict", "-CAfile", &lasting, &lasting]).unwrap();
    let text = openssl(&["x509", "-noout", "-text", "-in", &leaf]).unwrap();
    let text = String::from_utf8(text).unwrap();
    for fact in ["TLS Web Server Authentication", "Authority Key Identifier", "DNS:eks.us-east-1.example"] {
        assert!(text.contains(fact), "{fact}: {text}");
    }
}
