//! `docs/laws.md` is what the code says: every law, the faults that break it, and the contracts that
//! give ground for it. `ONRECORD_WRITE_DOCS=1` writes the page anew.

use std::fmt::Write as _;
use std::fs;

use onrecord::check::{CHECKS, Check, OF_CLIENTS};
use onrecord::contract::Contract;
use onrecord::sandbox::FAULTS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/laws.md");

const CONTRACTS: [&str; 5] = ["msk", "eks", "dsql", "cloudhsm", "astronomer"];

#[test]
fn the_page_of_laws_is_what_the_code_says() {
    let page = page();
    if std::env::var_os("ONRECORD_WRITE_DOCS").is_some() {
        fs::write(PAGE, &page).expect("the page is written");
    }
    let there = fs::read_to_string(PAGE).expect("the page is there");
    assert!(there == page, "docs/laws.md is out of date; ONRECORD_WRITE_DOCS=1 writes it anew");
}

fn page() -> String {
    let contracts = CONTRACTS.map(|name| {
        let contract = Contract::built_in(name).expect("it is built in");
        contract.expect("it loads")
    });
    let mut page = format!(
        "# The laws\n\n\
         {} laws. MUST breaks a run, SHOULD does under `--strict`, ADV and INFO never do; the parts of a law may bind\n\
         less than the law itself. A law that a contract gives no ground for is not applicable, and one that no exchange\n\
         shows is not testable: neither is a pass. Each law is shown to fire by the faults beside it\n\
         (`onrecord check --sandbox --fault NAME`), and to stay silent without them; `tests/faults.rs` tries the faults\n\
         with the contracts that give ground for their laws (`ONRECORD_MATRIX=whole`: each with every one).\n\n",
        CHECKS.len()
    );
    let names = CONTRACTS.join(" | ");
    let rules = CONTRACTS.map(|_| "---").join(" | ");
    writeln!(page, "| law | level | what it says | {names} | faults |").expect("a text");
    writeln!(page, "| --- | --- | --- | {rules} | --- |").expect("a text");
    for check in CHECKS {
        let grounds = contracts.each_ref().map(|contract| if has_ground(contract, check) { "x" } else { "" });
        let faults = FAULTS.iter().filter(|fault| fault.breaks.contains(&check.id));
        let faults: Vec<_> = faults.map(|fault| format!("`{}`", fault.name)).collect();
        let faults = match OF_CLIENTS.contains(&check.id) {
            true => "none: a law of clients, for recordings".to_owned(),
            false => faults.join(", "),
        };
        let Check { id, name, level, says, documented, .. } = check;
        let clauses = documented.split("; ").map(|clause| match clause.split_once(" <") {
            Some((text, address)) => format!("[{text}]({})", address.trim_end_matches('>')),
            None => clause.to_owned(),
        });
        let source = clauses.collect::<Vec<_>>().join("; ");
        writeln!(
            page,
            "| {id} `{name}` | {level} | {says} ({source}) | {} | {faults} |",
            grounds.join(" | ")
        )
        .expect("a text");
    }
    page
}

fn has_ground(contract: &Contract, check: &Check) -> bool {
    contract.operations.iter().any(|operation| (check.applies)(contract, operation))
}
