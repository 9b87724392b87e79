//! How a recording ends, and what is said of it.

use std::collections::BTreeMap;
use std::path::Path;

use onrecord::cassette::Cassette;
use onrecord::net::Upstream;
use onrecord::record::{Kept, Recording, Summary};
use onrecord::redact::{PROVIDER, Redactor};
use onrecord::replay::Replayer;
use onrecord::report::drift;
use serde::Serialize;

use super::Session;
use super::afterwards::{Finding, findings, unmatched};
use crate::cli::failure::{End, Failure};
use crate::cli::format::{Format, json};
use crate::cli::proxy::Gate;
use crate::cli::{cassette, wrapped};

/// Bigger cassettes are not looked at again unless that is asked for.
const LOOKED_AT: u64 = 1000;

/// How many lines of one sort are told.
const LINES: usize = 10;

/// Ends a recording, and gives account of it.
pub(super) struct Account<'s> {
    pub(super) session: &'s Session<'s>,
    pub(super) redactor: &'s Redactor,
    pub(super) gate: Option<&'s Gate>,
    /// What answered in the provider's place.
    pub(super) known: Option<&'s Replayer>,
    pub(super) stakes: Stakes,
}

/// What becomes of the cassette, if all ends well.
pub(super) enum Stakes {
    /// It was not there.
    Made,
    /// What was recorded is added.
    AddedTo,
    /// What was recorded takes the place of this, or of what cannot be read any more.
    Replaced(Option<Box<Cassette>>),
}

/// How the recording ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// Until it was asked to stop.
    Alone,
    /// A command ran, with this code.
    Command(u8),
    /// The command could not be run.
    Failed,
}

/// What was seen in the cassette when it was looked at again.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    unmatched: Option<Vec<String>>,
}

/// All that is said, for programs.
#[derive(Serialize)]
struct Told<'t> {
    /// Where the exchanges are.
    cassette: String,
    recorded: u64,
    /// How many requests the cassette has answered as it was.
    known: usize,
    operations: &'t BTreeMap<String, u64>,
    unknown: u64,
    not_recorded: &'t BTreeMap<String, u64>,
    refused: &'t BTreeMap<String, u64>,
    not_written: &'t BTreeMap<String, u64>,
    passed_through: &'t BTreeMap<String, u64>,
    /// How many requests for which hosts were not let in.
    hosts_refused: BTreeMap<String, u64>,
    /// How often clients did not trust our certificate for which hosts.
    hosts_distrusted: BTreeMap<String, u64>,
    redactions: &'t BTreeMap<&'static str, u64>,
    findings: &'t [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    unmatched: Option<&'t [String]>,
}

impl Account<'_> {
    /// Ends the recording. However it ran, what was recorded is kept, and told also where it could
    /// not be kept.
    pub(super) fn settle(self, recording: Recording, ran: Ran) -> Result<End, Failure> {
        let recorder = recording.recorder();
        let ran_well = matches!(ran, Ran::Alone | Ran::Command(0));
        let kept = recording.finish_or_set_aside(|summary| match self.stakes {
            Stakes::Made => ran_well && summary.is_complete(),
            Stakes::AddedTo => true,
            Stakes::Replaced(_) => ran_well && summary.is_complete() && summary.recorded() > 0,
        });
        let summary = recorder.summary();
        let is_human = self.session.args.format == Format::Human;
        if is_human || kept.is_err() {
            let why = if ran_well { "for not all could be recorded" } else { "for the command failed" };
            self.tell_place(&summary, kept.as_ref().ok(), why);
            self.tell_summary(&summary);
        }
        let kept = kept?;
        let path = match &kept {
            Kept::Folded | Kept::Nowhere => self.session.cassette(),
            Kept::Aside(aside) => aside,
        };
        let seen = self.look_again(path, &summary)?;
        let told = self.told(path, &summary, &seen);
        if let Some(file) = &self.session.args.summary {
            std::fs::write(file, format!("{told}\n")).map_err(|error| {
                Failure::Environment(format!("cannot write the summary {}: {error}", file.display()))
            })?;
        }
        match is_human {
            true => self.tell_seen(path, &seen),
            false => self.session.context.say(&told),
        }
        self.tell_drift(&summary, path)?;
        if matches!(ran, Ran::Command(_)) && summary.is_untouched() && self.known() == 0 {
            self.tell(wrapped::nothing_came(self.gate));
            return Ok(End::Found);
        }
        self.end(&summary, &kept, &seen)
    }

    /// How many requests the cassette has answered.
    fn known(&self) -> usize {
        self.known.map_or(0, Replayer::served)
    }

    fn end(&self, summary: &Summary, kept: &Kept, seen: &Seen) -> Result<End, Failure> {
        if !summary.unwritten.is_empty() {
            let count: u64 = summary.unwritten.values().sum();
            return Err(Failure::Environment(format!(
                "{count} exchanges could not be written, and all others are recorded"
            )));
        }
        if summary.recorded() == 0 && summary.unanswered > 0 {
            let text = "nothing was recorded, for the provider gave no answer";
            return Err(Failure::Environment(text.to_owned()));
        }
        let is_sound = summary.is_complete() && !matches!(kept, Kept::Aside(_));
        let is_replayed = seen.unmatched.as_ref().is_none_or(Vec::is_empty);
        Ok(if is_sound && is_replayed { End::Well } else { End::Found })
    }

    fn look_again(&self, path: &Path, summary: &Summary) -> Result<Seen, Failure> {
        let verify = self.session.args.verify;
        if summary.recorded() == 0 || !(verify || summary.recorded() <= LOOKED_AT) {
            return Ok(Seen::default());
        }
        let cassette = cassette::load(path)?;
        let contracts = &self.session.contracts;
        let unmatched = verify.then(|| unmatched(contracts, &self.session.config.rules, &cassette));
        let is_small = cassette.exchanges.len() as u64 <= LOOKED_AT;
        let findings = if is_small { findings(contracts, &cassette) } else { Vec::new() };
        Ok(Seen { findings, unmatched })
    }

    fn tell_place(&self, summary: &Summary, kept: Option<&Kept>, why: &str) {
        let cassette = self.session.cassette();
        let path = cassette.display();
        let place = match (kept, &self.stakes) {
            (None, _) | (Some(Kept::Nowhere), Stakes::Made) => String::new(),
            (Some(Kept::Folded), _) if summary.recorded() == 0 => String::new(),
            (Some(Kept::Folded), _) => format!(" into {path}"),
            (Some(Kept::Nowhere), _) => format!("; {path} stays as it was"),
            (Some(Kept::Aside(aside)), stakes) => {
                let stays = match stakes {
                    Stakes::Made => String::new(),
                    _ => format!("{path} stays as it was, "),
                };
                let how = cassette::how_to_keep(aside, cassette);
                format!(" into {}; {stays}{why}: mend it and run it again{how}", aside.display())
            }
        };
        let earlier = match kept {
            Some(Kept::Aside(aside)) => Some(format!("{}.1", aside.display())),
            _ => None,
        };
        let earlier = earlier.filter(|earlier| Path::new(earlier).exists());
        let earlier = earlier.map(|path| format!("; what earlier runs recorded is kept, from {path} on"));
        let place = place + &earlier.unwrap_or_default();
        self.tell(&format!("onrecord: {} exchanges recorded{place}", summary.recorded()));
    }

    fn tell_summary(&self, summary: &Summary) {
        for (operation, count) in &summary.operations {
            self.tell(&format!("  {count:>6} {operation}"));
        }
        if self.known() > 0 {
            self.tell(&format!("  {:>6} answered by the cassette as it was", self.known()));
        }
        if summary.unknown > 0 {
            self.tell(&format!("  {:>6} of no operation that a contract documents", summary.unknown));
        }
        let redactions = self.redactor.counts();
        if !redactions.is_empty() {
            let kinds: Vec<_> = redactions.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            self.tell(&format!("onrecord: redacted: {}", kinds.join(", ")));
        }
        for (what, reasons) in [
            ("not recorded: ", &summary.lost),
            ("refused: ", &summary.refused),
            ("not written: ", &summary.unwritten),
            ("", &summary.passed),
        ] {
            reasons.iter().for_each(|(why, count)| self.tell(&format!("onrecord: {count} {what}{why}")));
        }
        for (host, count) in self.gate.iter().flat_map(|gate| gate.away.refused()) {
            self.tell(&format!("onrecord: {count} not let in: {host}"));
        }
        for (host, count) in self.gate.iter().flat_map(|gate| gate.away.distrusting()) {
            self.tell(&format!("onrecord: {count} turned away from our certificate for {host}"));
        }
    }

    /// What is otherwise than in the recording that was to be replaced.
    fn tell_drift(&self, summary: &Summary, path: &Path) -> Result<(), Failure> {
        let Stakes::Replaced(Some(old)) = &self.stakes else { return Ok(()) };
        if summary.recorded() == 0 {
            return Ok(());
        }
        let drift = drift::between(&self.session.contracts, old, &cassette::load(path)?);
        self.tell(&format!("onrecord: compared with the recording before:\n{}", drift::render(&drift)));
        Ok(())
    }

    fn tell_seen(&self, path: &Path, seen: &Seen) {
        if let Some((last, rest)) = seen.unmatched.as_deref().map(|it| it.split_at(it.len().min(LINES))) {
            match (last.len(), rest.len()) {
                (0, _) => self.tell("onrecord: verified: every request gets its own answer back"),
                (_, more) => {
                    last.iter()
                        .for_each(|unmatched| self.tell(&format!("onrecord: not replayed: {unmatched}")));
                    if more > 0 {
                        self.tell(&format!("onrecord: not replayed: {more} more"));
                    }
                }
            }
        }
        for (index, name) in self.session.names.iter().enumerate() {
            let own: Vec<_> = seen.findings.iter().filter(|finding| finding.contract == index).collect();
            if own.is_empty() {
                continue;
            }
            let overlays = &self.session.overlays.files;
            let overlays: String =
                overlays.iter().map(|file| format!(" --overlay {}", file.display())).collect();
            let command = format!("onrecord check --contract {name}{overlays} --cassette {}", path.display());
            self.tell(&format!(
                "onrecord: for information, what is not as {name} documents it (see `{command}`):"
            ));
            own.iter()
                .take(LINES)
                .for_each(|finding| self.tell(&format!("  {:>6} {finding}", finding.count)));
            if own.len() > LINES {
                self.tell(&format!("         and {} more", own.len() - LINES));
            }
        }
    }

    fn told(&self, path: &Path, summary: &Summary, seen: &Seen) -> String {
        let told = json(&Told {
            cassette: path.display().to_string(),
            recorded: summary.recorded(),
            known: self.known(),
            operations: &summary.operations,
            unknown: summary.unknown,
            not_recorded: &summary.lost,
            refused: &summary.refused,
            not_written: &summary.unwritten,
            passed_through: &summary.passed,
            hosts_refused: self.gate.map(|gate| gate.away.refused()).unwrap_or_default(),
            hosts_distrusted: self.gate.map(|gate| gate.away.distrusting()).unwrap_or_default(),
            redactions: &self.redactor.counts(),
            findings: &seen.findings,
            unmatched: seen.unmatched.as_deref(),
        });
        self.redactor.text(&told).into_inner()
    }

    /// What we say may quote what a client or a provider said. The provider's name is no secret
    /// to whoever has typed it.
    fn tell(&self, text: &str) {
        let passed = self.redactor.text(text);
        let provider = self.session.args.upstream.as_deref().and_then(|url| Upstream::parse(url).ok());
        let provider = provider.as_ref().map_or(PROVIDER, Upstream::authority);
        self.session.context.tell(&passed.replace(PROVIDER, provider));
    }
}
