use super::*;

fn with_rules(rules: Rules, exchange: &Exchange) -> Exchange {
    Redactor::with(rules).exchange(exchange, &Declared::default()).unwrap().into_inner()
}

#[test]
fn a_users_rules_are_followed() {
    let rules = Rules::default()
        .header("X-Tenant")
        .and_then(|rules| rules.pointer("/users/*/pin"))
        .and_then(|rules| rules.pattern("ticket=([0-9]+)"))
        .and_then(|rules| rules.member("shoeSize"))
        .and_then(|rules| rules.keep("passwordHint"))
        .unwrap();
    let answer = r#"{"users":[{"pin":"12 3","n":"12 3"},{"pin":77}],"log":"ticket=4711234 4711234","shoe_size":"big","myPasswordHint":"a","passwordHint":"the dog","password":"x"}"#;
    let mut asked = exchange("/", "", answer);
    asked.request.headers.push("x-tenant", "tenant-name");
    asked.request.trailers.push("x-tenant", "tenant-name");
    let passed = with_rules(rules, &asked);
    assert_eq!(
        body(&passed),
        r#"{"users":[{"pin":"REDACTED","n":"12 3"},{"pin":0}],"log":"ticket=REDACTED REDACTED","shoe_size":"REDACTED","myPasswordHint":"a","passwordHint":"the dog","password":"REDACTED"}"#
    );
    assert_eq!(passed.request.headers.get("x-tenant").unwrap(), REDACTED);
    assert_eq!(passed.request.trailers.get("x-tenant").unwrap(), REDACTED);
}

#[test]
fn what_a_user_names_gets_a_pseudonym_that_chains() {
    let rules =
        || Rules::default().id("acme").and_then(|rules| rules.id_pattern(r"vol-([0-9a-f]{8})")).unwrap();
    let redactor = Redactor::with(rules());
    let asked =
        exchange("/acme/x?n=acme-prod", "", r#"{"a":"https:\/\/acme.example\/","b":"vol-0a1b2c3d acmes"}"#);
    let passed = redact(&redactor, &asked);
    assert_eq!(passed.request.target.as_str(), "/aaab/x?n=aaab-prod");
    assert_eq!(body(&passed), r#"{"a":"https:\/\/aaab.example\/","b":"vol-2a2a2a2c acmes"}"#);
    assert_eq!(redact(&redactor, &passed), passed);
    assert_eq!(redact(&Redactor::with(rules()), &passed), passed, "a pseudonym is known as one");
    let next = redact(&redactor, &exchange("/vol-0a1b2c3d", "", "vol-ffffffff"));
    assert_eq!(next.request.target.as_str(), "/vol-2a2a2a2c");
    assert_eq!(body(&next), "vol-aaaaaaad");
    assert_eq!(redactor.reveal(&next.request).target.as_str(), "/vol-0a1b2c3d");
    // A literal has its pseudonym in every session, whatever comes first.
    let other = with_rules(rules(), &exchange("/vol-12345678/acme", "", ""));
    assert_eq!(other.request.target.as_str(), "/vol-22222224/aaab");
    let resumed = Redactor::with(rules());
    resumed.resume(&other);
    let fresh = redact(&resumed, &exchange("/vol-12345678", "", ""));
    assert_eq!(fresh.request.target.as_str(), "/vol-22222225");
}

#[test]
fn errors_in_rules_name_the_rule() {
    let error = |made: Result<Rules, RuleError>| made.unwrap_err().to_string();
    assert_eq!(error(Rules::default().header("a b")), "header `a b`: it is no name of a header field");
    assert!(error(Rules::default().pointer("a")).starts_with("pointer `a`: "));
    assert!(error(Rules::default().pattern("(")).starts_with("pattern `(`: unclosed group"));
    assert!(error(Rules::default().pattern("a*")).starts_with("pattern `a*`: it matches the empty text"));
    assert!(error(Rules::default().member("A..b")).starts_with("member `A..b`: "));
    assert!(error(Rules::default().id("--")).starts_with("id `--`: "));
    assert!(error(Rules::default().keep("")).starts_with("keep ``: "));
}

#[test]
fn members_of_a_contract_are_found_by_rule() {
    let contract = crate::contract::Contract::built_in("msk").unwrap().unwrap();
    let rules = Rules::default()
        .member("CreateCluster.brokerNodeGroupInfo.clientSubnets")
        .and_then(|rules| rules.member("CreateCluster.clusterName"))
        .unwrap();
    let asked = r#"{"clusterName":"c","brokerNodeGroupInfo":{"clientSubnets":["subnet-1","subnet-2"]}}"#;
    let mut made = exchange("/v1/clusters", asked, r#"{"clusterName":"c"}"#);
    assert_eq!(rules.members(&contract, &made), ["subnet-1", "subnet-2", "c", "c"]);
    made.request.target = Target::new("/v1/configurations");
    assert!(rules.members(&contract, &made).is_empty());
}

#[test]
fn what_is_learned_late_is_taken_out_of_earlier_exchanges() {
    let redactor = Redactor::new();
    let early = exchange("/?x=hunter22", "", "hunter22 111122223333");
    let passed = redactor.exchange(&early, &Declared::default()).unwrap();
    assert_eq!(redactor.again(&passed).unwrap(), passed);
    redact(&redactor, &exchange("/", r#"{"password":"hunter22"}"#, ARN));
    let again = redactor.again(&passed).unwrap();
    assert_eq!(again.request.target.as_str(), "/?x=REDACTED");
    assert_eq!(body(&again), "REDACTED 000000030444");
    let mut named = early;
    named.operation = Some("hunter22".into());
    let leak = redactor.again(&Redacted::read_back(named)).unwrap_err();
    assert_eq!(leak.place, "name of the operation");
}

#[test]
fn pages_that_were_given_pseudonyms_stay_as_they_are_at_the_gate() {
    let redactor = Redactor::new();
    let pass = |cursor: &str| {
        let declared = Declared { cursors: vec![cursor.into()], ..Declared::default() };
        redactor.exchange(&exchange("/", "", cursor), &declared).unwrap()
    };
    for passed in [pass("AAAADAWpfNQ"), pass("cursor-1"), pass("cursor-2")] {
        assert_eq!(redactor.again(&passed).unwrap(), passed);
    }
}

#[test]
fn compressed_bodies_are_written_again_in_their_coding() {
    for coding in ["gzip", "deflate", "br", "zstd", "aws-chunked, gzip"] {
        let pack =
            |text: &str| encoding::pack(coding.trim_start_matches("aws-chunked, "), text.as_bytes()).unwrap();
        let mut packed = exchange("/", "", "");
        packed.response.headers.push("content-encoding", coding);
        packed.response.headers.set("content-length", pack(r#"{"password":"hunter22"}"#).len().to_string());
        packed.response.body = Body::from(pack(r#"{"password":"hunter22"}"#));
        let passed = redact(&Redactor::new(), &packed);
        assert_eq!(passed.response.body, Body::from(pack(r#"{"password":"REDACTED"}"#)));
        let length = passed.response.headers.get("content-length").unwrap().into_owned();
        assert_eq!(length, passed.response.body.len().to_string());
        assert_eq!(passed.response.headers.get("content-encoding").unwrap(), coding);
        packed.response.body = Body::from(pack(r#"{"a":1}"#));
        assert_eq!(redact(&Redactor::new(), &packed).response.body, packed.response.body);
    }
}

#[test]
fn what_was_packed_before_it_was_sent_and_json_with_a_nul_are_looked_into() {
    let packed = |text: &str| encoding::pack("gzip", text.as_bytes()).unwrap();
    let mut file = exchange("/", "", "");
    file.response.headers.set("content-type", "application/octet-stream");
    file.response.body = Body::from(packed(r#"{"password":"hunter22"}"#));
    let passed = redact(&Redactor::new(), &file);
    assert_eq!(passed.response.body, Body::from(packed(r#"{"password":"REDACTED"}"#)));

    let mut odd = exchange("/", "", "{\"a\":\"\u{0}\",\"password\":\"hunter22\"}");
    odd.response.headers.set("content-type", "application/json");
    let passed = redact(&Redactor::new(), &odd);
    assert!(passed.response.body.text().unwrap().contains("REDACTED"));
}

#[test]
fn of_what_broke_off_as_much_is_missing_as_before() {
    let mut cut = exchange("/", "", r#"{"password":"hunter2222"#);
    cut.response.headers.set("content-length", "100");
    cut.ending = Ending::Aborted;
    let passed = redact(&Redactor::new(), &cut);
    assert_eq!(passed.response.headers.get("content-length").unwrap(), "98");
}

#[test]
fn hosts_of_an_account_get_pseudonyms_of_their_form() {
    let redactor = Redactor::new();
    let id = "abcdefghij0123456789abcdef";
    let answer = format!(
        r#"{{"identifier":"{id}","arn":"arn:aws:dsql:us-east-1:{ACCOUNT}:cluster/{id}","brokers":"b-1.demo.x1y2z3.c2.kafka.us-east-1.amazonaws.com:9092","public":"kafka.us-east-1.amazonaws.com"}}"#
    );
    let passed = redact(&redactor, &exchange("/cluster", "", &answer));
    assert!(
        !body(&passed).contains(id)
            && !body(&passed).contains("x1y2z3")
            && body(&passed).contains("\"kafka.us-")
    );
    let next = redact(&redactor, &exchange(&format!("/cluster/{id}"), "", ""));
    let pseudonym = next.request.target.as_str().trim_start_matches("/cluster/").to_owned();
    assert!(body(&passed).contains(&format!("cluster/{pseudonym}")));
    assert_eq!((pseudonym.len(), &pseudonym[..13]), (26, "aaaaaaaaaa222"));
    assert_eq!(redact(&Redactor::new(), &passed), passed);
    assert_eq!(redactor.reveal(&next.request).target.as_str(), format!("/cluster/{id}"));
    let named = exchange(&format!("/?h={id}.dsql.us-east-1.on.aws"), "", &answer);
    assert!(body(&redact(&Redactor::new(), &named)).contains(id), "what a client names first is its own");
}

#[test]
fn what_was_replaced_is_counted_once() {
    let redactor = Redactor::new();
    let mut asked = exchange("/", "", &format!(r#"{{"a":"{ARN}","password":"hunter22"}}"#));
    asked.request.headers.push("authorization", "Bearer abcdefghijkl");
    redact(&redactor, &asked);
    let counts = redactor.counts();
    let expected = [("UUIDs", 1), ("account ids", 1), ("credentials", 1), ("secrets", 1)];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn what_older_rules_left_is_suspicious() {
    let mut left =
        exchange("/?X-Amz-Security-Token=abc", "", r#"{"password":"hunter22","k":"AKIAIOSFODNN7EXAMPLE"}"#);
    left.request.headers.push("authorization", "Bearer abcdefghijkl");
    let told: Vec<_> =
        suspicions(&left, &Rules::default(), &Declared::default()).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "what looks like a secret in the request query",
            "a credential in the request header `authorization`",
            "what looks like a secret in the response body"
        ]
    );
    assert!(suspicions(&redact(&Redactor::new(), &left), &Rules::default(), &Declared::default()).is_empty());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_gate_lets_alone_only_what_a_passage_would_not_change(
        secret in secret(), place in 0_usize..7, how in 0_usize..10, what in 0_usize..4,
    ) {
        let redactor = Redactor::new();
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        let value = [secret.as_str(), ACCOUNT, uuid, "ABCDEFGHIJKLMNOPQRST"][what];
        let mut early = exchange("/v1/clusters", "", "");
        plant(&mut early, place, &encoded(value, how, 1));
        let left = Redacted::read_back(early);
        let mut late = exchange("/", "", &format!("{ARN} {uuid}"));
        late.response.headers.push("x-amzn-requestid", "ABCDEFGHIJKLMNOPQRST");
        let declared = Declared { secrets: vec![secret], ..Declared::default() };
        redactor.exchange(&late, &declared).unwrap();
        let again = redactor.again(&left);
        let known = redactor.read();
        let mut passage = Passage::new(&known, &redactor.rules);
        let expected = rewritten(&left, &mut |place, bytes| passage.rewrite_again(place, bytes));
        prop_assert_eq!(known.hunt_exchange(&expected).err(), again.as_ref().err().cloned());
        if let Ok(again) = again {
            prop_assert_eq!(&*again, &expected);
        }
    }
}
