use serde_json::{Value, json};

use super::super::Coverage;
use super::super::script::{Script, error};
use crate::contract::Contract;

/// A page of `ListClusters`.
fn page(script: &mut Script, input: &Value, items: &[&str], token: Option<&str>) {
    let item = |name: &&str| {
        let arn = format!("arn:aws:kafka:us-east-1:111122223333:cluster/{name}/1");
        json!({ "clusterArn": arn, "clusterName": name, "state": "ACTIVE" })
    };
    let mut body = json!({ "clusterInfoList": items.iter().map(item).collect::<Vec<_>>() });
    if let Some(token) = token {
        body["nextToken"] = json!(token);
    }
    script.call("ListClusters", input, 200, &body);
}

fn refuse(script: &mut Script, input: &Value) {
    script.call("ListClusters", input, 400, &error("BadRequestException"));
}

#[test]
fn a_size_may_change_on_the_way() {
    let said = |size: u64, answered: bool| {
        let mut script = Script::of("msk");
        page(&mut script, &json!({"maxResults": 1}), &["a"], Some("token-1"));
        let next = json!({"maxResults": size, "nextToken": "token-1"});
        match answered {
            true => page(&mut script, &next, &["b"], None),
            false => refuse(&mut script, &next),
        }
        (script.said("PG-T19"), script.said("PG-T03"))
    };
    assert_eq!(said(2, true), (vec!["pass"], vec!["pass"]));
    assert_eq!(said(2, false), (vec!["fail"], vec![]));
    assert_eq!(said(1, true), (vec![], vec!["pass"]));
    assert_eq!(said(1, false), (vec![], vec!["fail"]));
    assert_eq!(said(1000, false), (vec![], vec![]));
}

#[test]
fn a_token_is_bound_to_its_filter_where_all_is_known() {
    let said = |status: u16, coverage| {
        let mut script = Script::of("msk");
        page(&mut script, &json!({"maxResults": 1}), &["a"], Some("token-1"));
        let next = json!({"maxResults": 1, "nextToken": "token-1", "clusterNameFilter": "a"});
        let body = if status == 200 { json!({"clusterInfoList": []}) } else { error("BadRequestException") };
        script.call("ListClusters", &next, status, &body);
        script.says("PG-T20", coverage)
    };
    assert_eq!(said(200, Coverage::Whole), ["fail"]);
    assert_eq!(said(400, Coverage::Whole), ["pass"]);
    assert_eq!(said(200, Coverage::Excerpt), ["the token may have been handed out before the recording"]);
    let mut both = Script::of("msk");
    for filter in ["a", "b"] {
        page(&mut both, &json!({"clusterNameFilter": filter}), &["a"], Some("token-1"));
        page(&mut both, &json!({"clusterNameFilter": filter, "nextToken": "token-1"}), &["b"], None);
    }
    assert_eq!(both.said("PG-T20"), Vec::<&str>::new());
}

#[test]
fn a_token_is_bound_to_its_operation() {
    let said = |status: u16| {
        let mut script = Script::of("cloudhsm");
        let listed = json!({"Clusters": [{"ClusterId": "cluster-aaaaaaaaaaa"}], "NextToken": "token-1"});
        script.call("DescribeClusters", &json!({"MaxResults": 1}), 200, &listed);
        let body =
            if status == 200 { json!({"TagList": []}) } else { error("CloudHsmInvalidRequestException") };
        let input = json!({"ResourceId": "cluster-aaaaaaaaaaa", "NextToken": "token-1"});
        script.call("ListTags", &input, status, &body);
        (script.said("PG-T22"), script.said("PG-T21"))
    };
    assert_eq!(said(200), (vec!["fail"], vec![]));
    assert_eq!(said(400), (vec!["pass"], vec![]));
    assert_eq!(said(500), (vec!["the provider failed, which is another law's matter"], vec![]));
}

#[test]
fn a_token_leads_to_the_same_page_again() {
    let said = |again: &[&str], made: bool| {
        let mut script = Script::of("msk");
        if made {
            let shown = json!({"clusterArn": "arn:aws:kafka:us-east-1:111122223333:cluster/c/1"});
            script.call("CreateCluster", &json!({"clusterName": "c"}), 200, &shown);
        }
        page(&mut script, &json!({"maxResults": 1}), &["a"], Some("token-1"));
        let next = json!({"maxResults": 1, "nextToken": "token-1"});
        page(&mut script, &next, &["b"], None);
        page(&mut script, &next, again, None);
        script.said("PG-T24")
    };
    assert_eq!(said(&["b"], false), ["pass"]);
    assert_eq!(said(&["c"], false), ["fail"]);
    assert_eq!(said(&[], false), ["fail"]);
    assert_eq!(said(&["b", "c"], true), ["a list may lag behind what was made just before"]);
}

#[test]
fn a_second_walk_shows_what_the_first_did() {
    let said = |again: &[&str]| {
        let mut script = Script::of("msk");
        page(&mut script, &json!({}), &["a", "b"], None);
        page(&mut script, &json!({}), again, None);
        (script.said("PG-T42"), script.said("PG-T39"))
    };
    let late = "a list may lag behind what was made just before";
    assert_eq!(said(&["a", "b"]), (vec!["pass"], vec!["pass"]));
    assert_eq!(said(&["b", "a"]), (vec!["pass"], vec!["fail"]));
    assert_eq!(said(&["a"]), (vec!["fail"], vec![late]));
    let mut apart = Script::of("msk");
    page(&mut apart, &json!({}), &["a"], None);
    let arn = json!({"clusterArn": "arn:aws:kafka:us-east-1:111122223333:cluster/a/1"});
    apart.call("DeleteCluster", &arn, 200, &json!({}));
    page(&mut apart, &json!({}), &[], None);
    assert_eq!(apart.said("PG-T42"), Vec::<&str>::new());
}

#[test]
fn a_token_is_no_count() {
    let said = |tokens: [&str; 2]| {
        let mut script = Script::of("msk");
        page(&mut script, &json!({"maxResults": 2}), &["a", "b"], Some(tokens[0]));
        page(&mut script, &json!({"maxResults": 2, "nextToken": tokens[0]}), &["c", "d"], Some(tokens[1]));
        page(&mut script, &json!({"maxResults": 2, "nextToken": tokens[1]}), &["e"], None);
        script.said("PG-T25")
    };
    assert_eq!(said(["2", "4"]), ["fail"]);
    assert_eq!(said(["2", "3"]), ["pass"]);
    assert_eq!(said(["token-1", "token-2"]), ["pass"]);
}

#[test]
fn a_documented_size_is_refused_only_if_another_one_is_not() {
    let said = |shown: bool, size: u64| {
        let mut script = Script::of("msk");
        if shown {
            page(&mut script, &json!({}), &["a"], None);
        }
        refuse(&mut script, &json!({"maxResults": size}));
        script.said("PG-T16")
    };
    assert_eq!(said(true, 100), ["fail"]);
    assert_eq!(said(true, 1), ["fail"]);
    assert_eq!(said(true, 50), Vec::<&str>::new());
    assert_eq!(said(false, 100), ["the list was shown with no other size"]);
}

/// A provider whose pages say more than their items.
fn talkative() -> Script {
    let model = json!({"smithy": "2.0", "shapes": {
        "t#Talk": {"type": "service", "version": "1", "operations": [{"target": "t#ListWords"}],
            "traits": {"aws.protocols#restJson1": {}}},
        "t#ListWords": {"type": "operation", "input": {"target": "t#In"}, "output": {"target": "t#Out"},
            "traits": {"smithy.api#readonly": {}, "smithy.api#http": {"method": "GET", "uri": "/words"},
                "smithy.api#paginated": {"inputToken": "next", "outputToken": "next", "items": "words"}}},
        "t#In": {"type": "structure", "members": {
            "next": {"target": "smithy.api#String", "traits": {"smithy.api#httpQuery": "next"}}}},
        "t#Words": {"type": "list", "member": {"target": "smithy.api#String"}},
        "t#Out": {"type": "structure", "members": {"words": {"target": "t#Words"},
            "next": {"target": "smithy.api#String"}, "language": {"target": "smithy.api#String"},
            "isTruncated": {"target": "smithy.api#Boolean"}}}}});
    Script::with(read(&model))
}

fn read(model: &Value) -> Contract {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    std::fs::write(&path, model.to_string()).unwrap();
    Contract::open(path.to_str().unwrap(), &[]).unwrap()
}

#[test]
fn what_stands_beside_the_items_agrees_with_them() {
    let said = |language: &str, last: bool| {
        let mut script = talkative();
        let first = json!({"words": ["a"], "next": "token-1", "language": "en", "isTruncated": true});
        script.call("ListWords", &json!({}), 200, &first);
        let second = json!({"words": ["b"], "language": language, "isTruncated": !last});
        script.call("ListWords", &json!({"next": "token-1"}), 200, &second);
        (script.said("PG-T31"), script.said("PG-T41"))
    };
    assert_eq!(said("en", true), (vec!["pass"], vec!["pass"]));
    assert_eq!(said("fr", true), (vec!["advice"], vec!["pass"]));
    assert_eq!(said("en", false), (vec!["pass"], vec!["fail"]));
}

/// A page of clusters that the client counts.
fn window(script: &mut Script, offset: i64, limit: i64, names: &[&str]) {
    let clusters: Vec<_> = names.iter().map(|name| json!({ "id": name })).collect();
    let body = json!({"clusters": clusters, "offset": offset, "limit": limit, "totalCount": 4});
    let input = json!({"organizationId": "o", "offset": offset, "limit": limit});
    script.call("ListClusters", &input, 200, &body);
}

fn astronomer() -> Script {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/astronomer.yaml");
    Script::with(Contract::open(path, &[]).unwrap())
}

#[test]
fn windows_into_one_list_agree() {
    let said = |offset: i64, limit: i64, names: &[&str]| {
        let mut script = astronomer();
        window(&mut script, 0, 4, &["a", "b", "c", "d"]);
        window(&mut script, 0, 2, &["a", "b"]);
        window(&mut script, offset, limit, names);
        let last = |check: &str| script.said(check).pop();
        (last("PG-O04"), last("PG-O05"), last("PG-O06"))
    };
    assert_eq!(said(2, 2, &["c", "d"]), (Some("pass"), None, Some("pass")));
    assert_eq!(said(2, 2, &["d", "c"]), (Some("fail"), None, Some("pass")));
    assert_eq!(said(1, 2, &["b", "c"]), (Some("pass"), Some("pass"), None));
    assert_eq!(said(1, 2, &["c", "b"]), (Some("pass"), Some("fail"), None));
    assert_eq!(said(2, 2, &["a", "d"]), (Some("fail"), None, Some("fail")));
}

#[test]
fn behind_the_end_there_is_nothing() {
    let said = |offset: i64, status: u16, names: &[&str]| {
        let mut script = astronomer();
        window(&mut script, 0, 4, &["a", "b", "c", "d"]);
        match status {
            200 => window(&mut script, offset, 2, names),
            _ => {
                let input = json!({"organizationId": "o", "offset": offset, "limit": 2});
                let body = json!({"message": "no", "requestId": "r", "statusCode": status});
                script.call("ListClusters", &input, status, &body);
            }
        }
        (script.said("PG-O07"), script.said("PG-O09"))
    };
    assert_eq!(said(4, 200, &[]), (vec!["pass"], vec![]));
    assert_eq!(said(4, 200, &["d"]), (vec!["fail"], vec![]));
    assert_eq!(said(4, 400, &[]), (vec!["fail"], vec![]));
    assert_eq!(said(1 << 31, 200, &[]), (vec!["pass"], vec!["pass"]));
    assert_eq!(said(1 << 31, 500, &[]), (vec![], vec!["fail"]));
}

/// A provider whose client counts pages.
fn counting() -> Script {
    let query =
        |name: &str| json!({"target": "smithy.api#Integer", "traits": {"smithy.api#httpQuery": name}});
    let model = json!({"smithy": "2.0", "shapes": {
        "c#Count": {"type": "service", "version": "1", "operations": [{"target": "c#ListWords"}],
            "traits": {"aws.protocols#restJson1": {}}},
        "c#ListWords": {"type": "operation", "input": {"target": "c#In"}, "output": {"target": "c#Out"},
            "traits": {"smithy.api#readonly": {}, "smithy.api#http": {"method": "GET", "uri": "/words"},
                "onrecord#paginated": {"style": "page", "inputToken": "page", "pageSize": "size",
                    "items": "words", "total": "total"}}},
        "c#In": {"type": "structure", "members": {"page": query("page"), "size": query("size")}},
        "c#Words": {"type": "list", "member": {"target": "smithy.api#String"}},
        "c#Out": {"type": "structure", "members": {"words": {"target": "c#Words"},
            "total": {"target": "smithy.api#Integer"}, "has_next": {"target": "smithy.api#Boolean"}}}}});
    Script::with(read(&model))
}

#[test]
fn a_flag_says_whether_the_total_is_reached() {
    let said = |flags: [bool; 2]| {
        let mut script = counting();
        for (page, words) in [(1, json!(["a", "b"])), (2, json!(["c"]))] {
            let body = json!({"words": words, "total": 3, "has_next": flags[page - 1]});
            script.call("ListWords", &json!({"page": page, "size": 2}), 200, &body);
        }
        (script.said("PG-O15"), script.said("PG-T32"))
    };
    assert_eq!(said([true, false]), (vec!["pass"], vec!["pass"]));
    assert_eq!(said([false, false]), (vec!["fail"], vec!["pass"]));
    assert_eq!(said([true, true]), (vec!["fail"], vec!["pass"]));
}
