//! What a command's environment has so that its requests come to us.

use std::net::IpAddr;

use onrecord::encoding::shell_word;

use super::Bundle;
use crate::cli::context::Context;
use crate::cli::proxy::Gate;

/// Where the credentials of this machine come from (EC2, ECS, EKS): no client asks a proxy for
/// them, and they are never recorded.
const METADATA: &[&str] =
    &["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"];

/// This machine.
const LOCAL: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// Variables that are set, and others that are not to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Environment {
    pub(super) set: Vec<(String, String)>,
    pub(super) unset: Vec<String>,
}

impl Environment {
    /// For clients that come through this gate, or by our address if there is none.
    pub(in crate::cli) fn of(gate: Option<&Gate>, url: &str, context: &Context) -> Self {
        match gate {
            None => Self::reverse(url, context),
            Some(gate) => Self::proxy(url, &gate.bundle, |host| gate.door.admits(host), context),
        }
    }

    /// For clients that address us as if we were the provider.
    ///
    /// An endpoint for a single service would win over ours, and a proxy would be asked for our address.
    fn reverse(url: &str, context: &Context) -> Self {
        let configured = context.variable("NO_PROXY").or_else(|| context.variable("no_proxy"));
        let direct = configured.into_iter().chain(["127.0.0.1,localhost"]).collect::<Vec<_>>().join(",");
        let set =
            [("AWS_ENDPOINT_URL", url), ("ONRECORD_URL", url), ("NO_PROXY", &direct), ("no_proxy", &direct)];
        Self { set: owned(set), unset: service_endpoints(context) }
    }

    /// For clients that are to come through us to their real hosts, with a certificate of ours.
    /// `is_admitted` says of which hosts.
    ///
    /// Endpoints are unset, so that the real hosts are asked. Lower case because curl reads
    /// `http_proxy` only so. Node reads proxies from 24 on, if it is told to.
    fn proxy(url: &str, bundle: &Bundle, is_admitted: impl Fn(&str) -> bool, context: &Context) -> Self {
        let direct = direct(is_admitted, context);
        let proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map(|name| (name, url));
        let rest = [
            ("NO_PROXY", &*direct),
            ("no_proxy", &direct),
            ("NODE_USE_ENV_PROXY", "1"),
            ("ONRECORD_URL", url),
        ];
        let mut set = owned(proxies.into_iter().chain(rest));
        set.extend(bundle.variables());
        let mut unset = service_endpoints(context);
        unset.push("AWS_ENDPOINT_URL".to_owned());
        Self { set, unset }
    }

    /// With one more variable that is set.
    pub(in crate::cli) fn and(mut self, name: &str, value: String) -> Self {
        self.set.push((name.to_owned(), value));
        self
    }

    /// Lines for a shell.
    pub(in crate::cli) fn shell(&self) -> String {
        let unset = self.unset.iter().map(|name| format!("  unset {name}\n"));
        let set = self.set.iter().map(|(name, value)| format!("  export {name}={}\n", shell_word(value)));
        unset.chain(set).collect()
    }
}

/// Hosts that no proxy is asked for. Configured names may hide a provider, so that only addresses are kept.
fn direct(is_admitted: impl Fn(&str) -> bool, context: &Context) -> String {
    let configured =
        context.variable("NO_PROXY").or_else(|| context.variable("no_proxy")).unwrap_or_default();
    let addresses = configured.split(',').map(str::trim).filter(|entry| is_address(entry));
    let mut direct: Vec<_> = METADATA.to_vec();
    for host in LOCAL.iter().copied().chain(addresses).filter(|host| !is_admitted(host)) {
        if !direct.contains(&host) {
            direct.push(host);
        }
    }
    direct.join(",")
}

/// An address, or a network of them.
fn is_address(entry: &str) -> bool {
    entry.split('/').next().is_some_and(|address| address.parse::<IpAddr>().is_ok())
}

/// The variables that give one AWS service an endpoint of its own.
fn service_endpoints(context: &Context) -> Vec<String> {
    context.variables().filter(|name| name.starts_with("AWS_ENDPOINT_URL_")).map(str::to_owned).collect()
}

fn owned<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
