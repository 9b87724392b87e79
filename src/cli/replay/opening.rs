//! What is replayed: cassettes, and the contracts that tell their operations.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::cassette::{CassetteError, Shelf};
use onrecord::contract::Contract;
use onrecord::replay::Library;

use crate::cli::cassette::unreadable;
use crate::cli::contracts;
use crate::cli::failure::Failure;

/// The library of these cassettes, under the contracts that are named, or else those that the
/// cassettes were recorded with; `load` reads them.
pub(super) fn library(
    paths: &[PathBuf],
    named: &[String],
    load: impl Fn(Vec<String>) -> Result<Vec<Arc<Contract>>, Failure>,
) -> Result<Library, Failure> {
    let open = |path: &PathBuf| Shelf::open(path).map_err(|error| unreadable(path, &error));
    let shelves: Vec<_> = paths.iter().map(open).collect::<Result<_, _>>()?;
    let recorded = |hosts: &BTreeSet<Cow<'_, str>>, shelves: &[Shelf]| match named {
        [] => contracts::recorded_with(shelves.iter().map(Shelf::header), hosts),
        named => named.to_vec(),
    };
    let names = recorded(&BTreeSet::new(), &shelves);
    let broken = |error: CassetteError| Failure::Input(error.to_string());
    let library = Library::of(load(names.clone())?, shelves).map_err(broken)?;
    // Only now it is known whom the requests were for.
    let all = recorded(&library.hosts().map(Cow::from).collect(), library.shelves());
    match all == names {
        true => Ok(library),
        false => library.under(load(all)?).map_err(broken),
    }
}
