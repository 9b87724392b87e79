//! One run of several contracts.

use std::fs;
use std::path::Path;

use onrecord::report::Run;

use crate::support::{Ended, folder, json, nowhere, onrecord, provider, run};

const SEVERAL: &str = "check --contract msk --contract eks --cases 1";

/// A case of each contract.
const FEW: &str = "ListClusters/valid";

const FAULTY: &str = "--sandbox --fault response.other-status ListClusters/valid";

fn read(report: &Path) -> Run {
    Run::from_json("run.json", &fs::read_to_string(report.join("run.json")).unwrap()).unwrap()
}

fn cases(ended: &Ended) -> Vec<String> {
    ended.out.lines().filter(|line| line.starts_with("test ")).map(str::to_owned).collect()
}

#[test]
fn cases_have_the_names_of_their_contracts_and_are_found_by_them() {
    let listed = run(&mut onrecord(&format!("{SEVERAL} --sandbox --list"))).with(0, &[]).out;
    let names: Vec<&str> = listed.lines().collect();
    let of = |id: &str| names.iter().filter(|name| name.starts_with(id)).count();
    assert!(of("msk:") > 20 && of("eks:") > 20 && of("msk:") + of("eks:") == names.len());
    let ended = run(&mut onrecord(&format!("{SEVERAL} --sandbox {FEW}"))).with(0, &[]);
    assert_eq!(
        cases(&ended),
        ["test msk:ListClusters/valid/0 ... ok", "test eks:ListClusters/valid/0 ... ok"]
    );
    let one = format!("{SEVERAL} --sandbox --exact eks:ListClusters/valid/0");
    let ended = run(&mut onrecord(&one)).with(0, &[]);
    assert_eq!(cases(&ended), ["test eks:ListClusters/valid/0 ... ok"]);
    assert!(
        ended.out.contains("\neks 2017-11-01 against the sandbox\n"),
        "one contract is left: {}",
        ended.out
    );
    run(&mut onrecord(&format!("{SEVERAL} --sandbox --exact ListClusters/valid/0")))
        .with(2, &["no case has"]);
}

#[test]
fn one_report_has_them_all_and_its_commands_run_one_case_again() {
    let folder = folder();
    let report = folder.path().join("report");
    let mut check = onrecord(&format!("{SEVERAL} {FAULTY} --report"));
    let ended = run(check.arg(&report)).with(1, &[]);
    let row = |words: &[&str]| {
        let is_it = |line: &str| line.split_whitespace().eq(words.iter().copied());
        assert!(ended.out.lines().any(is_it), "{words:?}: {}", ended.out);
    };
    row(&["law", "msk", "eks"]);
    row(&["RS-01", "status.documented", "✕1", "✕1"]);
    row(&["RS-03", "shape.response", "✓", "✓"]);
    let whole = read(&report);
    let parts: Vec<_> = whole.parts.iter().map(|part| (part.contract.id.as_str(), part.exchanges)).collect();
    assert!(matches!(parts[..], [("msk", 1..), ("eks", 1..)]), "{parts:?}");
    assert_eq!(whole.exchanges, whole.parts.iter().map(|part| part.exchanges).sum::<u64>());
    let operations: Vec<_> = whole.findings.iter().map(|finding| finding.operation.as_str()).collect();
    assert_eq!(operations, ["msk:ListClusters", "eks:ListClusters"]);
    for (finding, contract) in whole.findings.iter().zip(["msk", "eks"]) {
        let again = finding.again.strip_prefix("onrecord ").unwrap();
        assert!(again.starts_with(&format!("check --contract {contract} ")), "{again}");
        let ended = run(&mut onrecord(again)).with(1, &[]);
        assert_eq!(cases(&ended), ["test ListClusters/valid/0 ... FAILED"], "{again}");
    }
    let file = |name: &str| fs::read_to_string(report.join(name)).unwrap();
    let (page, markdown, xml) = (file("report.html"), file("report.md"), file("junit.xml"));
    assert!(page.contains("<h2 id=\"contracts\">Contracts and checks</h2>"));
    assert!(page.contains("<th scope=\"row\" title=\"eks\">eks</th>"));
    assert!(
        markdown.contains("\n| contract | RS-01 |") && markdown.contains("\n| eks | ❌ | ✅ |"),
        "{markdown}"
    );
    assert!(xml.contains("<testsuite name=\"eks:ListClusters\""), "{xml}");
}

#[test]
fn reports_of_different_contracts_make_one_as_one_check_does() {
    let folder = folder();
    let reports = ["msk", "eks", "both"].map(|name| folder.path().join(name));
    for (words, report) in
        ["check --contract msk --cases 1", "check --contract eks --cases 1", SEVERAL].iter().zip(&reports)
    {
        run(onrecord(&format!("{words} {FAULTY} --report")).arg(report)).with(1, &[]);
    }
    let json = |at: usize| reports[at].join("run.json");
    let out = |told: &Ended| {
        let lines = told.out.lines().filter(|line| !line.contains(" cases, ") && !line.contains("created"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let merged = run(onrecord("report").args([json(0), json(1)])).with(1, &[]);
    let whole = run(onrecord("report").arg(json(2))).with(1, &[]);
    assert_eq!(out(&merged), out(&whole));
    run(onrecord("report").args([json(0), json(2)]))
        .with(2, &["contract msk is there twice: give each contract once, or the shards of one run"]);
    run(onrecord("report").args([json(0), json(1), json(0)]))
        .with(2, &["runs 1 and 3 are the same: give each shard once"]);
}

#[test]
fn shards_of_several_contracts_are_the_whole() {
    let folder = folder();
    let words = "check --contract msk --contract eks --cases 4 --sandbox DescribeCluster/valid";
    let whole = folder.path().join("whole");
    run(onrecord(words).arg("--report").arg(&whole)).with(0, &[]);
    let parts: Vec<_> = (1..=2).map(|index| folder.path().join(index.to_string())).collect();
    for (index, part) in parts.iter().enumerate() {
        let shard = format!("{}/2", index + 1);
        run(onrecord(words).args(["--shard", &shard, "--report"]).arg(part)).with(0, &[]);
    }
    let (whole, parts) = (read(&whole), parts.iter().map(|part| read(part)).collect::<Vec<_>>());
    let notes: Vec<_> =
        parts.iter().flat_map(|run| run.notes.clone()).filter(|it| it.contains("created")).collect();
    let merged = Run::merge(parts).unwrap();
    assert_eq!(merged.matrix, whole.matrix);
    assert_eq!(merged.parts.len(), 2);
    assert_eq!((merged.exchanges, merged.shards.len(), &merged.partial), (whole.exchanges, 0, &None));
    let names = |run: &Run| {
        let mut names: Vec<_> = run.cases.iter().map(|case| case.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&merged), names(&whole));
    // What two shards say is said twice, with who says it.
    for (at, note) in notes.iter().enumerate() {
        let signed = format!("shard {}/2: {note}", at / 2 + 1);
        assert!(merged.notes.contains(&signed), "{signed}: {:?}", merged.notes);
    }
    assert_eq!(notes.len(), 4);
}

#[test]
fn one_budget_is_for_all() {
    let words = format!("{SEVERAL} --sandbox --max-requests 15 ListClusters/pages/0");
    let ended = run(&mut onrecord(&words)).with(1, &[]);
    let exchanges = ended.out.lines().find(|line| line.contains(" exchanges, seed ")).unwrap();
    assert!(
        ended.out.contains("test eks:ListClusters/pages/0 ... ignored, the budget was spent"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("the run is partial: the budget was spent: --max-requests 15"),
        "{}",
        ended.out
    );
    // What deletes comes on top.
    let sent: u64 = exchanges.split(", ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((15..40).contains(&sent), "{exchanges}");
}

#[test]
fn each_contract_may_have_a_target_of_its_own() {
    let msk = provider(|_| json("{\"clusterInfoList\": []}"));
    let eks = provider(|_| json("{\"clusters\": []}"));
    let check = |targets: &[String]| {
        let mut check = onrecord(&format!("{SEVERAL} {FEW}"));
        check.args(targets.iter().flat_map(|target| ["--target", target]));
        run(&mut check)
    };
    let ended = check(&[msk.clone(), format!("eks={eks}")]).with(0, &[]);
    assert!(ended.out.contains(&format!("\nmsk, eks against {msk} (msk), {eks} (eks)\n")), "{}", ended.out);
    for (targets, told) in [
        (vec![format!("msk={msk}")], "eks has no target; add --target eks=URL, or --target URL for all"),
        (
            vec![msk.clone(), format!("kes={eks}")],
            "no contract of this run is called kes; there are msk, eks",
        ),
        (vec![msk.clone(), eks.clone()], "--target URL is there twice; write NAME=URL for the contract that"),
        (vec![format!("eks={msk}"), format!("eks={eks}")], "is there twice; give each contract one target"),
    ] {
        check(&targets).with(2, &[told]);
    }
    // That one is down says nothing of the other.
    let down = format!("msk={}", nowhere());
    let ended = check(&[down, eks]).with(3, &["the run ended early: cannot connect to "]);
    assert!(ended.out.contains("test eks:ListClusters/valid/0 ... ok"), "{}", ended.out);
}

#[test]
fn a_run_is_recorded_into_a_folder_and_replayed_and_judged_from_there() {
    let folder = folder();
    let path = folder.path().join("runs/mine");
    let words = format!("{SEVERAL} --sandbox --seed 7 {FEW} --record");
    let recorded = run(onrecord(&words).arg(&path)).with(0, &[]);
    assert!(path.join("msk.json").is_file() && path.join("eks.json").is_file());
    let several = "check --contract msk --contract eks";
    let replayed = run(onrecord(&format!("{several} {FEW} --replay")).arg(&path)).with(0, &[]);
    assert_eq!(cases(&replayed), cases(&recorded));
    assert!(replayed.out.contains(", seed 7, "), "{}", replayed.out);
    let judged = run(onrecord(&format!("{several} ListClusters/RS-01 --cassette")).arg(&path)).with(0, &[]);
    assert_eq!(cases(&judged), ["test msk:ListClusters/RS-01 ... ok", "test eks:ListClusters/RS-01 ... ok"]);
    // A contract alone takes the file.
    run(onrecord(&format!("check --contract eks {FEW} --replay")).arg(path.join("eks.json"))).with(0, &[]);
    for flag in ["--replay", "--record"] {
        let told = format!(
            "{flag} {} is a file: with several contracts it is a folder",
            path.join("eks.json").display()
        );
        let sandbox = if flag == "--record" { "--sandbox" } else { "" };
        run(onrecord(&format!("{several} {sandbox} {flag}")).arg(path.join("eks.json"))).with(2, &[&told]);
    }
    fs::remove_file(path.join("eks.json")).unwrap();
    run(onrecord(&format!("{several} --replay")).arg(&path)).with(2, &["eks.json"]);
}

#[test]
fn of_one_cassette_each_contract_judges_its_own_exchanges() {
    let folder = folder();
    let path = folder.path().join("runs");
    run(onrecord(&format!("{SEVERAL} --sandbox {FEW} --record")).arg(&path)).with(0, &[]);
    let load = |name: &str| {
        let text = fs::read_to_string(path.join(name)).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let (mut msk, eks) = (load("msk.json"), load("eks.json"));
    let (own, other) =
        (msk["exchanges"].as_array().unwrap().len(), eks["exchanges"].as_array().unwrap().clone());
    msk["exchanges"].as_array_mut().unwrap().extend(other.clone());
    let both = folder.path().join("both.json");
    fs::write(&both, msk.to_string()).unwrap();
    let report = folder.path().join("report");
    let mut check = onrecord("check --contract msk --contract eks --cassette");
    run(check.arg(&both).arg("--report").arg(&report)).with(0, &[]);
    let parts: Vec<_> = read(&report).parts.iter().map(|part| part.exchanges).collect();
    assert_eq!(parts, [own as u64, other.len() as u64]);
}

#[test]
fn what_is_allowed_may_be_of_one_contract() {
    let allow = |names: &str| run(&mut onrecord(&format!("{SEVERAL} --sandbox {FEW} --allow {names}")));
    allow("CreateCluster,eks:DeleteCluster").with(0, &[]);
    allow("eks:OptionsClusters").with(
        2,
        &["--allow eks:OptionsClusters: no such operation; none of these contracts has it: msk, eks"],
    );
    let words = format!("{SEVERAL} --allow eks:CreateCluster,eks:DeleteCluster CreateCluster/valid --target");
    let ended =
        run(onrecord(&words).arg(nowhere()).args(["--ledger", "/dev/null/none"])).with(3, &["ledger"]);
    assert!(
        ended.out.contains("msk:CreateCluster/valid/0 ... ignored, CreateCluster is not allowed"),
        "{}",
        ended.out
    );
}

#[test]
fn known_findings_are_those_of_their_contracts() {
    let folder = folder();
    let path = folder.path().join("known.toml");
    let check = |words: &str| onrecord(&format!("{SEVERAL} {words}"));
    run(check(&format!("{FAULTY} --write-baseline")).arg(&path)).with(1, &["fill in why"]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("operation = \"eks:ListClusters\"\n"), "{text}");
    let text = text.replace("reason = \"\"", "reason = \"issue 12\"");
    fs::write(&path, &text).unwrap();
    run(check(&format!("{FAULTY} --baseline")).arg(&path)).with(0, &[]);
    let gone = run(check(&format!("--sandbox {FEW} --baseline")).arg(&path)).with(1, &[]);
    assert!(gone.out.contains("the known finding RS-01 on eks:ListClusters"), "{}", gone.out);
    let own = text.split_once("\n# ").map(|(_, rest)| rest.split("\n\n").next().unwrap()).unwrap();
    fs::write(&path, format!("# {own}")).unwrap();
    run(check(&format!("{FAULTY} --baseline")).arg(&path)).with(1, &[]);
    run(onrecord(
        "check --contract msk --cases 1 --sandbox --fault response.other-status ListClusters/valid --baseline",
    )
    .arg(&path))
    .with(0, &[]);
}

#[test]
fn contracts_come_from_the_configuration_too_and_are_not_taken_twice() {
    let folder = folder();
    fs::write(folder.path().join("onrecord.toml"), "contracts = [\"msk\", \"eks\"]\n").unwrap();
    let ended =
        run(onrecord(&format!("check --cases 1 --sandbox {FEW}")).current_dir(folder.path())).with(0, &[]);
    assert_eq!(cases(&ended).len(), 2);
    let ended =
        run(onrecord(&format!("check --contract msk --cases 1 --sandbox {FEW}")).current_dir(folder.path()))
            .with(0, &[]);
    assert_eq!(cases(&ended), ["test ListClusters/valid/0 ... ok"]);
    run(&mut onrecord("check --contract msk --contract msk --sandbox"))
        .with(2, &["two contracts are called msk"]);
    fs::remove_file(folder.path().join("onrecord.toml")).unwrap();
    run(onrecord("check --sandbox").current_dir(folder.path()))
        .with(2, &["no contract: name one with --contract, or in onrecord.toml"]);
}

#[test]
fn a_report_says_how_much_of_the_contracts_was_seen() {
    let folder = folder();
    let report = folder.path().join("report");
    let mut check = onrecord(&format!("{SEVERAL} --sandbox {FEW} --report"));
    let ended = run(check.arg(&report)).with(0, &[]);
    assert!(ended.out.contains("\ncovered     2 of 15 operations, 2 of "), "{}", ended.out);
    let run = read(&report);
    let called: Vec<_> = run.coverage.operations.iter().filter(|it| it.calls > 0).collect();
    let names: Vec<_> = called.iter().map(|it| it.operation.as_str()).collect();
    assert_eq!(names, ["msk:ListClusters", "eks:ListClusters"]);
    assert_eq!(called[0].statuses.seen, ["200"]);
    assert!(called[0].members.unseen.contains(&"clusterInfoList.*.state".to_owned()));
    assert!(run.coverage.resources.iter().any(|it| it.resource == "eks:Cluster"));
}

#[test]
fn an_address_with_a_password_is_refused_before_anything_runs_and_not_told() {
    let folder = folder();
    let report = folder.path().join("report");
    let eks = provider(|_| json("{\"clusters\": []}"));
    for targets in [
        &["http://u:PW@h"][..],
        &["u:P=PW@h"],
        &[&eks, "eks=http://u:PW@h"],
        &[&eks, "kes=http://u:PW@h"],
        &[&eks, "http://u:PW@h"],
    ] {
        for shard in ["1/2", "2/2"] {
            let mut check = onrecord(&format!("{SEVERAL} {FEW} --shard {shard} --report"));
            check.arg(&report).args(targets.iter().flat_map(|target| ["--target", target]));
            let ended = run(&mut check).with(2, &["onrecord"]);
            assert!(ended.out.is_empty() && !ended.err.contains("PW"), "{ended:?}");
            assert!(!report.join("run.json").exists());
        }
    }
}

#[test]
fn a_contract_that_a_filter_leaves_alone_keeps_its_name() {
    let folder = folder();
    let (report, path) = (folder.path().join("report"), folder.path().join("known.toml"));
    let words = format!("{SEVERAL} {} ", FAULTY.replace("ListClusters", "eks:ListClusters"));
    let mut check = onrecord(&words);
    run(check.arg("--report").arg(&report).arg("--write-baseline").arg(&path)).with(1, &[]);
    assert_eq!(read(&report).cases[0].name, "eks:ListClusters/valid/0");
    let text = fs::read_to_string(&path).unwrap().replace("reason = \"\"", "reason = \"issue 12\"");
    fs::write(&path, text).unwrap();
    run(onrecord(&words).arg("--baseline").arg(&path)).with(0, &[]);
}

#[test]
fn what_is_known_of_contracts_that_did_not_run_stays_known() {
    let folder = folder();
    let (report, path) = (folder.path().join("report"), folder.path().join("known.toml"));
    run(onrecord(&format!("{SEVERAL} {FAULTY} --write-baseline")).arg(&path)).with(1, &[]);
    let text = fs::read_to_string(&path).unwrap().replace("reason = \"\"", "reason = \"issue 12\"");
    fs::write(&path, text).unwrap();
    let again = |words: &str| {
        let mut check = onrecord(&format!("{SEVERAL} {words} --baseline"));
        check.arg(&path).arg("--write-baseline").arg(&path).arg("--report").arg(&report);
        check
    };
    for selected in
        ["msk:ListClusters/valid", "ListClusters/valid --shard 1/2", "ListClusters/valid --shard 2/2"]
    {
        run(&mut again(&FAULTY.replace("ListClusters/valid", selected))).with(0, &[]);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("reason = \"issue 12\"").count(), 2, "{selected}: {text}");
        assert!(text.contains("\"msk:ListClusters\"") && text.contains("\"eks:ListClusters\""), "{text}");
    }
    // The second contract cannot begin.
    let before = fs::read_to_string(&path).unwrap();
    let runs = folder.path().join("runs");
    run(onrecord(&format!("{SEVERAL} --sandbox {FEW} --record")).arg(&runs)).with(0, &[]);
    fs::remove_file(runs.join("eks.json")).unwrap();
    run(again("ListClusters/RS-01").arg("--cassette").arg(&runs)).with(2, &["eks.json"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    let partial = read(&report).partial.unwrap();
    assert!(partial.starts_with("eks: ") && partial.contains("eks.json"), "{partial}");
}

#[test]
fn names_of_operations_may_have_colons() {
    let folder = folder();
    let answer = serde_json::json!({"200": {"description": "ok", "content": {"application/json": {"schema":
        {"type": "object", "properties": {"a": {"type": "string"}}}}}}});
    let model = serde_json::json!({"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": {
        "/things": {"get": {"operationId": "things:list", "responses": answer},
            "post": {"operationId": "make:one", "responses": answer}}}});
    fs::write(folder.path().join("things.json"), model.to_string()).unwrap();
    let check = |words: &str| {
        let mut check = onrecord(&format!("check --cases 1 --contract things.json {words}"));
        run(check.current_dir(folder.path()))
    };
    let faulty = "--sandbox --fault response.other-status things:list/valid";
    for (others, name, allowed) in [
        ("", "things:list", "make:one,things:make:one"),
        ("--contract msk", "things:things:list", "make:one,things:make:one,msk:CreateCluster"),
    ] {
        check(&format!("{others} {faulty} --allow {allowed}")).with(1, &[]);
        check(&format!("{others} {faulty} --allow make:two"))
            .with(2, &["--allow make:two: no such operation"]);
        let path = folder.path().join("known.toml");
        check(&format!("{others} {faulty} --write-baseline known.toml")).with(1, &[]);
        let text = fs::read_to_string(&path).unwrap().replace("reason = \"\"", "reason = \"issue 12\"");
        assert!(text.contains(&format!("operation = \"{name}\"\n")), "{text}");
        fs::write(&path, text).unwrap();
        check(&format!("{others} {faulty} --baseline known.toml")).with(0, &[]);
        check(&format!("{others} --sandbox things:list/valid --baseline known.toml")).with(1, &[]);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_was_recorded_of_a_part_is_replayed_with_the_same_words() {
    let folder = folder();
    for (at, words) in [
        "msk:ListClusters/valid",
        "Clusters/valid --shard 1/3",
        "Clusters/valid --shard 2/3",
        "Clusters/valid --shard 3/3",
    ]
    .iter()
    .enumerate()
    {
        let path = folder.path().join(at.to_string());
        let recorded =
            run(onrecord(&format!("{SEVERAL} {words} --sandbox --seed 7 --record")).arg(&path)).with(0, &[]);
        if !path.exists() {
            continue;
        }
        let several = format!("check --contract msk --contract eks {words} --replay");
        let replayed = run(onrecord(&several).arg(&path)).with(0, &[]);
        assert_eq!(cases(&replayed), cases(&recorded));
        assert!(
            replayed.out.contains(", seed 7, ") && !replayed.out.contains("its seed was"),
            "{}",
            replayed.out
        );
    }
}

#[test]
fn a_finding_in_a_shared_cassette_is_found_again() {
    let folder = folder();
    let path = folder.path().join("runs");
    run(onrecord(&format!("{SEVERAL} {FAULTY} --record")).arg(&path)).with(1, &[]);
    let load = |name: &str| {
        let text = fs::read_to_string(path.join(name)).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let (mut both, mut eks) = (load("msk.json"), load("eks.json"));
    let exchanges = both["exchanges"].as_array_mut().unwrap();
    exchanges.append(eks["exchanges"].as_array_mut().unwrap());
    let mut unknown = exchanges[0].clone();
    unknown["request"]["target"] = "/nobody/knows".into();
    exchanges.push(unknown);
    let (file, report) = (folder.path().join("both.json"), folder.path().join("report"));
    fs::write(&file, both.to_string()).unwrap();
    let judge = |filter: &str| {
        let mut check = onrecord(&format!("check --contract msk --contract eks {filter} --cassette"));
        run(check.arg(&file).arg("--report").arg(&report)).with(1, &[]);
        read(&report)
    };
    let whole = judge("");
    assert_eq!(whole.findings.len(), 2);
    for finding in &whole.findings {
        let again = finding.again.strip_prefix("onrecord ").unwrap();
        assert!(again.starts_with("check --contract msk --contract eks --cassette "), "{again}");
        let ended = run(&mut onrecord(again)).with(1, &[]);
        assert_eq!(cases(&ended), [format!("test {} ... FAILED", finding.case)], "{again}");
    }
    let told = |run: &Run| {
        run.notes
            .iter()
            .filter(|it| it.contains("no operation that the contract"))
            .cloned()
            .collect::<Vec<_>>()
    };
    let note = "1 exchanges are of no operation that the contract documents";
    assert_eq!(told(&whole), [format!("msk: {note}")]);
    assert_eq!(told(&judge("eks:")), [format!("eks: {note}")]);
}
