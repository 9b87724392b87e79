//! The forward proxy: which hosts it lets in, and with which certificate authority.

use std::collections::HashSet;
use std::sync::Arc;

use onrecord::contract::Contract;
use onrecord::net::{Admission, Entrance, Interception, Issuer};

use super::authority;
use super::config::{Config, Host};
use super::context::Context;
use super::failure::Failure;
use super::wrapped::Bundle;

/// How clients come through us to their real hosts.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Forward proxy")]
pub(super) struct Forward {
    /// Be a forward proxy: clients keep the real host names, and trust a certificate of ours
    #[arg(long)]
    pub(super) proxy: bool,
    /// Let this host in besides those of the contracts; *.example.com means all below it
    #[arg(long = "allow-host", value_name = "HOST", requires = "proxy")]
    allow_hosts: Vec<Host>,
}

/// The hosts that are let in, and what becomes of others.
#[derive(Debug, Clone)]
pub(super) struct Door {
    contracts: Vec<Arc<Contract>>,
    hosts: Vec<Host>,
    others: Others,
}

/// What becomes of hosts that are not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Their requests are refused.
    Refused,
    /// They pass untouched, and unseen.
    Untouched,
}

/// An open door, and the certificates of those who come through it.
pub(super) struct Gate {
    pub(super) entrance: Entrance,
    pub(super) bundle: Bundle,
    pub(super) door: Door,
}

impl Forward {
    /// The hosts of the contracts, and those that are named.
    pub(super) fn door(&self, contracts: &[Arc<Contract>], config: &Config, others: Others) -> Door {
        let hosts = self.allow_hosts.iter().chain(&config.allow_hosts).cloned().collect();
        Door { contracts: contracts.to_vec(), hosts, others }
    }
}

impl Door {
    /// With these hosts as well.
    pub(super) fn and(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts: HashSet<_> = hosts.into_iter().collect();
        self.hosts.extend(hosts.into_iter().map(Host::One));
        self
    }

    /// Whether requests to this host are ours.
    pub(super) fn admits(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.means(host))
            || self.contracts.iter().any(|contract| contract.serves(host))
    }

    /// Opens it.
    pub(super) fn open(self, context: &Context) -> Result<Gate, Failure> {
        let issuer = authority::lasting(context)?.map_or_else(Issuer::new, Ok)?;
        let bundle = Bundle::write(issuer.certificate_pem(), context)?;
        let door = self.clone();
        let admit = move |host: &str, _: u16| match (door.admits(host), door.others) {
            (true, _) => Admission::Intercepted,
            (false, Others::Untouched) => Admission::Tunnelled,
            (false, Others::Refused) => Admission::Refused,
        };
        let interception = Interception::new(issuer, admit)
            .with_notice(|notice| Context::shout(&format!("onrecord: {notice}")));
        Ok(Gate { entrance: Entrance::Proxy(Arc::new(interception)), bundle, door: self })
    }
}
