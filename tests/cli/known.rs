//! Findings that somebody knows of.

use std::fs;
use std::path::Path;

use onrecord::report::Run;

use crate::support::{Ended, folder, onrecord, run};

const FAULTY: &str = "check --contract msk --sandbox --cases 1 --fault pagination.cycle ListClusters/pages";
const SOUND: &str = "check --contract msk --sandbox --cases 1 ListClusters/pages";

fn with(words: &str, baseline: &Path) -> Ended {
    run(onrecord(words).arg("--baseline").arg(baseline))
}

/// A baseline of the faulty sandbox, with reasons.
fn baseline(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("known.toml");
    let told = ["the findings are in ", "known.toml; fill in why"];
    run(onrecord(FAULTY).arg("--write-baseline").arg(&path)).with(1, &told);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[[known]]\ncheck = \"PG-T02\"\noperation = \"ListClusters\"\nplace = "), "{text}");
    with(FAULTY, &path).with(2, &["known.toml:", ": the reason is empty; say why this finding may stay"]);
    fs::write(&path, text.replace("reason = \"\"", "reason = \"<issue 12>\"")).unwrap();
    path
}

#[test]
fn known_findings_break_no_run_and_every_report_says_why() {
    let folder = folder();
    let path = baseline(folder.path());
    let report = folder.path().join("report");
    let words = format!("{FAULTY} --report {}", report.display());
    let ended = with(&words, &path).with(0, &[]);
    assert!(!ended.out.contains("FAILED"), "{}", ended.out);
    assert!(ended.out.contains(": <issue 12>") && ended.out.contains(" known\n"), "{}", ended.out);
    let file = |name: &str| fs::read_to_string(report.join(name)).unwrap();
    let (xml, page, markdown) = (file("junit.xml"), file("report.html"), file("report.md"));
    assert!(xml.contains("&lt;issue 12&gt;") && !xml.contains("<failure"), "{xml}");
    assert!(page.contains("<p class=\"reason\">Known until ") && page.contains("&lt;issue 12&gt;"));
    assert!(
        markdown.split_once("### Known findings").is_some_and(|(_, known)| known.contains("issue 12")),
        "{markdown}"
    );
    let recorded = Run::from_json("run.json", &file("run.json")).unwrap();
    let known = recorded.findings.iter().filter_map(|finding| finding.known.as_ref());
    assert!(known.clone().count() > 0 && known.clone().all(|known| known.reason == "<issue 12>"));
    // What is rendered later says the same.
    run(onrecord("report").arg(report.join("run.json"))).with(0, &[]);
    // And what was written once keeps its reasons.
    let text = fs::read_to_string(&path).unwrap();
    run(onrecord(FAULTY).arg("--write-baseline").arg(&path)).with(2, &["known.toml is there already"]);
    with(&format!("{FAULTY} --write-baseline {}", path.display()), &path).with(0, &[]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn what_has_expired_or_is_gone_breaks_the_run() {
    let folder = folder();
    let path = baseline(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    // It is gone: its case ran, and its check found nothing.
    let gone = with(SOUND, &path).with(1, &[]);
    let told = "the known finding PG-T02 on ListClusters";
    assert!(gone.out.contains(told) && gone.out.contains("take it out of the baseline"), "{}", gone.out);
    // Where its case does not run, nobody can say.
    with(&SOUND.replace("pages", "valid"), &path).with(0, &[]);

    let expired = text.lines().map(|line| match line.starts_with("expires") {
        true => "expires = 2020-02-29\n".to_owned(),
        false => format!("{line}\n"),
    });
    fs::write(&path, expired.collect::<String>()).unwrap();
    let expired = with(FAULTY, &path).with(1, &[]);
    assert!(expired.out.contains("was known until 2020-02-29 (<issue 12>)"), "{}", expired.out);
}

#[test]
fn of_shards_only_the_whole_can_say_what_is_gone() {
    let folder = folder();
    let path = baseline(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    // Without its case, an entry waits for all of them.
    let lines = text.lines().filter(|line| !line.starts_with("case")).map(|line| format!("{line}\n"));
    fs::write(&path, lines.collect::<String>()).unwrap();
    let sound = SOUND.replace(" ListClusters/pages", "");
    let parts = [1, 2].map(|index| {
        let part = folder.path().join(index.to_string());
        with(&format!("{sound} --shard {index}/2 --report {}", part.display()), &path).with(0, &[]);
        part.join("run.json")
    });
    let merged = run(onrecord("report").args(parts)).with(1, &[]);
    assert!(merged.out.contains("take it out of the baseline (<issue 12>)"), "{}", merged.out);
}

#[test]
fn a_baseline_that_is_not_there_is_told_with_its_cure() {
    run(&mut onrecord("check --contract msk --sandbox --baseline none.toml"))
        .with(2, &["cannot read none.toml: ", "--write-baseline none.toml makes one"]);
}
