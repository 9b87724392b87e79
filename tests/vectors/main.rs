//! The protocol tests of the Smithy project, where they are kept beside this project: requests,
//! responses and malformed requests that nobody here wrote. Nothing of them is part of it.
#![expect(clippy::unwrap_used, reason = "a failure is a panic here, in helpers as in tests")]
#![expect(clippy::print_stderr, reason = "a test without a harness says there why it has no trials")]

mod exceptions;
mod malformed;
mod models;
mod mutations;
mod params;
mod published;
mod requests;
mod responses;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use models::Models;

/// Where the vectors are, as seen from the project.
const FOLDER: &str = "../shared/data/smithy-protocol-tests";

/// Where models of providers are.
const PUBLISHED: &str = "../shared/data/smithy-aws";

const PROTOCOLS: &[&str] = &["awsJson1_1", "restJson1"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    if !folder.is_dir() {
        eprintln!("{FOLDER} is not there: no vectors are tried");
    }
    let mut trials = Vec::new();
    if folder.is_dir() {
        trials.extend(PROTOCOLS.iter().flat_map(|protocol| of_protocol(&folder, protocol)));
        trials.push(exceptions::all_name_trials(&trials));
    }
    trials.extend(published::trials(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PUBLISHED)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    let (made, noticed) = mutations::tally();
    if made > 0 {
        eprintln!("{made} mutations of responses, {noticed} noticed");
    }
    conclusion.exit_code()
}

fn of_protocol(folder: &Path, protocol: &str) -> Vec<Trial> {
    let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{protocol}.{kind}.json"))).unwrap();
    let models = Arc::new(Models::new(&read("ast")));
    let vectors: Vec<Value> = serde_json::from_str(&read("tests")).unwrap();
    let mut all: Vec<_> = vectors.into_iter().flat_map(|vector| trials(protocol, &models, vector)).collect();
    all.push(Trial::test(format!("{protocol}/model/every shape is judged"), move || {
        models.contracts().try_for_each(mutations::every_shape).map_err(Failed::from)
    }));
    all
}

/// How one side of a vector is tried.
type Judge = fn(&Models, &str, &Value) -> Result<(), String>;

/// The trials of one vector: one for each side that it is about, and for each set of parameters.
fn trials(protocol: &str, models: &Arc<Models>, vector: Value) -> Vec<Trial> {
    let (kind, shape, test) = (text(&vector["kind"]), text(&vector["shape"]), &vector["test"]);
    let name = format!("{protocol}/{kind}/{}", text(&test["id"]));
    let sides: [(&str, Judge); 2] = match kind {
        "request" => [("client", requests::written), ("server", requests::read)],
        "response" => [("client", responses::read), ("server", responses::written)],
        _ => return malformed_trials(&name, models, shape, test),
    };
    let applies = |side: &str| test["appliesTo"].is_null() || test["appliesTo"] == side;
    let sides = sides.into_iter().filter(|(side, _)| applies(side));
    sides.map(|(side, judge)| trial(format!("{name}/{side}"), models, shape, test.clone(), judge)).collect()
}

fn malformed_trials(name: &str, models: &Arc<Models>, shape: &str, test: &Value) -> Vec<Trial> {
    let cases = malformed::expanded(test).into_iter().enumerate();
    cases
        .map(|(index, case)| trial(format!("{name}/{index}"), models, shape, case, malformed::judge))
        .collect()
}

fn trial(name: String, models: &Arc<Models>, shape: &str, test: Value, judge: Judge) -> Trial {
    let (models, shape) = (models.clone(), shape.to_owned());
    let excepted = exceptions::reason(&name);
    Trial::test(name, move || excepted_or(excepted, judge(&models, &shape, &test)))
}

/// An exception that passes is one no longer.
fn excepted_or(reason: Option<&str>, result: Result<(), String>) -> Result<(), Failed> {
    match (reason, result) {
        (Some(reason), Ok(())) => Err(format!("passes, and is listed as an exception: {reason}").into()),
        (Some(_), Err(_)) | (None, Ok(())) => Ok(()),
        (None, Err(problem)) => Err(problem.into()),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The texts of a list that may be absent.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().map(text)
}

/// Fails with what is not as it should be.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    Err(format!("{what} is {actual:?}, and should be {expected:?}"))
}
