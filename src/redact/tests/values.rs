//! What is written in the place of a value keeps its document readable.

use super::*;

fn said(answer: &str, with: &Exchange, secrets: &[&str]) -> String {
    let redactor = Redactor::new();
    let declared =
        Declared { secrets: secrets.iter().map(|&secret| secret.into()).collect(), ..Declared::default() };
    let mut asked = with.clone();
    asked.response.body = Body::from(answer.to_owned());
    body(&redactor.exchange(&asked, &declared).unwrap()).to_owned()
}

#[test]
fn a_secret_that_is_a_number_leaves_a_number() {
    let asked = exchange("/", r#"{"password":773311}"#, "");
    let answer = r#"{"order":773311,"t":1773311000,"s":"773311","m":[1, 773311 ,2]}"#;
    assert_eq!(said(answer, &asked, &[]), r#"{"order":0,"t":1773311000,"s":"REDACTED","m":[1, 0 ,2]}"#);
}

#[test]
fn a_short_declared_number_goes_where_it_is_a_whole_one() {
    let mut asked = exchange("/", r#"{"pin":4711}"#, "");
    asked.request.headers.push("amz-sdk-request", "attempt=1; max=4711");
    let passed = Redactor::new()
        .exchange(&asked, &Declared { secrets: vec!["4711".into()], ..Declared::default() })
        .unwrap();
    assert_eq!(passed.request.body.text(), Some(r#"{"pin":0}"#));
    assert_eq!(passed.request.headers.get("amz-sdk-request").as_deref(), Some("attempt=1; max=4711"));
    assert_eq!(said(r#"{"pin":4711,"max":47110}"#, &asked, &["4711"]), r#"{"pin":0,"max":47110}"#);
}

#[test]
fn a_secret_may_end_in_a_word_for_secrets() {
    for secret in ["Xk29-secret", "my-password", "correct-horse-apikey"] {
        let asked = exchange("/", &format!(r#"{{"adminPassword":"{secret}"}}"#), "");
        assert_eq!(said(&format!("login with {secret}"), &asked, &[]), "login with REDACTED");
    }
    let asked = exchange("/", r#"{"adminPassword":"password"}"#, "");
    assert_eq!(said("the word password", &asked, &[]), "the word password");
}

#[test]
fn what_was_overwritten_in_its_length_is_no_secret() {
    let passed = redact(&Redactor::new(), &exchange("/", "", "\0\x01 https://user:hunter22xy@host/ \0"));
    assert_eq!(body(&passed), "\0\x01 https://user:REDACTEDRE@host/ \0");
    assert!(suspicions(&passed, &Rules::default(), &Declared::default()).is_empty());
    assert_eq!(redact(&Redactor::new(), &passed), passed);
}
