use std::time::Duration;

use super::super::Finding;
use super::super::curl::{self, Signing};
use crate::cassette::stored::StoredExchange;
use crate::exchange::{
    Body, Ending, Exchange, Headers, Method, Request, Response, Target, Timestamp, Timing,
};

const PAGE: &str = "Amazon MSK API Reference: Clusters, GET <https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html#clustersget>";
const CLUSTER: &str = "Amazon MSK API Reference: Cluster, GET, 404 <https://docs.aws.amazon.com/msk/1.0/apireference/clusters-clusterarn.html>";
const ARN: &str =
    "arn%3Aaws%3Akafka%3Aus-east-1%3A000000000001%3Acluster%2Forders%2F00000000-0000-4000-8000-000000000001";

pub(super) fn all() -> Vec<Finding> {
    vec![
        unknown_arn(
            "ST-02",
            "status.no-server-error",
            "a status below 500: the client's input is at fault",
            "status 500",
        ),
        timestamp(),
        unknown_arn("ER-04", "errors.status", "status 404 (NotFoundException)", "status 500"),
        unknown_arn(
            "ER-14",
            "errors.not-found",
            "NotFoundException with status 404",
            "status 500 with text/html: no documented error can be read from it",
        ),
        long_name(),
        truncated(),
        page_size(),
        content_type(),
        unnamed_member(),
    ]
}

pub(super) fn exchange(
    (method, target, sent): (&str, &str, Option<&str>),
    (status, content_type, answered): (u16, &str, &str),
) -> StoredExchange {
    let mut request = Request::new(Method::from(method), Target::new(target));
    request.headers = Headers::from_iter([
        ("host", "127.0.0.1:5000"),
        ("user-agent", "onrecord/0.1.0"),
        ("authorization", "REDACTED"),
        ("x-amz-date", "20260314T092653Z"),
    ]);
    if let Some(sent) = sent {
        request.headers.push("content-type", "application/json");
        request.body = Body::from(sent.to_owned());
    }
    let mut response = Response::new(status);
    response.headers = Headers::from_iter([
        ("server", "Werkzeug/3.1.3 Python/3.13.2"),
        ("content-type", content_type),
        ("date", "Sat, 14 Mar 2026 09:26:53 GMT"),
    ]);
    response.body = Body::from(answered.to_owned());
    let started = Timestamp::parse("2026-03-14T09:26:53.250Z").unwrap();
    let timing = Timing { started, first_byte: Duration::from_millis(3), duration: Duration::from_millis(4) };
    StoredExchange::from(&Exchange { operation: None, request, response, ending: Ending::Complete, timing })
}

fn finding(
    check: (&str, &str, &str),
    at: (&str, &str),
    said: (&str, &str),
    evidence: Vec<StoredExchange>,
) -> Finding {
    let case = format!("{}/{}", at.0, check.1.split_once('.').unwrap().1);
    Finding {
        check: check.0.to_owned(),
        name: check.1.to_owned(),
        operation: at.0.to_owned(),
        level: check.2.to_owned(),
        place: at.1.to_owned(),
        expected: said.0.to_owned(),
        actual: said.1.to_owned(),
        documented: if at.0 == "DescribeCluster" { CLUSTER } else { PAGE }.to_owned(),
        count: 9,
        curl: curl::script(
            &evidence,
            "http://127.0.0.1:5000",
            Some(&Signing { service: "kafka".to_owned(), region: "us-east-1".to_owned() }),
        ),
        evidence,
        again: format!("onrecord check --contract msk --target http://127.0.0.1:5000 --seed 7 {case}"),
        case,
        stands: None,
        known: None,
    }
}

fn unknown_arn(check: &str, name: &str, expected: &str, actual: &str) -> Finding {
    let html = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request.</p>\n";
    let get =
        exchange(("GET", &format!("/v1/clusters/{ARN}"), None), (500, "text/html; charset=utf-8", html));
    finding((check, name, "MUST"), ("DescribeCluster", "response status"), (expected, actual), vec![get])
}

fn cluster(name: &str, at: usize) -> String {
    format!(
        r#"{{"activeOperationArn":null,"clusterArn":"arn:aws:kafka:us-east-1:000000000001:cluster/{name}/00000000-0000-4000-8000-00000000000{at}","clusterName":"{name}","creationTime":"2026-03-14T09:26:5{at}.118302","currentVersion":"K3P5ROKL5A1OLE","numberOfBrokerNodes":3,"state":"ACTIVE","tags":{{}},"zookeeperConnectString":"zookeeper.example.com:2181"}}"#
    )
}

fn clusters() -> String {
    format!(
        r#"{{"clusterInfoList":[{},{},{}]}}"#,
        cluster("orders", 1),
        cluster("billing", 2),
        cluster("audit", 3)
    )
}

fn create(name: &str) -> StoredExchange {
    let sent = format!(
        r#"{{"clusterName":"{name}","kafkaVersion":"3.6.0","numberOfBrokerNodes":3,"brokerNodeGroupInfo":{{"clientSubnets":["subnet-0a1b2c3d","subnet-4e5f6071","subnet-8293a4b5"],"instanceType":"kafka.m5.large"}}}}"#
    );
    let answered = format!(
        r#"{{"clusterArn":"arn:aws:kafka:us-east-1:000000000001:cluster/{name}/00000000-0000-4000-8000-000000000001","clusterName":"{name}","state":"CREATING"}}"#
    );
    exchange(("POST", "/v1/clusters", Some(&sent)), (200, "text/html; charset=utf-8", &answered))
}

fn timestamp() -> Finding {
    finding(
        ("SH-03", "shape.timestamps", "MUST"),
        ("ListClusters", "response body /clusterInfoList/2/creationTime"),
        ("a date-time with an offset, as 2026-03-14T09:26:53.118Z", "\"2026-03-14T09:26:53.118302\""),
        vec![
            create("orders"),
            exchange(("GET", "/v1/clusters", None), (200, "application/json", &clusters())),
        ],
    )
}

fn long_name() -> Finding {
    finding(
        ("IN-02", "input.rejects-invalid", "MUST"),
        ("CreateCluster", "request body /clusterName"),
        (
            "a client error: clusterName has at most 64 characters",
            "status 200: a name of 65 characters was accepted",
        ),
        vec![create(&"a".repeat(65))],
    )
}

fn truncated() -> Finding {
    finding(
        ("PG-T08", "pagination.truncation-has-token", "MUST"),
        ("ListClusters", "response body /nextToken"),
        ("a nextToken, or no more than 1 item: the request asks for pages of 1", "3 items and no nextToken"),
        vec![
            create("orders"),
            create("billing"),
            create("audit"),
            exchange(("GET", "/v1/clusters?maxResults=1", None), (200, "application/json", &clusters())),
        ],
    )
}

fn page_size() -> Finding {
    let evidence = truncated().evidence.split_off(3);
    finding(
        ("PG-T09", "pagination.page-size", "MUST"),
        ("ListClusters", "response body /clusterInfoList"),
        ("at most 1 item", "3 items"),
        evidence,
    )
}

fn content_type() -> Finding {
    finding(
        ("CT-01", "content-type.documented", "SHOULD"),
        ("CreateCluster", "response header content-type"),
        ("application/json", "text/html; charset=utf-8"),
        vec![create("orders")],
    )
}

fn unnamed_member() -> Finding {
    let sent = r#"{"clusterName":"orders","kafkaVersion":"3.6.0","brokerNodeGroupInfo":{"clientSubnets":["subnet-0a1b2c3d"],"instanceType":"kafka.m5.large"}}"#;
    let answered = "{\"message\": \"Bad input\", \"invalidParameter\": null}";
    let mut finding = finding(
        ("IN-03", "input.names-member", "ADV"),
        ("CreateCluster", "response body /invalidParameter"),
        ("the name of the missing member, numberOfBrokerNodes", "null"),
        vec![exchange(("POST", "/v1/clusters", Some(sent)), (400, "application/json", answered))],
    );
    finding.count = 1;
    finding
}
