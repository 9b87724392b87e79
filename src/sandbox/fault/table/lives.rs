//! Faults of what is done to things, and of what is seen of them.

use super::fault;
use crate::sandbox::fault::Bend::{Answer, Do, Make, Output, Recall, See, Select};
use crate::sandbox::fault::{Fault, error, filter, lifecycle, repetition};

pub(super) const LIVES: &[Fault] = &[
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
    fault(
        "idempotency.refuses-second-end",
        "a deletion of what is gone is answered with the error for a wrong input",
        &["IT-11"],
        Answer(error::gone_is_invalid),
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
    fault(
        "lifecycle.still-listed",
        "what is gone is still listed",
        &["WT-11", "PG-T36"],
        See(lifecycle::still_listed),
    ),
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
