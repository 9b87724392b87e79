//! Faults of single answers, and of what is taken as right.

use super::fault;
use crate::sandbox::fault::Bend::{Answer, Notice, Output};
use crate::sandbox::fault::{Fault, error, error_fields, response, rule, validation};

pub(super) const ANSWERS: &[Fault] = &[
    fault(
        "response.other-status",
        "a success comes with a status that is not documented",
        &["RS-01"],
        Answer(response::other_status),
    ),
    fault(
        "response.plain-text",
        "a JSON body is labelled as plain text",
        &["RS-02"],
        Answer(response::plain_text),
    ),
    fault(
        "response.other-type",
        "the first number of an output, or else the first yes or no, is written as a text",
        &["RS-03", "PG-O01"],
        Output(response::other_type),
    ),
    fault(
        "response.other-timestamp",
        "the first timestamp of an output is written in another format",
        &["RS-03"],
        Output(response::other_timestamp),
    ),
    fault(
        "response.missing-member",
        "an output lacks a required member",
        &["RS-03"],
        Output(response::missing_member),
    ),
    fault(
        "response.other-case",
        "a required member of an output is written in capitals",
        &["RS-03"],
        Output(response::other_case),
    ),
    fault(
        "response.broken-rule",
        "an output breaks a rule between its members",
        &["RS-04"],
        Output(rule::broken),
    ),
    // A body that is no JSON has no message to look for: ER-07 leaves that to ER-01.
    fault(
        "error.not-json",
        "an error comes with a page of HTML, labelled as JSON",
        &["ER-01"],
        Answer(error::not_json),
    ),
    fault(
        "error.other-type",
        "a documented member of an error has another type",
        &["ER-01"],
        Answer(error::other_type),
    ),
    fault("error.anonymous", "an error does not say which one it is", &["ER-02"], Answer(error::anonymous)),
    // Which status it should have is documented nowhere either, so ER-04 cannot tell.
    fault(
        "error.undeclared",
        "an error is one that is documented nowhere",
        &["ER-03"],
        Answer(error::undeclared),
    ),
    fault(
        "error.other-status",
        "an error comes with the status of another one",
        &["ER-04"],
        Answer(error::other_status),
    ),
    fault(
        "error.no-default-status",
        "an error without a documented status comes with that of a server error",
        &["ER-05", "IN-02"],
        Answer(error::no_default),
    ),
    fault(
        "error.two-names",
        "the header names one error and the body another",
        &["ER-06"],
        Answer(error::two_names),
    ),
    fault("error.silent", "an error has an empty message", &["ER-07"], Answer(error::silent)),
    fault(
        "error.stack-trace",
        "an error shows where in the program it arose",
        &["ER-07"],
        Answer(error::stack_trace),
    ),
    fault(
        "error.internal-host",
        "an error shows the name of a host inside",
        &["ER-07"],
        Answer(error::internal_host),
    ),
    fault(
        "error.retry-someday",
        "an error says to come back, and not when",
        &["ER-08"],
        Answer(error_fields::retry_someday),
    ),
    fault(
        "error.unchallenged",
        "a body that cannot be read is answered as if credentials were missing, without saying which",
        &["ER-10"],
        Answer(error_fields::unchallenged),
    ),
    fault(
        "error.repeats-other-status",
        "an error's body repeats another status than the answer has",
        &["ER-11"],
        Answer(error_fields::repeats_other_status),
    ),
    fault(
        "error.repeats-other-id",
        "an error's body repeats another request id than the answer has",
        &["ER-11"],
        Answer(error_fields::repeats_other_id),
    ),
    fault(
        "error.same-request-id",
        "all answers have the same request id",
        &["ER-12"],
        Answer(error_fields::same_request_id),
    ),
    fault(
        "error.vague",
        "an error for a wrong input does not say what is wrong",
        &["ER-13"],
        Answer(error::vague),
    ),
    fault(
        "error.missing-is-invalid",
        "a name that never named anything is answered with the error for a wrong input",
        &["ER-14"],
        Answer(error::missing_is_invalid),
    ),
    fault(
        "error.more-members",
        "an error has a member that is not documented",
        &["ER-18"],
        Answer(error::more_members),
    ),
    fault(
        "validation.skipped",
        "lengths, ranges, patterns, enums and rules of the input are not looked at",
        &["IN-01", "PG-O01"],
        Notice(validation::shape_only),
    ),
    fault(
        "validation.no-rules",
        "rules between members of the input are not looked at",
        &["IN-01"],
        Notice(validation::no_rules),
    ),
    // IN-01 asks only that the request is not accepted.
    fault(
        "validation.crashes",
        "an input that breaks a constraint is answered with a server error",
        &["IN-02"],
        Answer(validation::invalid_crashes),
    ),
    fault(
        "validation.malformed-crashes",
        "a body that cannot be read is answered with a server error",
        &["IN-02"],
        Answer(validation::malformed_crashes),
    ),
    fault(
        "validation.missing-crashes",
        "an identifier that names nothing is answered with a server error",
        &["IN-02"],
        Answer(validation::missing_crashes),
    ),
    fault(
        "validation.name-is-missing",
        "a malformed name is answered with the error for a name of nothing",
        &["ER-14"],
        Answer(error::invalid_is_missing),
    ),
];
