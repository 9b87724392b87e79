//! What another format, or ours, has no place for.

use onrecord::interchange::Left;

use crate::cli::context::Context;

pub(super) fn tell(left: &Left, context: &Context) {
    for (kind, count) in &left.exchanges {
        context.tell(&format!("onrecord: left out: {count} x {kind}"));
    }
    for (kind, count) in &left.details {
        context.tell(&format!("onrecord: not carried: {count} x {kind}"));
    }
}
