//! What a replay demands of a client, and how it misbehaves towards one: `--validate` and `--fault`.

use crate::support::{Server, cassette, folder, onrecord, run};

const CLUSTERS: &str = "/v1/clusters?maxResults=2";

fn replay(flags: &str) -> Server {
    Server::start(onrecord(&format!("replay {flags} --cassette")).arg(cassette()))
}

#[test]
fn what_the_provider_would_refuse_is_refused_where_it_is_asked_for() {
    for (flags, marker, code, told) in [
        (
            "--validate",
            Some("/maxResults"),
            1,
            "onrecord: invalid: the provider would refuse this ListClusters",
        ),
        ("", None, 1, "0 served, 1 missed"),
    ] {
        let server = replay(flags);
        let refused = server.get("/v1/clusters?maxResults=many").unwrap().0;
        assert_eq!(refused.status, 400);
        let place = refused.headers.get("x-onrecord-invalid");
        assert_eq!(place.is_some(), marker.is_some(), "{flags}");
        assert!(place.unwrap_or_default().starts_with(marker.unwrap_or_default()), "{flags}");
        server.stop().with(code, &[told]);
    }
}

#[test]
fn what_the_provider_would_take_is_answered_as_ever() {
    let server = replay("--validate");
    assert_eq!(server.get(CLUSTERS).unwrap().0.status, 200);
    server.stop().with(0, &["1 served, 0 missed"]);
}

#[test]
fn nothing_is_validated_without_a_contract_and_that_is_told() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut bare: serde_json::Value = serde_json::from_slice(&std::fs::read(cassette()).unwrap()).unwrap();
    bare["header"].as_object_mut().unwrap().remove("contract").unwrap();
    std::fs::write(&path, bare.to_string()).unwrap();
    let told = "--validate: no contract is known that requests could break; name one with --contract";
    run(onrecord("replay --validate --cassette").arg(&path)).with(2, &[told]);
    let mut session = onrecord("replay --validate --session");
    run(session.arg(format!("a={}", path.display()))).with(2, &[told]);
    Server::start(onrecord("replay --validate --contract msk --cassette").arg(&path)).stop().with(0, &[]);
}

#[test]
fn a_fault_acts_once_says_so_and_uses_up_nothing() {
    let server = replay("--fault throttle:ListClusters --seed 7");
    let first = server.get(CLUSTERS).unwrap().0;
    assert_eq!((first.status, first.headers.get("x-onrecord-fault").as_deref()), (429, Some("throttle")));
    let second = server.get(CLUSTERS).unwrap().0;
    assert_eq!((second.status, second.headers.get("x-onrecord-fault")), (200, None));
    server.stop().with(0, &["--seed 7", "1 served, 0 missed", "1 answered by a planted fault"]);
}

#[test]
fn a_share_of_requests_is_the_same_share_with_the_same_seed() {
    let struck = |seed: u64| {
        let server = replay(&format!("--fault unavailable@50% --seed {seed}"));
        let ask = |size| server.get(&format!("/v1/clusters?maxResults={size}")).unwrap().0;
        let struck: Vec<_> = (1..=40).map(|size| ask(size).status == 503).collect();
        drop(server.stop());
        struck
    };
    let first = struck(1);
    assert_eq!(struck(1), first);
    assert_ne!(struck(2), first);
    let count = first.iter().filter(|one| **one).count();
    assert!((8..=32).contains(&count), "about half: {count}");
}

#[test]
fn what_can_never_happen_is_told_at_the_start() {
    let never = "--fault reordered-page:CreateCluster can never act here: no recorded success is a page";
    let flags = "--fault reordered-page:CreateCluster --fault throttle --collapse-waits --after-last repeat";
    let err = replay(flags).stop().with(0, &[never]).err;
    assert_eq!(err.matches("can never act").count(), 1, "{err}");
    let bare = "replay --collapse-waits --contract dsql --cassette";
    let told = "onrecord: --collapse-waits does nothing here: nobody polled";
    Server::start(onrecord(bare).arg(cassette())).stop().with(0, &[told]);
}

#[test]
fn faults_are_listed_and_looked_for_by_name() {
    let listed = run(&mut onrecord("replay --fault list")).with(0, &[]);
    assert!(listed.out.contains("dropped-connection"), "{}", listed.out);
    run(onrecord("replay --fault nonsense --cassette").arg(cassette()))
        .with(2, &["there is no fault nonsense", "unknown-member"]);
    run(onrecord("replay --fault throttle:NoSuch --cassette").arg(cassette()))
        .with(2, &["no contract has an operation NoSuch"]);
    run(onrecord("replay --fault throttle@0 --cassette").arg(cassette())).with(2, &["neither the number"]);
    run(&mut onrecord("replay --fault throttle")).with(2, &["name a --cassette"]);
    run(&mut onrecord("replay")).with(2, &["--cassette"]);
}
