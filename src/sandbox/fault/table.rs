//! Every fault, by family, with exactly the checks that it breaks.

use super::Bend::{self, Answer, Cursor, Do, Make, Notice, Output, Page, Recall, See, Select, Tokens};
use super::{
    Fault, error, filter, lifecycle, link, pagination, repetition, response, rule, token, validation,
};

/// Every fault, by family. What a fault breaks of counted lists has no ground where there are none.
pub const FAULTS: &[Fault] = &[
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
        "pagination.endless",
        "behind the last page come empty pages, each with a new token",
        &["PG-T01"],
        Page(pagination::endless),
    ),
    // The walk does not end either; PG-T01 is about walks that find ever new tokens.
    fault(
        "pagination.cycle",
        "behind the last page come two empty pages whose tokens lead to each other",
        &["PG-T02"],
        Page(pagination::cycle),
    ),
    fault(
        "pagination.dead-end",
        "the last page has a token, which is refused when it is followed",
        &["PG-T03"],
        Output(pagination::dead_end),
    ),
    // Where the client counts, two windows show the item.
    fault(
        "pagination.duplicate",
        "the last item is listed twice",
        &["PG-T05", "PG-O06"],
        Select(pagination::duplicate),
    ),
    // The walk differs from one large page, and that page is a walk of another size. PG-T08 is not
    // broken: the last page is not full.
    fault(
        "pagination.lost-item",
        "the last page of a walk lacks its last item",
        &["PG-T06", "PG-T07", "PG-T12", "PG-T32", "PG-O02", "PG-O15"],
        Page(pagination::lost_item),
    ),
    fault(
        "pagination.reordered",
        "with pages of one item, the last two items change places",
        &["PG-T07", "PG-O04", "PG-O06"],
        Select(pagination::reordered),
    ),
    // No walk has a second page, so there is none for PG-T06 and PG-T07 to compare.
    fault(
        "pagination.truncated",
        "a page that leaves items out has no token",
        &["PG-T08", "PG-O15"],
        Page(pagination::truncated),
    ),
    fault(
        "pagination.oversized",
        "a page has one item more than was asked for",
        &["PG-T09", "PG-O02", "PG-O15"],
        Page(pagination::oversized),
    ),
    fault(
        "pagination.uncapped",
        "without a size, everything comes in one page",
        &["PG-T13", "PG-O02"],
        Page(pagination::uncapped),
    ),
    fault(
        "pagination.token-restarts",
        "a token that was never handed out leads to the first page",
        &["PG-T21", "PG-T20", "PG-T22"],
        Cursor(pagination::restarts),
    ),
    // No documented constraint of the input is broken, so that IN-02 does not count it as a mistake.
    fault(
        "pagination.token-crashes",
        "a token that was never handed out is answered with a server error",
        &["PG-T21"],
        Answer(validation::token_crashes),
    ),
    fault(
        "pagination.other-offset",
        "who counts is told another offset or page than the one asked for",
        &["PG-O01"],
        Output(pagination::other_offset),
    ),
    fault(
        "pagination.short-window",
        "a counted page has one item less than were asked for",
        &["PG-O02", "PG-O15"],
        Page(pagination::short_window),
    ),
    // Pages that are not full go with the total, so that PG-O02 sees nothing.
    fault(
        "pagination.other-total",
        "the total of a counted list is one more in its middle",
        &["PG-O03"],
        Page(pagination::wrong_total),
    ),
    fault(
        "pagination.short-page",
        "a page with others behind it has one item less than were asked for",
        &["PG-T10"],
        Page(token::shorter),
    ),
    fault(
        "pagination.hollow",
        "behind the last page of a walk come three empty ones",
        &["PG-T11"],
        Page(token::hollow),
    ),
    fault(
        "pagination.one-more",
        "behind a full last page comes an empty one",
        &["PG-T12"],
        Page(token::one_more),
    ),
    fault(
        "pagination.refuses-maximum",
        "the largest documented page size is refused",
        &["PG-T16"],
        Cursor(token::refuses_maximum),
    ),
    fault(
        "pagination.bound-to-size",
        "a token is refused with another page size",
        &["PG-T19"],
        Cursor(token::bound_to_size),
    ),
    fault(
        "pagination.any-filter",
        "a token is good for another filter too",
        &["PG-T20"],
        Cursor(token::any_filter),
    ),
    fault(
        "pagination.any-operation",
        "a token is good for another operation too",
        &["PG-T22"],
        Cursor(token::any_operation),
    ),
    fault(
        "pagination.used-up",
        "a page that is asked for twice in a row has lost its first item",
        &["PG-T24"],
        Page(repetition::used_up),
    ),
    fault(
        "pagination.counts",
        "a token is the number of items shown so far",
        &["PG-T25"],
        Tokens(token::counts, token::counted),
    ),
    fault(
        "pagination.no-items",
        "a page without items lacks their list",
        &["PG-T30"],
        Output(token::no_items),
    ),
    fault(
        "pagination.other-beside",
        "what stands beside the items is another text on every later page",
        &["PG-T31"],
        Output(token::other_beside),
    ),
    fault(
        "pagination.wrong-flag",
        "the flag for a list that goes on says the opposite",
        &["PG-T41", "PG-O15"],
        Output(token::wrong_flag),
    ),
    // The end comes one page later, and that page is as empty as its total says it is not.
    fault(
        "pagination.one-too-many",
        "the total of a counted list is one more than its items",
        &["PG-T32", "PG-O02", "PG-O15"],
        Page(token::one_too_many),
    ),
    fault(
        "pagination.shuffled",
        "a list that is asked for again has its first two items in another order",
        &["PG-T39"],
        Select(repetition::shuffled),
    ),
    // It is counted without the item too.
    fault(
        "pagination.fades",
        "a list on one page lacks its last item when it is asked for again",
        &["PG-T42", "PG-O03"],
        Select(repetition::fades),
    ),
    fault(
        "pagination.link-elsewhere",
        "the link to the next page leads to another host",
        &["PG-T33"],
        Output(link::elsewhere),
    ),
    fault(
        "pagination.link-forgets",
        "the link to the next page lacks the size that was asked for",
        &["PG-T34"],
        Output(link::forgets),
    ),
    fault(
        "pagination.link-beyond",
        "the last page of a counted list links to another one",
        &["PG-O15"],
        Output(link::beyond),
    ),
    fault(
        "pagination.rounded-offset",
        "a window begins at a multiple of its size",
        &["PG-O05"],
        Page(token::rounded),
    ),
    fault(
        "pagination.refuses-far",
        "an offset far behind the last item is refused",
        &["PG-O07"],
        Cursor(token::refuses_far),
    ),
    fault(
        "pagination.far-crashes",
        "an offset that no list is as long as is answered with a server error",
        &["PG-O09"],
        Answer(token::far_crashes),
    ),
    fault(
        "idempotency.forgets",
        "a request that comes again with its token is done again",
        &["IT-01"],
        Recall(repetition::forgets),
    ),
    fault(
        "idempotency.any-parameters",
        "a token answers whatever other request comes with it",
        &["IT-03"],
        Recall(repetition::any_parameters),
    ),
    // It is counted twice too.
    fault(
        "readonly.leaves-twin",
        "once one thing was read, the last one is listed twice",
        &["IT-12", "PG-O03"],
        Select(repetition::read_leaves_twin),
    ),
    fault("filter.ignored", "a filter changes nothing", &["FL-01"], Select(filter::ignored)),
    fault(
        "filter.drops-last",
        "a filtered list lacks the last item that fits",
        &["FL-02"],
        Select(filter::drops_last),
    ),
    fault(
        "lifecycle.listed-is-lost",
        "what a list has just shown is not found",
        &["LD-01"],
        See(lifecycle::lost_after_list),
    ),
    fault(
        "lifecycle.listed-otherwise",
        "a list shows a text otherwise than the operation that shows the thing alone",
        &["LD-02"],
        Output(lifecycle::listed_otherwise),
    ),
    fault("lifecycle.unlisted", "a list shows nothing", &["LD-03"], See(lifecycle::unlisted)),
    fault(
        "lifecycle.answers-otherwise",
        "the answer to a creation shows a text otherwise than the thing has it",
        &["LD-04"],
        Output(lifecycle::answers_otherwise),
    ),
    fault(
        "lifecycle.set-otherwise",
        "a thing is made with another value than was set",
        &["LD-04"],
        Make(lifecycle::set_otherwise),
    ),
    fault(
        "lifecycle.updates-refused",
        "an update that is refused changes something",
        &["LD-05"],
        Do(lifecycle::changed_all_the_same),
    ),
    fault(
        "lifecycle.other-region",
        "the ARN of a thing is one of another Region",
        &["LD-06"],
        Make(lifecycle::other_region),
    ),
    fault("lifecycle.forgets-tags", "tags are not put on", &["LD-07"], Do(lifecycle::untagged)),
    fault("lifecycle.undeleted", "a deletion deletes nothing", &["LD-09"], Do(lifecycle::undeleted)),
    fault(
        "lifecycle.leaves-refused",
        "a creation that is refused makes something",
        &["LD-10"],
        Do(lifecycle::made_all_the_same),
    ),
    fault("lifecycle.future", "things were made tomorrow", &["LD-14"], Output(lifecycle::future)),
    fault("lifecycle.flaps", "what was found is not found for once", &["WT-05"], See(lifecycle::flaps)),
    fault("lifecycle.still-listed", "what is gone is still listed", &["WT-11"], See(lifecycle::still_listed)),
    fault(
        "lifecycle.moving-birth",
        "a thing was made at another time wherever it is shown",
        &["WT-13"],
        Output(lifecycle::moving_birth),
    ),
    fault(
        "state.unknown",
        "a thing is in a state that is not documented",
        &["WT-01"],
        Output(lifecycle::unknown_state),
    ),
    fault(
        "state.goes-back",
        "a thing at rest is in its first state again, for two looks",
        &["WT-02"],
        See(lifecycle::goes_back),
    ),
    fault(
        "state.begins-settled",
        "a thing is at rest from its creation on",
        &["WT-04"],
        Make(lifecycle::begins_settled),
    ),
    fault(
        "state.interrupted",
        "while one waits, an answer is an error of another kind",
        &["WT-06"],
        See(lifecycle::interrupted),
    ),
];

const fn fault(name: &'static str, says: &'static str, breaks: &'static [&'static str], bend: Bend) -> Fault {
    Fault { name, says, breaks, bend }
}
