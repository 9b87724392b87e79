//! Ports and providers that are not as they should be.

use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use onrecord::cassette::Cassette;
use onrecord::exchange::Ending;
use rustix::process::Signal;

use crate::support::{
    PAGE, cassette, folder, json, nowhere, onrecord, provider, recorder, replay, run, saying,
};

#[test]
fn a_port_that_is_taken_is_the_environments_failure() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let new = folder.path().join("a.json");
    let told = [&*format!("onrecord: cannot listen on {address}: "), "choose another port, or 0"];
    let mut record = onrecord("record --upstream http://127.0.0.1:1 --listen");
    run(record.arg(&address).arg("--cassette").arg(&new)).with(3, &told);
    let mut replay = onrecord("replay --listen");
    run(replay.arg(&address).arg("--cassette").arg(cassette())).with(3, &told);
    run(onrecord("sandbox --contract msk --listen").arg(&address)).with(3, &told);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn where_the_provider_is_down_the_client_is_told_and_the_exchange_is_reported() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let nowhere = nowhere();
    let server = recorder(&path, &nowhere);
    let (response, _) = server.get("/v1/clusters").unwrap();
    assert_eq!(response.status, 502);
    let text = response.body.text().unwrap().to_owned();
    assert!(text.starts_with("onrecord: cannot connect to 127.0.0.1:"), "{text}");
    assert!(text.contains("is it running?"), "{text}");
    let lost = format!("1 not recorded: cannot connect to {}", nowhere.strip_prefix("http://").unwrap());
    server.stop().with(3, &["0 exchanges recorded", &lost]);
    assert!(!path.exists(), "nothing was recorded");
}

#[test]
fn what_a_slow_provider_answers_while_we_stop_is_recorded() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let (arrived, has_arrived) = channel();
    let (release, released) = channel();
    let gate = Mutex::new((arrived, released));
    let slow = provider(move |_| {
        let gate = gate.lock().unwrap();
        gate.0.send(()).unwrap();
        gate.1.recv().unwrap();
        json(PAGE)
    });
    let server = recorder(&path, &slow);
    let asked = std::thread::scope(|scope| {
        let asked = scope.spawn(|| server.get("/v1/clusters").unwrap());
        has_arrived.recv().unwrap();
        server.signal(Signal::TERM);
        release.send(()).unwrap();
        asked.join().unwrap()
    });
    assert_eq!(asked.0.body.text(), Some(PAGE));
    server.end().with(0, &["1 exchanges recorded", "1 ListClusters"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 1);
}

#[test]
fn a_connection_that_is_cut_is_recorded_and_cut_again() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let half = provider(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"clust".to_vec()
    });
    let server = recorder(&path, &half);
    let cut = server.get("/v1/clusters").unwrap();
    assert_eq!((cut.1, cut.0.body.text()), (Ending::Aborted, Some("{\"clust")));
    server.stop().with(0, &["1 exchanges recorded"]);
    let shown = run(onrecord("cassette show").arg(&path)).with(0, &[]);
    assert!(shown.out.contains("/v1/clusters  cut short"), "{}", shown.out);

    let server = replay(&path);
    let again = server.get("/v1/clusters").unwrap();
    assert_eq!((again.1, again.0.body.text()), (Ending::Aborted, Some("{\"clust")));
    server.stop().with(0, &["1 served, 0 missed, 0 unused"]);
}

#[test]
fn a_provider_that_hangs_up_without_an_answer_is_reported() {
    let folder = folder();
    let server = recorder(&folder.path().join("a.json"), &provider(|_| Vec::new()));
    let (response, _) = server.get("/v1/clusters").unwrap();
    assert_eq!(response.status, 502);
    assert!(response.body.text().unwrap().contains(" gave no answer: "), "{response:?}");
    server.stop().with(3, &["1 not recorded: 127.0.0.1:", " gave no answer: "]);
}

#[test]
fn a_client_that_hangs_up_does_not_end_the_exchange() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let (arrived, has_arrived) = channel();
    let (release, released) = channel::<()>();
    let gate = Mutex::new((arrived, released));
    let slow = provider(move |_| {
        let gate = gate.lock().unwrap();
        gate.0.send(()).unwrap();
        gate.1.recv().unwrap();
        json(PAGE)
    });
    let server = recorder(&path, &slow);
    let client = server.begin("/v1/clusters");
    has_arrived.recv().unwrap();
    drop(client);
    release.send(()).unwrap();
    server.stop().with(0, &["1 exchanges recorded"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges[0].response.body.text(), Some(PAGE));
}

#[test]
fn two_recorders_do_not_share_a_cassette() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let upstream = saying(PAGE);
    let first = recorder(&path, &upstream);
    first.get("/v1/clusters").unwrap();
    let busy = ["a.json.journal: another onrecord is recording into this cassette", "choose another file"];
    run(onrecord("record --upstream").arg(&upstream).arg("--cassette").arg(&path)).with(3, &busy);
    run(onrecord("cassette recover").arg(&path)).with(3, &busy);
    first.stop().with(0, &["1 exchanges recorded"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 1);
}
