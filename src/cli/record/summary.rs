//! How a recording ends, and what is said of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::cassette::Cassette;
use onrecord::record::{Recording, Summary};
use onrecord::redact::Redactor;
use onrecord::report::drift;
use serde::Serialize;

use super::afterwards::{self, Finding};
use super::{Mode, Session};
use crate::cli::failure::{End, Failure};
use crate::cli::format::{Format, json};
use crate::cli::{cassette, wrapped};

/// Ends a recording, and gives account of it.
pub(super) struct Account<'s> {
    pub(super) session: &'s Session<'s>,
    pub(super) redactor: &'s Arc<Redactor>,
    /// Whether a command ran, which was to ask something.
    pub(super) asked: bool,
}

/// All that is said, as JSON.
#[derive(Serialize)]
struct Told<'t> {
    cassette: String,
    /// Where the exchanges are instead, if the cassette was not replaced.
    set_aside: Option<String>,
    recorded: u64,
    operations: &'t BTreeMap<String, u64>,
    unknown: u64,
    passed_through: &'t BTreeMap<String, u64>,
    not_recorded: &'t BTreeMap<String, u64>,
    refused: &'t BTreeMap<String, u64>,
    not_written: &'t BTreeMap<String, u64>,
    redactions: &'t BTreeMap<&'static str, u64>,
    findings: &'t [Finding],
    unmatched: Option<&'t [String]>,
}

impl Account<'_> {
    /// Ends the recording. However it ran, what was recorded is kept, and told also where it could
    /// not be kept.
    pub(super) fn settle(&self, recording: Recording, ran_well: bool) -> Result<End, Failure> {
        let recorder = recording.recorder();
        let old = self.replaced()?;
        let kept = if old.is_some() && !(ran_well && recorder.summary().is_complete()) {
            recording.set_aside().map(Some)
        } else {
            recording.finish().map(|_| None)
        };
        let summary = recorder.summary();
        let path = self.session.cassette().display();
        let place = match &kept {
            Ok(None) => format!(" into {path}"),
            Ok(Some(aside)) => format!(" into {}; {path} stays as it was, for the run did not end well", aside.display()),
            Err(_) => String::new(),
        };
        let is_json = self.session.args.format == Format::Json;
        if !is_json {
            self.tell(&format!("onrecord: {} exchanges recorded{place}", summary.recorded()));
        }
        let aside = match kept {
            Ok(aside) => aside,
            Err(error) => {
                self.tell_summary(&summary);
                return Err(error.into());
            }
        };
        let (found, end) = self.look_back(&summary, aside.as_deref())?;
        if is_json {
            self.session.context.say(&self.json(&summary, aside, &found));
        } else {
            self.tell_summary(&summary);
            self.tell_found(&found);
            if let (Some(old), None) = (old, &found.aside) {
                self.tell_drift(&old)?;
            }
        }
        self.end(&summary, end)
    }
}
