//! The findings that a project knows of and lives with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::check::{CHECKS, Check};
use onrecord::contract::Contract;
use onrecord::exchange::moved;
use onrecord::report::{Finding, Known, Run, qualified};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::config::{nearest, place};
use super::failure::Failure;

/// For so long a finding is known that nobody has said a day for: it is looked at again then.
const SECONDS: i64 = 90 * 24 * 60 * 60;

/// What of the findings is known.
#[derive(Debug, clap::Args)]
pub(super) struct Baseline {
    /// Findings that are known, each with its reason and its last day (TOML); they break no run
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings of this run as known ones; fill in why
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a known finding, as in [[known]]")]
struct Entry {
    check: Spanned<String>,
    operation: Spanned<String>,
    place: Option<String>,
    case: Option<String>,
    reason: Spanned<String>,
    expires: Spanned<Datetime>,
}

impl Baseline {
    /// What is known of the findings of contracts, by their ids.
    pub(super) fn read(&self, contracts: &[Arc<Contract>]) -> Result<Vec<(String, Known)>, Failure> {
        if let Some(path) = &self.write_baseline {
            self.vet(path)?;
        }
        let Some(path) = &self.baseline else { return Ok(Vec::new()) };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let path = path.display();
            Failure::Input(format!("cannot read {path}: {error}; --write-baseline {path} makes one"))
        })?;
        parsed(path, &text, contracts)
    }

    /// The reasons in a file that is there are not lost: it is read first, or left alone.
    fn vet(&self, path: &Path) -> Result<(), Failure> {
        if path.exists() && self.baseline.as_deref() != Some(path) {
            let path = path.display();
            return Err(Failure::Input(format!(
                "{path} is there already: add --baseline {path} to keep what it says, or name another file"
            )));
        }
        Ok(())
    }

    /// Writes what the run found, if that was asked for, and what is known of contracts that it left out;
    /// the file.
    pub(super) fn write(&self, run: &Run, left_out: Vec<Known>) -> Result<Option<&Path>, Failure> {
        let Some(path) = &self.write_baseline else { return Ok(None) };
        std::fs::write(path, written(run, left_out)).map_err(|error| {
            Failure::Environment(format!("cannot write {}: {error}; choose another place", path.display()))
        })?;
        Ok(Some(path))
    }
}

fn parsed(path: &Path, text: &str, contracts: &[Arc<Contract>]) -> Result<Vec<(String, Known)>, Failure> {
    let at = |start| format!("{}{}", path.display(), place(text, start));
    let file: File = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(path.display().to_string(), |span| at(span.start));
        let why = error.message().lines().collect::<Vec<_>>().join("; ");
        Failure::Input(format!(
            "{place}: {why}; a known finding has check, operation, reason and expires, and may have place and case"
        ))
    })?;
    let known = file.known.into_iter().map(|entry| {
        entry.known(contracts).map_err(|(start, why)| Failure::Input(format!("{}: {why}", at(start))))
    });
    known.collect()
}

impl Entry {
    /// What it says of which contract, or where it is wrong and why.
    fn known(self, contracts: &[Arc<Contract>]) -> Result<(String, Known), (usize, String)> {
        let Self { check, operation, place, case, reason, expires } = self;
        if Check::by_id(check.get_ref()).is_none() {
            let near = meant(check.get_ref(), CHECKS.iter().map(|check| check.id));
            return Err((check.span().start, format!("there is no check `{}`{near}", check.get_ref())));
        }
        let (contract, operation_name) =
            owner(operation.get_ref(), contracts).map_err(|why| (operation.span().start, why))?;
        if reason.get_ref().trim().is_empty() {
            let why = "the reason is empty; say why this finding may stay";
            return Err((reason.span().start, why.to_owned()));
        }
        let day = match expires.get_ref() {
            Datetime { date: Some(date), time: None, offset: None } => date.to_string(),
            other => {
                let why = format!("`{other}` is no day; write the last one, as in expires = 2027-01-01");
                return Err((expires.span().start, why));
            }
        };
        let own = qualified(&contract.id, "");
        let plain = |case: String| {
            let is_plain = case.split_once('/').is_some_and(|(name, _)| contract.operation(name).is_some());
            let bare = case.strip_prefix(&own).filter(|_| !is_plain).map(str::to_owned);
            bare.unwrap_or(case)
        };
        let known = Known {
            check: check.into_inner(),
            operation: operation_name.to_owned(),
            place,
            case: case.map(plain),
            reason: reason.into_inner(),
            expires: day,
        };
        Ok((contract.id.clone(), known))
    }
}

/// The contract of an operation, and what that calls it. `msk:ListClusters` says which.
fn owner<'c, 'n>(name: &'n str, contracts: &'c [Arc<Contract>]) -> Result<(&'c Contract, &'n str), String> {
    let ids = |some: &[&Arc<Contract>]| some.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ");
    let all: Vec<_> = contracts.iter().collect();
    let is_whole = all.iter().any(|contract| contract.operation(name).is_some());
    let (meant_ones, plain) = match name.split_once(':').filter(|_| !is_whole) {
        None => (all, name),
        Some((id, plain)) => match all.iter().find(|contract| contract.id == id) {
            Some(contract) => (vec![*contract], plain),
            None => return Err(format!("no contract of this run is called `{id}`; there are {}", ids(&all))),
        },
    };
    let have: Vec<_> = meant_ones.iter().copied().filter(|it| it.operation(plain).is_some()).collect();
    match have.as_slice() {
        [one] => Ok((one, plain)),
        [] => {
            let operations = meant_ones.iter().flat_map(|it| &it.operations).map(|it| it.name.as_str());
            let near = meant(plain, operations);
            let none = if meant_ones.len() == 1 { "has no" } else { "have no" };
            Err(format!("{} {none} operation `{plain}`{near}", ids(&meant_ones)))
        }
        [first, ..] => Err(format!(
            "several contracts have it ({}); say which, as in \"{}\"",
            ids(&have),
            qualified(&first.id, plain)
        )),
    }
}

fn meant<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, names).map_or(String::new(), |near| format!("; did you mean {near}?"))
}

/// The findings of a run as known ones. What was known and could not be looked for stays known.
fn written(run: &Run, left_out: Vec<Known>) -> String {
    let mut out =
        "# Findings that are known: `onrecord check --baseline` reads this. Say why each may stay; it may \
         until the day that it expires.\n"
            .to_owned();
    let day = moved(&run.started, SECONDS).map_or(String::new(), |day| day.chars().take(10).collect());
    let mut entries: Vec<(Option<&Finding>, Known)> = Vec::new();
    for finding in &run.findings {
        let known = finding.known.clone().unwrap_or_else(|| new(finding, &day));
        if !entries.iter().any(|(_, other)| *other == known) {
            entries.push((Some(finding), known));
        }
    }
    let stale: Vec<_> = run.stale().collect();
    for known in &run.known {
        let is_about_one = run.findings.iter().any(|finding| {
            let (check, operation, place) = finding.key();
            known.is_about(check, operation, &place)
        });
        if !is_about_one && !stale.contains(&known) {
            entries.push((None, known.clone()));
        }
    }
    entries.extend(left_out.into_iter().map(|known| (None, known)));
    for (finding, known) in &entries {
        write_entry(&mut out, *finding, known);
    }
    out
}

fn new(finding: &Finding, day: &str) -> Known {
    let (check, operation, place) = finding.key();
    Known {
        check: check.to_owned(),
        operation: operation.to_owned(),
        place: Some(place),
        case: Some(finding.case.clone()),
        reason: String::new(),
        expires: day.to_owned(),
    }
}

// Writing to a string cannot fail: the results below are dropped.
fn write_entry(out: &mut String, finding: Option<&Finding>, known: &Known) {
    out.push('\n');
    if let Some(Finding { level, name, expected, actual, .. }) = finding {
        // Debug escapes whatever would end the comment.
        let said: String = format!("{expected:?}, got {actual:?}").chars().take(200).collect();
        let _ = writeln!(out, "# {level} {name}: expected {said}");
    }
    let _ =
        writeln!(out, "[[known]]\ncheck = {}\noperation = {}", text(&known.check), text(&known.operation));
    for (key, value) in [("place", &known.place), ("case", &known.case)] {
        if let Some(value) = value {
            let _ = writeln!(out, "{key} = {}", text(value));
        }
    }
    let _ = writeln!(out, "reason = {}\nexpires = {}", text(&known.reason), known.expires);
}

/// A basic string of TOML: what JSON escapes, it takes, and DEL besides has to be.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string().replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Known>, String> {
        let known = parsed(Path::new("known.toml"), text, &contracts(&["msk"]));
        known.map(|known| known.into_iter().map(|(_, known)| known).collect()).map_err(|it| it.to_string())
    }

    fn contracts(names: &[&str]) -> Vec<Arc<Contract>> {
        names.iter().map(|name| Arc::new(Contract::built_in(name).unwrap().unwrap())).collect()
    }

    #[test]
    fn of_several_contracts_an_entry_is_of_one() {
        let read = |operation: &str, case: &str| {
            let text = ENTRY.replace("ListClusters", operation) + &format!("case = \"{case}\"\n");
            let known = parsed(Path::new("known.toml"), &text, &contracts(&["msk", "eks"]));
            known.map(|known| known[0].clone()).map_err(|error| error.to_string())
        };
        for (operation, case) in [
            ("msk:OptionsClusters", "msk:OptionsClusters/valid/0"),
            ("OptionsClusters", "OptionsClusters/valid/0"),
        ] {
            let (id, known) = read(operation, case).unwrap();
            assert_eq!((id.as_str(), known.operation.as_str()), ("msk", "OptionsClusters"));
            assert_eq!(known.case.as_deref(), Some("OptionsClusters/valid/0"));
        }
        for (operation, told) in [
            ("ListClusters", "several contracts have it (msk, eks); say which, as in \"msk:ListClusters\""),
            ("dsql:ListClusters", "no contract of this run is called `dsql`; there are msk, eks"),
            ("eks:ListCluster", "eks has no operation `ListCluster`; did you mean ListClusters?"),
        ] {
            let error = read(operation, "x").unwrap_err();
            assert_eq!(error, format!("known.toml:3:13: {told}"));
        }
    }

    const ENTRY: &str = "[[known]]\ncheck = \"PG-T25\"\noperation = \"ListClusters\"\nreason = \"issue 12\"\nexpires = 2027-01-01\n";

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_its_cure() {
        for (from, to, told) in [
            ("PG-T25", "PG-T52", "known.toml:2:9: there is no check `PG-T52`; did you mean PG-T"),
            (
                "ListClusters",
                "ListCluster",
                "known.toml:3:13: msk has no operation `ListCluster`; did you mean ListClusters?",
            ),
            ("issue 12", " ", "known.toml:4:10: the reason is empty; say why this finding may stay"),
            (
                "2027-01-01",
                "2027-01-01T10:00:00",
                "known.toml:5:11: `2027-01-01T10:00:00` is no day; write the last one, as in expires = 2027-01-01",
            ),
            ("2027-01-01", "\"soon\"", "known.toml:5:11: "),
            ("2027-01-01", "2027-13-01", "known.toml:5:"),
            ("expires", "until", "known.toml:5:1: unknown field `until`"),
            ("expires = 2027-01-01\n", "", "known.toml:1:1: missing field `expires`"),
            ("[[known]]", "[known]", "known.toml:1:1: "),
            ("[[known]]", "[[knwon]]", "known.toml:1:3: unknown field `knwon`"),
        ] {
            let error = read(&ENTRY.replace(from, to)).unwrap_err();
            assert!(error.starts_with(told), "{to}: {error}");
        }
        assert_eq!(read("").unwrap(), []);
        assert_eq!(read(ENTRY).unwrap()[0].expires, "2027-01-01");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let known = Known {
            check: "PG-T25".to_owned(),
            operation: "ListClusters".to_owned(),
            place: Some("response body /a b/*/\"\\\u{7f}\n\u{1}é".to_owned()),
            case: Some("ListClusters/pages/0".to_owned()),
            reason: "it's \"known\"".to_owned(),
            expires: "2027-01-01".to_owned(),
        };
        let mut out = String::new();
        write_entry(&mut out, None, &known);
        assert_eq!(read(&out).unwrap(), [known]);
    }
}
