//! How answers are served: the flags.

use clap::ValueEnum;
use onrecord::replay::{AfterLast, Clock, Pace, Replayer};

#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Serving {
    /// Which time it is for clients: what expires is moved to now, or everything stays as recorded
    #[arg(long, value_name = "TIME", value_enum, default_value_t)]
    clock: Time,
    /// What a request gets whose exchanges were all used: a miss, the last one again, or all of them from the first
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    after_last: After,
    /// Answer who polls for a state with the end of the wait at once; the states on the way count as used
    #[arg(long)]
    collapse_waits: bool,
    /// When the pieces of event streams are sent: at once, or each at its recorded time
    #[arg(long, value_name = "PACE", value_enum, default_value_t)]
    pace: Speed,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Time {
    #[default]
    Now,
    Recorded,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum After {
    #[default]
    Miss,
    Repeat,
    Loop,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Speed {
    #[default]
    None,
    Recorded,
}

impl Serving {
    /// A session that serves so.
    pub(super) fn of(&self, replayer: Replayer) -> Replayer {
        let clock = match self.clock {
            Time::Now => Clock::Now,
            Time::Recorded => Clock::Recorded,
        };
        let after_last = match self.after_last {
            After::Miss => AfterLast::Miss,
            After::Repeat => AfterLast::Repeat,
            After::Loop => AfterLast::Loop,
        };
        let pace = match self.pace {
            Speed::None => Pace::None,
            Speed::Recorded => Pace::Recorded,
        };
        let replayer = replayer.with_clock(clock).with_pace(pace).after_last(after_last);
        if self.collapse_waits { replayer.collapsing_waits() } else { replayer }
    }
}
