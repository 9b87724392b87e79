//! Judgement: one promise per file. Pure: exchanges in, verdicts out.
