//! The forward proxy: which hosts it lets in, and with which certificate authority.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use onrecord::contract::Contract;
use onrecord::encoding::shell_word;
use onrecord::net::{Admission, Entrance, Interception, Issuer, Notice};

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
#[derive(Clone)]
pub(super) struct Door {
    contracts: Vec<Arc<Contract>>,
    hosts: Vec<Host>,
    more: Option<Arc<More>>,
    others: Others,
    on_refused: Option<Arc<OnRefused>>,
}

/// Hears of each request that is refused, by its host.
type OnRefused = dyn Fn(&str) + Send + Sync;

/// Says of further hosts whether they are let in.
type More = dyn Fn(&str) -> bool + Send + Sync;

/// What becomes of hosts that are not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Their requests are refused.
    Refused,
    /// The same, for nothing of theirs was recorded.
    Unrecorded,
    /// They pass untouched, and unseen.
    Untouched,
}

/// An open door, and the certificates of those who come through it.
pub(super) struct Gate {
    pub(super) entrance: Entrance,
    pub(super) bundle: Bundle,
    pub(super) door: Door,
    pub(super) away: Arc<Away>,
}

/// Who was turned away, and who turned away, by host: none of it is an exchange.
#[derive(Debug, Default)]
pub(super) struct Away {
    refused: Mutex<BTreeMap<String, u64>>,
    distrusting: Mutex<BTreeMap<String, u64>>,
}

/// What lets a host into a replay.
pub(super) fn let_in(host: &str) -> String {
    format!("if this was recorded without --proxy, let it in with --allow-host {}", shell_word(host))
}

/// Hosts that are told apart; all others are counted together.
const HOSTS: usize = 256;

impl Away {
    /// How many requests for which hosts were refused.
    pub(super) fn refused(&self) -> BTreeMap<String, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often clients did not take our certificate for which hosts.
    pub(super) fn distrusting(&self) -> BTreeMap<String, u64> {
        self.distrusting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts it, and tells the first of each host.
    fn hear(&self, notice: &Notice, others: Others) {
        let (counts, cure) = match (notice, others) {
            (Notice::Refused { host }, Others::Refused) => {
                let cure = format!(
                    "; no contract names it: let it in with --allow-host {host}, or let it pass unrecorded \
                     with --passthrough"
                );
                (&self.refused, cure)
            }
            (Notice::Refused { host }, _) => {
                let cure =
                    format!("; no contract and no cassette names it, so it is a miss: {}", let_in(host));
                (&self.refused, cure)
            }
            _ => (&self.distrusting, String::new()),
        };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told_apart = counts.len() < HOSTS || counts.contains_key(notice.host());
        let host = if is_told_apart { notice.host() } else { "other hosts" };
        let count = counts.entry(host.to_owned()).or_default();
        *count += 1;
        if *count == 1 {
            Context::shout(&format!("onrecord: {notice}{cure}"));
        }
    }
}

impl Forward {
    /// The hosts of the contracts, and those that are named.
    pub(super) fn door(&self, contracts: &[Arc<Contract>], config: &Config, others: Others) -> Door {
        let hosts = self.allow_hosts.iter().chain(&config.allow_hosts).cloned().collect();
        Door { contracts: contracts.to_vec(), hosts, more: None, others, on_refused: None }
    }
}

impl Door {
    /// With those hosts as well that are said to be let in when they are asked for.
    pub(super) fn and_if(self, more: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self { more: Some(Arc::new(more)), ..self }
    }

    /// Calls `hook` with the host of each request that is refused.
    pub(super) fn on_refused(self, hook: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { on_refused: Some(Arc::new(hook)), ..self }
    }

    /// Whether requests to this host are ours.
    pub(super) fn admits(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.means(host))
            || self.contracts.iter().any(|contract| contract.serves(host))
            || self.more.as_ref().is_some_and(|more| more(host))
    }

    /// Opens it.
    pub(super) fn open(self, context: &Context) -> Result<Gate, Failure> {
        let issuer = authority::lasting(context)?.map_or_else(Issuer::new, Ok)?;
        let bundle = Bundle::write(issuer.certificate_pem(), context)?;
        let door = self.clone();
        let admit = move |host: &str, _: u16| match (door.admits(host), door.others) {
            (true, _) => Admission::Intercepted,
            (false, Others::Untouched) => Admission::Tunnelled,
            (false, Others::Refused | Others::Unrecorded) => Admission::Refused,
        };
        let away = Arc::new(Away::default());
        let (hearing, others, on_refused) = (away.clone(), self.others, self.on_refused.clone());
        let interception = Interception::new(issuer, admit).with_notice(move |notice| {
            hearing.hear(notice, others);
            if let (Notice::Refused { host }, Some(hook)) = (notice, &on_refused) {
                hook(host);
            }
        });
        Ok(Gate { entrance: Entrance::Proxy(Arc::new(interception)), bundle, door: self, away })
    }
}
