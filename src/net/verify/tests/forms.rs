//! What another implementation of the algorithm makes of the examples' keys, in the forms that a signer
//! with opinions of its own would get wrong.

use super::*;

#[test]
fn a_presigned_request_covers_whatever_fields_its_client_says() {
    let with = |name: &str, value: &str, signature: &str| {
        let mut request = presigned();
        let target = request.target.as_str().replace("=host", &format!("=host%3B{name}"));
        let (rest, _) = target.rsplit_once('=').unwrap();
        request.target = Target::new(format!("{rest}={signature}"));
        request.headers.push(name, value);
        request
    };
    let mode = with(
        "x-amz-checksum-mode",
        "ENABLED",
        "40ffe0ee845a39ea8bb3230294cf8413f608e7458e2e25a35bdd1777552b0523",
    );
    let agent = with(
        "x-amz-user-agent",
        "aws-sdk-js/3",
        "165ce6f2f1ccea85807f9751e7429f6cb424a2523f75ff6054609dfc7ef3a5e9",
    );
    for mut request in [mode, agent] {
        assert_eq!(verify(&request, &keys()), Verdict::Right);
        let name = request.headers.iter().last().unwrap().0.to_owned();
        request.headers.set(&name, "another");
        assert!(matches!(wrong(&request), Wrong::Mismatch { .. }));
    }
}

#[test]
fn a_presigned_request_may_say_in_its_query_what_stands_for_the_body() {
    let mut request = presigned();
    let said = format!("&X-Amz-Content-Sha256={}&X-Amz-Signature=", digest(b"hi"));
    let (rest, _) = request.target.as_str().split_once("&X-Amz-Signature=").unwrap();
    let signature = "2c9ab6ee5c1493e0ebb5da161ebf1a8ea86a8fe01975bcb9428b8c05cee5c767";
    request.target = Target::new(format!("{rest}{said}{signature}"));
    assert_eq!(wrong(&request), Wrong::Digest);
    request.body = Body::from("hi".to_owned());
    assert_eq!(verify(&request, &keys()), Verdict::Right);
}

/// A client may tell the digest beside what it has presigned.
#[test]
fn a_field_beside_a_presigned_request_is_not_what_it_covers() {
    let mut request = presigned();
    request.headers.push("x-amz-content-sha256", digest(b""));
    assert_eq!(verify(&request, &keys()), Verdict::Right);
}

#[test]
fn what_is_added_to_a_presigned_request_is_not_signed() {
    for tail in ["&X-Amz-Security-Token=forged", "&x-id=1"] {
        let mut request = presigned();
        request.target = Target::new(format!("{}{tail}", request.target));
        assert!(matches!(wrong(&request), Wrong::Mismatch { .. }), "{tail}");
    }
    for name in ["X-Amz-Expires", "X-Amz-Signature", "X-Amz-Credential", "x-amz-signature", "X%2DAmz-Date"] {
        let mut request = presigned();
        request.target = Target::new(format!("{}&{name}=0", request.target));
        assert!(matches!(wrong(&request), Wrong::Twice { .. }), "{name}");
    }
    for other in ["=086400&", "=%2B86400&", "=+86400&"] {
        let mut request = presigned();
        request.target = Target::new(request.target.as_str().replace("=86400&", other));
        assert_ne!(verify(&request, &keys()), Verdict::Right, "{other}");
    }
}

#[test]
fn a_presigned_request_is_good_for_a_week_at_most() {
    for (span, signature) in [
        ("0", "484f5ec985aad060ba7f07196b086fcab0f67505cba4c4a4fe522ec7b13faad7"),
        ("604801", "d6f285ce1eb895802441320846b195098ec0d2ec9c83f6a36b9797c993b45a80"),
    ] {
        let target = presigned().target.as_str().replace("=86400&", &format!("={span}&"));
        let (rest, _) = target.rsplit_once('=').unwrap();
        let mut request = presigned();
        request.target = Target::new(format!("{rest}={signature}"));
        assert_eq!(wrong(&request), Wrong::Expiry, "{span}");
    }
}

#[test]
fn s3_takes_a_path_as_it_came_or_escaped_anew() {
    for (path, signature) in [
        ("/b/dt=2024/k", "b4b251347ed31d41a36d621f2a5bdd67fc5457808cabf8cb3726cdf91fde0dbd"),
        ("/b/dt=2024/k", "850a15b9d16056ff239ed433b916616faf181b911a2a44abab4d8ef03a25c655"),
        ("/b/a(1)", "8d43894dc26dbe263e4405a7d5d5e569fe8e088fbd55741206448617000b1151"),
        ("/b/%c3%a9", "40fdcbc55d862cf4ccc7cc9114164e955d1bdc2cf2d1bd82a0eae7678c3a18b4"),
    ] {
        assert_eq!(verify(&for_s3(&format!("GET {path}"), signature), &keys()), Verdict::Right, "{path}");
    }
}

#[test]
fn s3_wants_to_know_what_stands_for_the_body() {
    let none = "2e30a9ea9e198d6369c006e94c241c4117cab2f9619d310d20213c699b31e5cc";
    assert_eq!(wrong(&signed("GET /b/k", "s3", &[], none)), Wrong::Undigested);
    let foo = "78f2d2796b8261bbe650554e0117b022e025b5809f69093b864d162fb411d6fb";
    let field = ("x-amz-content-sha256", "STREAMING-FOO");
    assert_eq!(wrong(&signed("GET /b/k", "s3", &[field], foo)), Wrong::Payload);
}

#[test]
fn bytes_are_signed_that_are_no_text() {
    let query = "bd7984bd5787ed00c5cde25dc982b4e78072de2bcd7aa9e9e8aa822f521184e3";
    assert_eq!(verify(&vanilla("/?prefix=%FF", query), &keys()), Verdict::Right);
    assert!(matches!(wrong(&vanilla("/?prefix=%FE", query)), Wrong::Mismatch { .. }));
    let field = "cbd528e8666e634b758607d727366626ed42ccc6ece05b4efd6ecf8e21edceab";
    let mut request = signed("GET /", "service", &[("x-amz-meta-a", "")], field);
    request.headers.set("x-amz-meta-a", &b"caf\xe9"[..]);
    assert_eq!(verify(&request, &keys()), Verdict::Right);
    request.headers.set("x-amz-meta-a", &b"caf\xe8"[..]);
    assert!(matches!(wrong(&request), Wrong::Mismatch { .. }));
}

#[test]
fn a_plus_is_a_space_or_itself_and_so_is_a_tab() {
    for signature in [
        "caee51ccc0a6499f63b4f079eec9166e9f350bff7d59fb88f28b1ae6e64f54bb",
        "08ae06d9e0118243fd40164247fa7b830898e532a6ffdc5d5cc4abc019af7867",
    ] {
        assert_eq!(verify(&vanilla("/?a=x+y", signature), &keys()), Verdict::Right);
    }
    for value in [" a  b   c", "a\tb c"] {
        let signature = "6c7dcbbc0f18803b7c143dda43aa12c610dd2402ad330eef81289aa4ca2bbefc";
        let request = signed("GET /", "service", &[("x-amz-meta-a", value)], signature);
        assert_eq!(verify(&request, &keys()), Verdict::Right, "{value:?}");
    }
}

#[test]
fn header_fields_of_a_signature_come_once_and_in_order() {
    for name in ["x-amz-date", "authorization", "x-amz-content-sha256"] {
        let mut request = vanilla("/", VANILLA);
        request.headers.push(name, "AWS4-HMAC-SHA256 garbage");
        request.headers.push(name, "19990101T000000Z");
        assert_eq!(wrong(&request), Wrong::Twice { name: name.to_owned() });
    }
    for names in ["x-amz-date;host", "host;host;x-amz-date", "host;x-amz-date;"] {
        let mut request = vanilla("/", VANILLA);
        let said = request.headers.get("authorization").unwrap().replace("host;x-amz-date", names);
        request.headers.set("authorization", said);
        assert_eq!(wrong(&request), Wrong::Order, "{names}");
    }
    let mut request = vanilla("/", VANILLA);
    request.headers.set("x-amz-date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert_eq!(wrong(&request), Wrong::Date);
    request.headers.remove("x-amz-date");
    request.headers.push("date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert!(matches!(wrong(&request), Wrong::Absent { .. }), "signed is x-amz-date");
}
