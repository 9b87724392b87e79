//! Runs for the tests of every rendering: what MSK's contract says of an emulator, and the edges.

mod findings;

use super::{Case, Cell, CheckInfo, ContractInfo, Known, Run, Tally, Target};

const OPERATIONS: [&str; 8] = [
    "ListClusters",
    "CreateCluster",
    "DescribeCluster",
    "DeleteCluster",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "OptionsClusters",
];

const SMITHY: &str = "https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait";
const RESTJSON: &str = "https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html";

/// Id, name, level, law, where documented, and what it said of each operation: `+` passed,
/// `!` broken, `i` advisory, `?` not testable, `-` not applicable, a space for not run.
const CHECKS: [(&str, &str, &str, &str, &str, &str); 22] = [
    (
        "ST-01",
        "status.documented",
        "MUST",
        "A success comes with the documented status.",
        RESTJSON,
        "+++++++ ",
    ),
    (
        "ST-02",
        "status.no-server-error",
        "MUST",
        "No input of a client makes the provider fail.",
        RESTJSON,
        "++!++++ ",
    ),
    (
        "CT-01",
        "content-type.documented",
        "SHOULD",
        "A JSON body is announced as application/json.",
        RESTJSON,
        "+!+++++ ",
    ),
    ("SH-01", "shape.required", "MUST", "Every required member is there.", RESTJSON, "++++--- "),
    ("SH-02", "shape.types", "MUST", "Every member has its documented type.", RESTJSON, "++++--- "),
    ("SH-03", "shape.timestamps", "MUST", "A timestamp has the documented format.", RESTJSON, "!++---- "),
    ("SH-04", "shape.enums", "ADV", "An enum's value is a documented one.", RESTJSON, "++++--- "),
    (
        "ER-01",
        "errors.shape",
        "MUST",
        "An error's body has the shape of its documented error.",
        RESTJSON,
        "++?++++ ",
    ),
    ("ER-02", "errors.identity", "MUST", "An error says which documented error it is.", RESTJSON, "++?++++ "),
    (
        "ER-03",
        "errors.documented",
        "SHOULD",
        "An error is one that the operation documents.",
        RESTJSON,
        "++?++++ ",
    ),
    ("ER-04", "errors.status", "MUST", "An error comes with its documented status.", RESTJSON, "++!++++ "),
    (
        "ER-14",
        "errors.not-found",
        "MUST",
        "What does not exist is answered with the documented error.",
        RESTJSON,
        "--!+??? ",
    ),
    (
        "IN-01",
        "input.accepts-valid",
        "MUST",
        "An input that keeps every documented rule is accepted.",
        RESTJSON,
        "+++++++ ",
    ),
    (
        "IN-02",
        "input.rejects-invalid",
        "MUST",
        "An input that breaks a documented constraint is refused.",
        RESTJSON,
        "+!+---- ",
    ),
    (
        "IN-03",
        "input.names-member",
        "ADV",
        "The refusal of an input names the member that is wrong.",
        RESTJSON,
        "+i?---- ",
    ),
    ("PG-T01", "pagination.terminates", "MUST", "Following the tokens comes to an end.", SMITHY, "+---?-- "),
    ("PG-T02", "pagination.no-cycle", "MUST", "No token comes back in one walk.", SMITHY, "?---?-- "),
    ("PG-T05", "pagination.no-duplicates", "SHOULD", "No item is on two pages.", SMITHY, "?---?-- "),
    (
        "PG-T08",
        "pagination.truncation-has-token",
        "MUST",
        "A page that leaves items out has a token.",
        SMITHY,
        "!---?-- ",
    ),
    (
        "PG-T09",
        "pagination.page-size",
        "MUST",
        "A page holds at most as many items as asked for.",
        SMITHY,
        "!---?-- ",
    ),
    (
        "FI-01",
        "filter.only-matching",
        "MUST",
        "Every item of a filtered list matches the filter.",
        SMITHY,
        "+------ ",
    ),
    ("OF-01", "offset.additive", "MUST", "Two half pages make the whole one.", SMITHY, "------- "),
];

/// What the msk contract says of moto 5.2.5.
pub(super) fn moto() -> Run {
    let findings = findings::all();
    let mut matrix = Vec::new();
    for (row, operation) in OPERATIONS.iter().enumerate() {
        for (check, .., says) in &CHECKS {
            let count = findings.iter().filter(|f| f.check == *check && f.operation == *operation);
            let count = count.map(|finding| finding.count).sum::<u64>();
            matrix.extend(cell(operation, check, says.as_bytes()[row], row as u64, count));
        }
    }
    let exchanges = cases(312).iter().map(|case| case.exchanges).sum();
    Run { cases: cases(312), exchanges, succeeded: exchanges, matrix, findings, ..nothing() }
}

/// A run that found nothing.
pub(super) fn clean() -> Run {
    let mut run = moto();
    run.findings.clear();
    run.target = Target::Sandbox { faults: vec![] };
    for cell in &mut run.matrix {
        cell.tally.passed += cell.tally.failed + cell.tally.advisory;
        (cell.tally.failed, cell.tally.advisory) = (0, 0);
    }
    for case in &mut run.cases {
        case.tally.passed += case.tally.failed;
        case.tally.failed = 0;
    }
    run
}

/// A run that tested nothing.
pub(super) fn nothing() -> Run {
    let checks = CHECKS.iter().map(|(id, name, level, says, documented, _)| CheckInfo {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        level: (*level).to_owned(),
        says: (*says).to_owned(),
        documented: format!("Smithy 2.0 <{documented}>"),
    });
    Run {
        format: Run::FORMAT,
        program: "onrecord 0.1.0".to_owned(),
        contract: ContractInfo {
            id: "msk".to_owned(),
            title: "Amazon MSK".to_owned(),
            version: "2018-11-14".to_owned(),
            digest: "3f1c9a52d7e84b60a1b2c3d4e5f60718293a4b5c6d7e8f901122334455667788".to_owned(),
            operations: OPERATIONS.map(str::to_owned).to_vec(),
        },
        parts: Vec::new(),
        target: Target::Url("http://127.0.0.1:5000".to_owned()),
        seed: 7,
        started: "2026-03-14T09:26:53.000Z".to_owned(),
        duration_ms: 8_449,
        exchanges: 0,
        succeeded: 0,
        refused: 0,
        partial: None,
        shards: Vec::new(),
        selection: None,
        known: Vec::new(),
        checks: checks.collect(),
        cases: Vec::new(),
        matrix: Vec::new(),
        coverage: Default::default(),
        findings: Vec::new(),
        notes: vec![
            "4 operations create or change things and were run because of --allow".to_owned(),
            "3 clusters were created, 3 deleted; the ledger is empty".to_owned(),
        ],
    }
}

/// The run with that text in every place that can hold one.
pub(super) fn filled(text: &str) -> Run {
    let mut run = moto();
    let all = |strings: &mut [&mut String]| strings.iter_mut().for_each(|s| **s = text.to_owned());
    all(&mut [&mut run.program, &mut run.started, &mut run.contract.id, &mut run.contract.title]);
    all(&mut [&mut run.contract.version, &mut run.contract.digest, &mut run.contract.operations[0]]);
    run.target = Target::Cassette(text.to_owned());
    run.notes.push(text.to_owned());
    (run.partial, run.selection) = (Some(text.to_owned()), Some(text.to_owned()));
    let known = Known {
        check: text.to_owned(),
        operation: text.to_owned(),
        place: Some(text.to_owned()),
        case: None,
        reason: text.to_owned(),
        expires: text.to_owned(),
    };
    run.findings[2].known = Some(known.clone());
    run.known.push(known);
    let check = &mut run.checks[0];
    all(&mut [&mut check.id, &mut check.name, &mut check.says, &mut check.documented]);
    all(&mut [&mut run.cases[0].name]);
    run.cases[1].skipped = Some(text.to_owned());
    let cell = &mut run.matrix[0];
    all(&mut [&mut cell.operation, &mut cell.check]);
    run.matrix[1].tally.not_testable = 1;
    run.matrix[1].reasons.push(text.to_owned());
    let finding = &mut run.findings[0];
    all(&mut [&mut finding.check, &mut finding.name, &mut finding.operation, &mut finding.place]);
    all(&mut [&mut finding.expected, &mut finding.actual, &mut finding.documented, &mut finding.case]);
    all(&mut [&mut finding.curl, &mut finding.again]);
    finding.evidence = vec![findings::exchange(("POST", text, Some(text)), (400, text, text))];
    run.findings[1].evidence.push(findings::exchange(
        ("GET", "/", None),
        (200, "application/json", &serde_json::json!({ text: [text, {text: null}] }).to_string()),
    ));
    run
}

fn cell(operation: &str, check: &str, says: u8, row: u64, count: u64) -> Option<Cell> {
    let (seen, mut tally) = (40 - row * 3, Tally::default());
    match says {
        b'+' => tally.passed = seen,
        b'!' => (tally.passed, tally.failed) = (seen - 9, count),
        b'i' => (tally.passed, tally.advisory) = (seen, count),
        b'?' => tally.not_testable = 3,
        b'-' => tally.not_applicable = seen,
        _ => return None,
    }
    let reason = match (says, &check[..2]) {
        (b'?', "PG") => vec!["the list fits on one page: no token was handed out".to_owned()],
        (b'?', _) => vec!["every error came as text/html, which says nothing to read".to_owned()],
        _ => vec![],
    };
    let (operation, check) = (operation.to_owned(), check.to_owned());
    Some(Cell { operation, check, tally, reasons: reason })
}

fn cases(count: usize) -> Vec<Case> {
    let kinds = ["valid", "boundary/maxResults", "violates/clusterName.maxLength", "unknown-arn", "pages"];
    (0..count)
        .map(|at| {
            let (operation, kind) = (OPERATIONS[at % 7], kinds[at / 7 % 5]);
            let failed = u64::from(at % 61 == 22);
            let skipped = (at % 97 == 90).then(|| "no cluster was left to delete".to_owned());
            let ran = u64::from(skipped.is_none());
            let exchanges = ran * (1 + at as u64 % 4);
            let tally =
                Tally { passed: ran * 4, failed: ran * failed, not_applicable: ran * 6, ..Tally::default() };
            Case { name: format!("{operation}/{kind}/{}", at / 35), exchanges, tally, skipped, broken: None }
        })
        .collect()
}
