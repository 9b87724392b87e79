//! Cassettes from other tools, and for them. What other tools wrote is in `recorded`, see its README.

use std::fs;
use std::path::{Path, PathBuf};

use onrecord::cassette::Cassette;
use serde_json::Value;

use crate::support::{Ended, cassette, folder, onrecord, replay, run};

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/recorded").join(name)
}

fn import(from: &Path, output: &Path) -> Ended {
    run(onrecord("cassette import --contract msk").arg(from).arg("--output").arg(output))
}

/// What the story that was recorded through other tools must hold.
fn holds_the_story(path: &Path) {
    let cassette = Cassette::load(path).unwrap();
    let told: Vec<_> = cassette
        .exchanges
        .iter()
        .map(|it| format!("{} {} {}", it.request.method, it.request.target, it.response.status))
        .collect();
    assert_eq!(
        told,
        [
            "GET /v1/clusters?maxResults=2 200",
            "POST /echo 200",
            "POST /echo 200",
            "GET /bytes 200",
            "GET /packed 200",
            "GET /missing/x%20y 404",
            "DELETE /v1/clusters/a 200",
        ]
    );
    let [list, post, ..] = cassette.exchanges.as_slice() else { panic!("{told:?}") };
    assert_eq!(list.operation.as_deref(), Some("ListClusters"));
    assert_eq!(list.request.headers.get("host").unwrap(), "provider.example");
    assert_eq!(list.response.headers.all("set-cookie").count(), 2);
    assert_eq!(post.request.body.json().unwrap()["text"], "ü\n  b");
    assert_eq!(post.response.body, post.request.body);
    assert_eq!(cassette.exchanges[3].response.body.as_bytes(), (0..=255).collect::<Vec<u8>>());
    let packed = &cassette.exchanges[4].response;
    assert_eq!(packed.content().text(), Some("{\"packed\":true}"));
    assert_ne!(packed.content(), packed.body, "it is packed, as its fields say");
    let length = packed.headers.get("content-length").unwrap();
    assert_eq!(length, packed.body.len().to_string());
    assert!(!fs::read_to_string(path).unwrap().contains("hunter2"), "all of it passed the door");
    assert!(cassette.header.origin.to_string().contains("unnamed"));
}

#[test]
fn what_vcr_recorded_is_carried_redacted_and_replayed() {
    for tape in ["vcrpy.yaml", "govcr.yaml"] {
        let folder = folder();
        let output = folder.path().join("a.json");
        import(&recorded(tape), &output).with(
            0,
            &[
                "7 exchanges imported into ",
                "nothing says what answered",
                "not carried: 7 x times, which the file does not hold",
            ],
        );
        holds_the_story(&output);
        let header = Cassette::load(&output).unwrap().header;
        assert!(header.recorder.ends_with(", from VCR"), "{}", header.recorder);
        let server = replay(&output);
        let (response, _) = server.get("/v1/clusters?maxResults=2").unwrap();
        assert_eq!(response.body.text(), Some("{\"clusterInfoList\":[]}"));
        server.stop().with(0, &[]);
    }
}

#[test]
fn what_mitmproxy_recorded_is_carried_and_redacted() {
    let folder = folder();
    let output = folder.path().join("a.json");
    import(&recorded("mitmproxy.har"), &output).with(
        0,
        &["7 exchanges imported into ", "not carried: ", "x packed bodies as they were on the wire"],
    );
    holds_the_story(&output);
    let form = &Cassette::load(&output).unwrap().exchanges[2];
    assert_eq!(form.request.body.text(), Some("a=b+c&d=%C3%A9"));
}

#[test]
fn a_cassette_comes_back_from_har_as_it_was() {
    let folder = folder();
    for name in ["story-moto.json", "story-sandbox.json"] {
        let original = cassette().with_file_name(name);
        let (har, back) = (folder.path().join(name).with_extension("har"), folder.path().join(name));
        run(onrecord("cassette export --to har").arg(&original).arg("--output").arg(&har))
            .with(0, &[" exchanges exported to ", "x operations"]);
        import(&har, &back).with(0, &[]);
        let (original, back) = (Cassette::load(&original).unwrap(), Cassette::load(&back).unwrap());
        assert_eq!(original.exchanges.len(), back.exchanges.len());
        for (one, other) in original.exchanges.iter().zip(&back.exchanges) {
            assert_eq!(**one, **other);
        }
        let har: Value = serde_json::from_slice(&fs::read(&har).unwrap()).unwrap();
        let entry = &har["log"]["entries"][0];
        assert_eq!((&har["log"]["version"], &entry["timings"]["send"]), (&"1.2".into(), &0.into()));
    }
}

#[test]
fn what_cannot_be_read_is_told_with_place_and_mend_and_nothing_is_written() {
    let folder = folder();
    let (file, output) = (folder.path().join("a.txt"), folder.path().join("a.json"));
    for (text, told) in [
        ("{\"log\":\n {\"entries\": [\n{\"request\": 1}]}}", "a.txt:3:1: "),
        ("{\"log\": {\"entries\": []}}", "there is no exchange in these files"),
        (
            "interactions:\n- request: !!python/object:os.system {}\n",
            "a.txt:2:38: the tag !!python/object:os.system asks for an object of a program",
        ),
        ("interactions: &a [*a]", "an alias stands inside of what it stands for"),
        ("interactions:\n- request: {uri: a, method: 1}\n", "a.txt:2:3: "),
        (
            "{\"log\": {\"entries\": [{\"startedDateTime\": \"\", \"request\": \"hunter2\"}]}}",
            "mend this element",
        ),
        (
            "{\"data\": {\"pairs\": [{\"request\": {}, \"response\": {\"status\": 200}}]}}",
            "only pairs with a matcher",
        ),
        ("{\"a\": 1}", "no known format; give a HAR file"),
        ("<har>", "not an object; give a HAR file"),
    ] {
        fs::write(&file, text).unwrap();
        let ended = import(&file, &output).with(2, &[told]);
        assert!(!ended.err.contains("hunter2"), "{ended:?}");
        assert!(!output.exists(), "{text}");
    }
    fs::write(&output, "mine").unwrap();
    import(&recorded("vcrpy.yaml"), &output).with(2, &["is there already; name another --output"]);
    assert_eq!(fs::read_to_string(&output).unwrap(), "mine");
}

/// Written by hand, for no package of Hoverfly can be had.
#[test]
fn pairs_of_hoverfly_that_name_one_request_are_carried_and_the_others_are_listed() {
    let folder = folder();
    let (file, output) = (folder.path().join("a.json"), folder.path().join("b.json"));
    let exact = |text: &str| format!("[{{\"matcher\": \"exact\", \"value\": \"{text}\"}}]");
    let pair = |path: &str, response: &str| {
        format!(
            "{{\"request\": {{\"method\": {}, \"destination\": {}, \"path\": {path}, \
             \"query\": {{\"maxResults\": {}}}}}, \"response\": {{\"status\": 200, {response}}}}}",
            exact("GET"),
            exact("kafka.us-east-1.amazonaws.com"),
            exact("2")
        )
    };
    let (list, loose) = (exact("/v1/clusters"), "[{\"matcher\": \"glob\", \"value\": \"/*\"}]");
    let pairs = [
        pair(
            &list,
            "\"body\": \"e30=\", \"encodedBody\": true, \"headers\": {\"a\": [\"1\", \"2\"]}, \"fixedDelay\": 5",
        ),
        pair(loose, "\"body\": \"\""),
        pair(&list, "\"body\": \"{{ x }}\", \"templated\": true"),
        pair(&list, "\"bodyFile\": \"b.json\""),
        pair(&list, "\"transitionsState\": {\"a\": \"b\"}"),
    ];
    fs::write(&file, format!("{{\"data\": {{\"pairs\": [{}]}}}}", pairs.join(","))).unwrap();
    import(&file, &output).with(
        1,
        &[
            "left out: 1 x pairs with a matcher that stands for many requests",
            "left out: 1 x pairs whose answer is a template",
            "left out: 1 x answers whose body is in another file",
            "left out: 1 x pairs that depend on a state",
            "not carried: 1 x delays",
        ],
    );
    let cassette = Cassette::load(&output).unwrap();
    let [exchange] = cassette.exchanges.as_slice() else { panic!("one pair of five") };
    assert_eq!(exchange.request.target.as_str(), "/v1/clusters?maxResults=2");
    assert_eq!(exchange.request.headers.get("host").unwrap(), "kafka.us-east-1.amazonaws.com");
    assert_eq!(exchange.operation.as_deref(), Some("ListClusters"));
    assert_eq!(exchange.response.body.text(), Some("{}"));
    assert_eq!(exchange.response.headers.all("a").collect::<Vec<_>>(), ["1", "2"]);
}

#[test]
fn nothing_that_is_there_is_written_over() {
    let folder = folder();
    let path = folder.path().join("a.json");
    fs::copy(cassette(), &path).unwrap();
    let before = fs::read(&path).unwrap();
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "mine").unwrap();
    for words in ["cassette export --to har", "cassette export --to wiremock", "cassette redact"] {
        let onto = |output: &Path| run(onrecord(words).arg(&path).arg("--output").arg(output));
        for there in [&path, &notes] {
            onto(there).with(2, &["is there already; name another --output"]);
        }
        onto(folder.path()).with(2, &[" is a folder; name a file in it"]);
        let free = folder.path().join("free.json");
        onto(&free).with(0, &[]);
        fs::remove_file(free).unwrap();
    }
    assert_eq!((fs::read(&path).unwrap(), fs::read_to_string(&notes).unwrap()), (before, "mine".to_owned()));
}
