use proptest::prelude::{ProptestConfig, any, proptest};

use super::super::example;
use super::*;

#[test]
fn the_page_loads_nothing() {
    for run in [example::moto(), example::clean(), example::nothing(), example::filled("x")] {
        let page = render(&run);
        let (head, rest) = page.split_once("<style>").unwrap();
        let (_, body) = rest.split_once("</style>").unwrap();
        assert!(!head.contains("http:") && !head.contains("https:"), "{head}");
        for loads in ["src=", "@import", "url(", "<link rel=\"stylesheet", "<iframe", "<object", "style="] {
            assert!(!page.contains(loads), "{loads}");
        }
        // Whoever follows a link leaves the page on purpose.
        for (at, _) in body.match_indices("href=\"") {
            let target = &body[at + 6..];
            let documentation = body[..at].ends_with("<a ") && target.starts_with("https:&#x2f;&#x2f;");
            assert!(target.starts_with('#') || documentation, "{}", &target[..40]);
        }
    }
}

#[test]
fn every_link_inside_the_page_leads_somewhere() {
    let page = render(&example::moto());
    let mut links = 0;
    for (at, _) in page.match_indices("href=\"#") {
        let anchor = page[at + 7..].split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
        links += 1;
    }
    assert!(links > 30, "{links}");
}

#[test]
fn anchors_are_unique() {
    let page = render(&example::moto());
    let mut ids: Vec<_> =
        page.match_indices(" id=\"").map(|(at, _)| page[at + 5..].split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn every_table_has_heads() {
    let page = render(&example::moto());
    assert_eq!(
        page.matches("<th").count() - page.matches("<thead").count(),
        page.matches("<th scope=").count()
    );
    assert_eq!(page.matches("<tr").count(), page.matches("</tr>").count());
}

#[test]
fn what_a_provider_says_is_text() {
    let run = example::filled("<script>alert(1)</script><img src=x onerror=alert(2)>\"' onload=\u{202e}");
    let page = render(&run);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert!(!page.contains("<img"));
    assert!(!page.contains("\"' onload"));
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn the_banner_says_what_the_run_comes_to() {
    let banner = |run: &Run| {
        let page = render(run);
        let (_, rest) = page.split_once("role=\"status\">").unwrap();
        rest.split_once("</p>").unwrap().0.to_owned()
    };
    let mut lenient = example::moto();
    lenient.findings.retain(|finding| finding.level != "MUST");
    insta::assert_snapshot!(banner(&example::moto()), @"The provider breaks its contract: 9 findings (7 MUST, 1 SHOULD, 1 advisory), 7 of 8 operations tested.");
    insta::assert_snapshot!(banner(&lenient), @"No MUST is broken: 2 findings (1 SHOULD, 1 advisory), 7 of 8 operations tested.");
    insta::assert_snapshot!(banner(&example::clean()), @"Nothing found: 2,585 verdicts passed, 42 not testable, 7 of 8 operations tested.");
    insta::assert_snapshot!(banner(&example::nothing()), @"Nothing was tested: this run says nothing about the provider.");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_text_changes_the_structure(text in any::<String>()) {
        let tags = |text: &str| {
            let page = render(&example::filled(text));
            let (head, body) = page.split_once("<main>").unwrap();
            assert!(!head[head.find("</style>").unwrap()..].contains('\0'));
            ["<div", "<p", "<a ", "<code", "<th", "<td", "<article", "<script"].map(|tag| body.matches(tag).count())
        };
        // Not of this text: an address makes a link, a line feed a line, and a void text none.
        if text.contains("http") || text.trim().is_empty() || text.contains(['\n', '\r', '/']) {
            return Ok(());
        }
        assert_eq!(tags(&text), tags("x"));
    }
}
