//! Servers that no check was made for: a run against them ends, within its budget, and says what is so.

use std::sync::atomic::{AtomicUsize, Ordering};

use onrecord::report::Run;

use crate::support::{PAGE, json, onrecord, provider, run, saying};

/// What a run against a provider comes to.
struct Checked {
    code: Option<i32>,
    run: Run,
    err: String,
}

impl Checked {
    /// The findings of one check.
    fn found(&self, check: &str) -> usize {
        self.run.findings.iter().filter(|finding| finding.check == check).count()
    }

    fn broken(&self) -> usize {
        self.run.cases.iter().filter(|case| case.broken.is_some()).count()
    }

    fn skipped_for(&self, reason: &str) -> usize {
        let skipped = self.run.cases.iter().filter_map(|case| case.skipped.as_ref());
        skipped.filter(|why| why.contains(reason)).count()
    }

    #[track_caller]
    fn noted(&self, part: &str) {
        assert!(self.run.notes.iter().any(|note| note.contains(part)), "{part}: {:#?}", self.run.notes);
    }
}

#[track_caller]
fn check(target: &str, words: &str) -> Checked {
    let mut check = onrecord("check --contract msk --format json --target");
    check.arg(target).args(words.split_whitespace());
    if !words.contains("--cases") {
        check.args(["--cases", "2"]);
    }
    let ended = run(&mut check);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    let run = Run::from_json("stdout", &ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.err));
    Checked { code: ended.code, run, err: ended.err }
}

/// The token that a request comes with.
fn token(head: &str) -> Option<&str> {
    let (_, rest) = head.split_once("nextToken=")?;
    rest.split(['&', ' ']).next()
}

/// A page with this item, if any, and a token.
fn page(item: Option<usize>, next: &str) -> Vec<u8> {
    let item = item.map(|item| format!(r#"{{"clusterArn":"{}"}}"#, arn(item))).unwrap_or_default();
    json(&format!(r#"{{"clusterInfoList":[{item}],"nextToken":"{next}"}}"#))
}

fn arn(item: usize) -> String {
    format!("arn:aws:kafka:us-east-1:111122223333:cluster/c{item}/00000000-0000-4000-8000-{item:012}-1")
}

#[test]
fn tokens_that_go_round_in_a_circle() {
    let circle = provider(|head| page(None, if token(head) == Some("A") { "B" } else { "A" }));
    let checked = check(&circle, "ListClusters/pages");
    assert_eq!((checked.code, checked.found("PG-T02"), checked.found("PG-T01")), (Some(1), 1, 0));
    assert!(checked.run.exchanges < 500, "{}", checked.run.exchanges);
    assert_eq!((checked.broken(), checked.run.partial), (0, None));
}

#[test]
fn a_token_that_changes_for_ever() {
    // Empty pages, and pages with one and the same item: neither has anything new.
    for item in [None, Some(1)] {
        let count = AtomicUsize::new(0);
        let endless =
            provider(move |_| page(item, &format!("token-{}", count.fetch_add(1, Ordering::Relaxed))));
        let checked = check(&endless, "ListClusters/pages/none");
        assert_eq!((checked.code, checked.found("PG-T01"), checked.found("PG-T02")), (Some(1), 1, 0));
        assert!(checked.run.exchanges < 1_000, "{}", checked.run.exchanges);
        assert_eq!(checked.run.partial, None);
    }
}

/// A list of 100,000 pages, one item on each. It ends.
fn long() -> String {
    provider(|head| {
        let at = token(head).and_then(|token| token.strip_prefix("page-")?.parse().ok()).unwrap_or(0);
        if at < 99_999 { page(Some(at), &format!("page-{}", at + 1)) } else { json(PAGE) }
    })
}

#[test]
fn a_list_that_is_longer_than_the_budget_breaks_no_law() {
    let checked = check(&long(), "ListClusters --max-requests 60");
    assert_eq!((checked.code, checked.found("PG-T01")), (Some(1), 0), "{:#?}", checked.run.findings);
    let spent = "the budget was spent: --max-requests 60";
    assert!(checked.err.contains(spent), "{}", checked.err);
    assert_eq!(checked.run.partial.as_deref(), Some(spent));
    checked.noted("the run is partial: the budget was spent");
    assert!(checked.skipped_for(spent) > 5, "{:#?}", checked.run.cases);
    assert_eq!(checked.run.exchanges, 60);
}

#[test]
fn a_list_that_is_longer_than_any_walk_is_left_in_its_middle() {
    let checked = check(&long(), "--exact ListClusters/pages/none");
    let cell = checked
        .run
        .matrix
        .iter()
        .find(|cell| (&*cell.check, &*cell.operation) == ("PG-T01", "ListClusters"))
        .unwrap();
    assert_eq!((cell.tally.failed, cell.tally.not_testable), (0, 1));
    assert_eq!(cell.reasons, ["the walk was not followed to its end"]);
    assert_eq!((checked.run.exchanges, checked.run.partial), (200, None));
}

#[test]
fn a_page_of_ten_megabytes_is_judged() {
    let name = "x".repeat(9 << 20);
    let items: Vec<_> = (0..2_000).map(|item| format!(r#"{{"clusterArn":"{}"}}"#, arn(item))).collect();
    let items = items.join(",");
    let body = format!(
        r#"{{"clusterInfoList":[{items},{{"clusterArn":"{}","clusterName":"{name}","state":17}}]}}"#,
        arn(9_999)
    );
    let checked = check(&saying(&body), "--exact ListClusters/valid/0");
    assert_eq!((checked.code, checked.broken()), (Some(1), 0), "{}", checked.err);
    let places: Vec<_> = checked.run.findings.iter().map(|finding| finding.place.as_str()).collect();
    // And there are more items than the documented default size.
    assert_eq!(places, ["response body /clusterInfoList/2000/state", "response body items"]);
}

/// Never answers.
fn asleep() -> Vec<u8> {
    loop {
        std::thread::park();
    }
}

#[test]
fn a_server_that_sleeps_is_not_waited_for_again_and_again() {
    let checked = check(&provider(|_| asleep()), "--timeout 100ms");
    assert_eq!((checked.code, checked.broken()), (Some(3), 1));
    assert!(checked.err.contains("gave no whole answer within 100ms"), "{}", checked.err);

    let count = AtomicUsize::new(0);
    let drowsy = provider(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0..2 => json(PAGE),
        _ => asleep(),
    });
    let checked = check(&drowsy, "--timeout 100ms");
    assert_eq!((checked.code, checked.run.exchanges), (Some(3), 2));
    assert!((3..=5).contains(&checked.broken()), "{}", checked.broken());
}

/// What answers most operations may have one that it never answers.
#[test]
fn an_operation_without_answers_is_given_up_and_the_others_are_judged() {
    for silence in [asleep, Vec::new] {
        let deaf =
            provider(move |head| if head.starts_with("GET /v1/clusters?") { silence() } else { json(PAGE) });
        let checked = check(&deaf, "--timeout 100ms");
        assert_eq!((checked.code, checked.broken()), (Some(1), 3), "{}", checked.err);
        assert!(checked.skipped_for("ListClusters gave no answer in 3 cases in a row") > 3);
        assert_eq!(checked.run.partial, None);
        assert!(checked.run.cases.last().is_some_and(|case| case.broken.is_none()));
    }
}

/// It sends a byte now and then, for ever.
#[test]
fn an_answer_that_never_ends_is_not_waited_for() {
    use std::io::Write as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"
                    .iter()
                    .chain(std::iter::repeat(&b' '));
                while bytes.next().is_some_and(|byte| stream.write_all(&[*byte]).is_ok()) {
                    std::thread::park_timeout(std::time::Duration::from_millis(5));
                }
            });
        }
    });
    let checked = check(&url, "--timeout 300ms");
    assert_eq!((checked.code, checked.broken()), (Some(3), 1), "{}", checked.err);
}

#[test]
fn time_that_is_up_is_no_fault_of_the_server() {
    let checked = check(&provider(|_| asleep()), "--max-time 300ms");
    assert_eq!((checked.code, checked.broken()), (Some(1), 0), "{}", checked.err);
    assert!(
        checked.err.contains("the budget was spent: --max-time 300ms, after 1 requests"),
        "{}",
        checked.err
    );
    assert!(checked.run.partial.is_some() && checked.skipped_for("--max-time 300ms") > 10);
}

#[test]
fn a_server_that_closes_connections_is_not_asked_for_ever() {
    let checked = check(&provider(|_| Vec::new()), "");
    assert_eq!((checked.code, checked.broken()), (Some(3), 1), "{}", checked.err);
}

#[test]
fn what_is_no_http_is_no_answer() {
    let checked = check(&provider(|_| vec![0, 159, 146, 150, b'\r', b'\n']), "");
    assert_eq!((checked.code, checked.broken()), (Some(3), 1), "{}", checked.err);
    assert!(checked.err.contains(" gave no answer: "), "{}", checked.err);
}

#[test]
fn garbage_in_answers_is_found() {
    let deep = "[".repeat(200_000);
    let bodies =
        ["\u{0}\u{1}", "{\"clusterInfoList\":", "[]", "null", "{\"clusterInfoList\":{\"a\":1}}", "", &deep];
    for body in bodies {
        let checked = check(&saying(body), "ListClusters");
        let body = &body[..body.len().min(40)];
        assert_eq!((checked.code, checked.broken()), (Some(1), 0), "{body}: {}", checked.err);
        assert!(!checked.run.findings.is_empty(), "{body}");
    }
    let heads = [
        "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{}",
        "HTTP/1.1 299 Odd\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-type: \u{e9}\r\ncontent-length: 2\r\n\r\n{}",
    ];
    for head in heads {
        let checked = check(&provider(move |_| head.as_bytes().to_vec()), "ListClusters");
        assert_eq!((checked.code, checked.broken()), (Some(1), 0), "{head}: {}", checked.err);
        assert!(!checked.run.findings.is_empty(), "{head}");
    }
    // What cannot be looked into may hold anything.
    let packed = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}";
    let checked = check(&provider(move |_| packed.as_bytes().to_vec()), "ListClusters/valid");
    assert_eq!((checked.code, checked.broken()), (Some(1), 2), "{}", checked.err);
}

fn answering(status: &str, header: &str, error: &str) -> Vec<u8> {
    let body = "{\"message\":\"no\"}";
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nx-amzn-errortype: {error}\r\ncontent-type: application/json\r\n{header}\
         connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn throttling(retry_after: u32) -> Vec<u8> {
    answering("429 Too Many", &format!("retry-after: {retry_after}\r\n"), "TooManyRequestsException")
}

#[test]
fn what_is_throttled_is_sent_again_and_judged_then() {
    let count = AtomicUsize::new(0);
    let busy = provider(move |_| match count.fetch_add(1, Ordering::Relaxed) % 3 {
        2 => json(PAGE),
        _ => throttling(0),
    });
    let checked = check(&busy, "ListClusters/valid");
    assert_eq!(checked.code, Some(0), "{:#?}", checked.run);
    let found: Vec<_> =
        checked.run.findings.iter().map(|it| (it.check.as_str(), it.level.as_str())).collect();
    assert_eq!(found, [("ER-08", "ADV")], "that nobody needs to wait at all is odd");
    assert_eq!((checked.run.exchanges, checked.run.succeeded, checked.run.refused), (6, 2, 0));
    checked.noted("4 requests were throttled and sent again");
}

#[test]
fn a_provider_that_throttles_without_end_is_left_alone() {
    for (wait, exchanges) in [(0, 15), (3_600, 3)] {
        let checked = check(&provider(move |_| throttling(wait)), "ListClusters");
        assert_eq!(checked.code, Some(1), "{}", checked.err);
        assert!(checked.err.contains("the provider throttles: 3 requests in a row"), "{}", checked.err);
        assert_eq!(checked.run.exchanges, exchanges);
        assert!(checked.run.partial.is_some());
    }
}

#[test]
fn a_run_that_was_mostly_refused_is_not_green() {
    let count = AtomicUsize::new(0);
    let guarded = provider(move |_| match count.fetch_add(1, Ordering::Relaxed) % 4 {
        0 => json(PAGE),
        _ => answering("403 Forbidden", "", "AccessDeniedException"),
    });
    let checked = check(&guarded, "ListClusters/valid --cases 8");
    assert_eq!((checked.code, checked.run.findings.len()), (Some(1), 0), "{:#?}", checked.run.findings);
    checked.noted("6 of 8 exchanges were refused without regard to what was asked (6 with 403)");
}
