//! How answers are served: the flags.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use onrecord::replay::{AfterLast, Clock, Library, Pace, Replayer};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use crate::cli::context::Context;

#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Serving {
    /// Which time it is for clients: what expires is moved to now, or everything stays as recorded
    #[arg(long, value_name = "TIME", value_parser = one_of::<Clock>(&["now", "recorded"]), default_value = "now")]
    clock: Clock,
    /// What a request gets whose exchanges were all used: a miss, the last one again, or all of them from the first
    #[arg(long, value_name = "WHAT", value_parser = one_of::<AfterLast>(&["miss", "repeat", "loop"]), default_value = "miss")]
    pub(super) after_last: AfterLast,
    /// Answer who polls for a state with the end of the wait at once; the states on the way count as used
    #[arg(long)]
    collapse_waits: bool,
    /// When the pieces of event streams are sent: at once, or each at its recorded time
    #[arg(long, value_name = "PACE", value_parser = one_of::<Pace>(&["none", "recorded"]), default_value = "none")]
    pace: Pace,
}

impl Serving {
    /// Says so if no wait can be collapsed.
    pub(super) fn tell_idle(&self, library: &Library, context: &Context) {
        if let Some(why) = self.collapse_waits.then(|| library.keeps_from_collapsing()).flatten() {
            context.tell(&format!("onrecord: --collapse-waits does nothing here: {why}"));
        }
    }

    /// A session that serves so.
    pub(super) fn of(&self, replayer: Replayer) -> Replayer {
        let replayer = replayer.with_clock(self.clock).with_pace(self.pace).after_last(self.after_last);
        if self.collapse_waits { replayer.collapsing_waits() } else { replayer }
    }
}

/// A value of the library, by its name.
fn one_of<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: for<'d> Deserialize<'d> + Clone + Send + Sync + 'static,
{
    let named = |name: String| T::deserialize(IntoDeserializer::<Error>::into_deserializer(name));
    PossibleValuesParser::new(names).try_map(named)
}
