//! Lists: pages, tokens and filters.

use serde_json::{Value, json};

use super::{Client, names};

#[test]
fn pages_of_every_size_hold_every_cluster_once_and_in_order() {
    let client = Client::new(&[]);
    let mut expected = Vec::new();
    for count in 0..10_usize {
        for size in [1, 2, 3, 7, 100] {
            let pages = client.walk(&json!({"maxResults": size}));
            assert_eq!(pages.concat(), expected, "{count} clusters in pages of {size}");
            assert_eq!(pages.len(), count.max(1).div_ceil(size), "{count} clusters in pages of {size}");
            assert!(pages.iter().all(|page| page.len() <= size));
        }
        assert_eq!(client.walk(&json!({})), [expected.clone()]);
        let name = format!("cluster-{count}");
        client.create(&name);
        expected.push(name);
    }
}

#[test]
fn a_page_has_the_default_size_when_none_is_asked_for() {
    let client = Client::new(&[]);
    client.create_all((0..101).map(|number| format!("c{number}")));
    let pages = client.walk(&json!({}));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
}

#[test]
fn the_page_size_may_change_in_mid_walk() {
    let client = Client::new(&[]);
    client.create_all((0..4).map(|number| format!("c{number}")));
    let first = client.output("ListClusters", &json!({"maxResults": 1}));
    let rest = client.output("ListClusters", &json!({"maxResults": 100, "nextToken": first["nextToken"]}));
    assert_eq!(names(&rest), ["c1", "c2", "c3"]);
}

#[test]
fn a_cluster_that_is_deleted_in_mid_walk_does_not_move_the_others() {
    let client = Client::new(&[]);
    let arns = client.create_all((0..4).map(|number| format!("c{number}")));
    let first = client.output("ListClusters", &json!({"maxResults": 2}));
    client.output("DeleteCluster", &json!({"clusterArn": arns[1]}));
    let rest = client.output("ListClusters", &json!({"maxResults": 2, "nextToken": first["nextToken"]}));
    assert_eq!(names(&rest), ["c2", "c3"]);
}

#[test]
fn a_token_that_was_never_handed_out_is_refused() {
    let client = Client::new(&[]);
    client.create_all((0..3).map(|number| format!("c{number}")));
    let token = client.output("ListClusters", &json!({"maxResults": 1}))["nextToken"].clone();
    let token = token.as_str().unwrap();
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    let flipped = format!("{}{}", if token.starts_with('A') { "B" } else { "A" }, &token[1..]);
    for altered in [flipped.as_str(), &token[..token.len() - 1], &format!("{token}="), "AA", "", "0", "münze"]
    {
        let error = client.error("ListClusters", &json!({"nextToken": altered}));
        assert_eq!((error.0.as_str(), error.1), ("BadRequestException", 400), "{altered}");
        assert!(error.2.contains("/nextToken"));
    }
}

#[test]
fn a_token_of_one_filter_is_refused_with_another() {
    let client = Client::new(&[]);
    client.create_all(["ab", "ac", "b"]);
    let query = json!({"maxResults": 1, "clusterNameFilter": "a"});
    let token = client.output("ListClusters", &query)["nextToken"].clone();
    for filter in [json!("b"), Value::Null] {
        let mut query = json!({"nextToken": token});
        if !filter.is_null() {
            query["clusterNameFilter"] = filter;
        }
        assert_eq!(client.error("ListClusters", &query).1, 400);
    }
}

#[test]
fn a_filter_lists_what_starts_with_it_and_nothing_else() {
    let client = Client::new(&[]);
    client.create_all(["orders", "sales", "orders-eu", "pre-orders"]);
    for size in [1, 2, 100] {
        let walk =
            |prefix: &str| client.walk(&json!({"clusterNameFilter": prefix, "maxResults": size})).concat();
        assert_eq!(walk("orders"), ["orders", "orders-eu"]);
        assert_eq!(walk("orders-"), ["orders-eu"]);
        assert_eq!(walk("none"), [""; 0]);
        assert_eq!(walk("").len(), 4);
    }
}
