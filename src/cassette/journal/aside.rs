//! Room beside a cassette, where nothing that was recorded is lost to what comes later.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use super::beside;
use super::fold::{Fold, read_held};
use super::index::Index;
use super::lines;
use crate::cassette::bodies::Bodies;
use crate::cassette::document::Sink;
use crate::cassette::stored::{StoredExchange, StoredResponse};
use crate::cassette::{CassetteError, Header, layout};
use crate::encoding;

/// Fields that say when, and so differ between equal exchanges.
const WHEN: [&str; 2] = ["date", "x-amz-date"];

impl Fold<'_> {
    /// Leaves a file to be replaced by what was recorded, if that holds all of what it holds. Else it
    /// goes on under the first number that is free.
    pub(super) fn make_room(&self, partial: &Path, index: &Index) -> Result<(), CassetteError> {
        let mut held = Held::default();
        // What cannot be read may hold anything.
        let is_held = read_held(partial, &mut held).is_ok() && self.holds(held, index)?;
        if is_held {
            return Ok(());
        }
        let names = (1_u64..).map(|number| beside(partial, &format!(".{number}")));
        let free = names.into_iter().find(|path| !path.exists()).unwrap_or_default();
        Bodies::of(partial).move_to(&Bodies::of(&free))?;
        fs::rename(partial, &free).map_err(CassetteError::io("rename", partial))
    }

    /// Whether each of these exchanges was recorded, and as often.
    fn holds(&self, mut held: Held, index: &Index) -> Result<bool, CassetteError> {
        for recorded in &index.recorded {
            if held.missing.is_empty() {
                break;
            }
            let exchange = lines::reread(self.file, recorded.span())
                .and_then(|json| Ok(serde_json::from_str(&json)?))
                .and_then(essence);
            held.take(&exchange.map_err(CassetteError::io("read", self.journal))?);
        }
        Ok(held.missing.is_empty())
    }
}

/// How often each exchange is held. Only their digests are kept: there may be many.
#[derive(Default)]
struct Held {
    missing: HashMap<String, usize>,
}

impl Held {
    fn take(&mut self, essence: &str) {
        if let Some(count) = self.missing.get_mut(essence) {
            *count -= 1;
            if *count == 0 {
                self.missing.remove(essence);
            }
        }
    }
}

impl Sink for Held {
    fn header(&mut self, _: Header) -> Result<(), CassetteError> {
        Ok(())
    }

    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
        let essence = essence(exchange).map_err(CassetteError::io("read", Path::new("")))?;
        *self.missing.entry(essence).or_default() += 1;
        Ok(())
    }
}

/// The digest of what was said, whenever that was.
fn essence(exchange: StoredExchange) -> io::Result<String> {
    let StoredExchange { operation, mut request, response, timing: _ } = exchange;
    let mut response = StoredResponse { pieces: Vec::new(), ..response };
    for headers in [&mut request.headers, &mut response.headers] {
        headers.retain(|(name, _)| !WHEN.iter().any(|when| name.eq_ignore_ascii_case(when)));
    }
    // A cassette is laid out in other spacings than a journal.
    let json = layout::compact(&serde_json::to_string(&(operation, request, response))?);
    Ok(encoding::digest(json.as_bytes()))
}
