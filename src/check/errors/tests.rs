//! What no fault of the sandbox shows: throttles, and ids that clients choose.

use serde_json::json;

use super::super::Coverage;
use super::super::script::{Script, error};

const DATE: &str = "Sat, 14 Mar 2026 09:26:00 GMT";

/// What ER-08 says of a throttled call of DSQL, which documents a number.
fn throttled(retry_after: &str) -> Vec<&'static str> {
    let mut script = Script::of("dsql");
    let call = script.call("ListClusters", &json!({}), 429, &error("ThrottlingException"));
    call.response.headers.push("retry-after", retry_after);
    call.response.headers.push("date", DATE);
    script.said("ER-08")
}

#[test]
fn a_documented_number_of_seconds_is_one() {
    assert_eq!(throttled("5"), ["pass"]);
    assert_eq!(throttled("0"), ["advice"]);
    assert_eq!(throttled("-1"), ["fail"]);
    assert_eq!(throttled("soon"), ["fail"]);
    assert_eq!(throttled("Sat, 14 Mar 2026 09:27:00 GMT"), ["fail"]);
}

#[test]
fn where_no_number_is_documented_a_date_will_do_and_the_body_agrees() {
    let said = |retry_after: &str, seconds: u64| {
        let mut script = Script::of("eks");
        let body = json!({"__type": "ServerException", "message": "no", "retryAfterSeconds": seconds});
        let call = script.call("ListClusters", &json!({}), 503, &body);
        call.response.headers.push("retry-after", retry_after);
        call.response.headers.push("date", DATE);
        script.said("ER-08")
    };
    assert_eq!(said("Sat, 14 Mar 2026 09:27:00 GMT", 5), ["pass"]);
    assert_eq!(said("Sat, 14 Mar 2026 09:25:00 GMT", 5), ["advice"]);
    assert_eq!(said("5", 5), ["pass"]);
    assert_eq!(said("5", 6), ["advice"]);
}

#[test]
fn an_id_that_the_client_chose_may_come_again() {
    let said = |chosen: bool, coverage: Coverage| {
        let mut script = Script::of("eks");
        for _ in 0..2 {
            let call = script.call("ListClusters", &json!({}), 200, &json!({"clusters": []}));
            call.response.headers.push("x-request-id", "Root=1-67891233-abcdef012345678912345678");
            if chosen {
                call.request.headers.push("x-request-id", "Root=1-67891233-abcdef012345678912345678");
            }
        }
        script.says("ER-12", coverage)
    };
    assert_eq!(said(false, Coverage::Whole), ["pass", "advice"]);
    assert_eq!(said(false, Coverage::Excerpt), ["pass", "advice"]);
    assert_eq!(said(true, Coverage::Whole), Vec::<&str>::new());
}
