//! `--validate`: what is demanded of the client besides that its requests were recorded.

use std::sync::Arc;

use onrecord::contract::Contract;
use onrecord::net::Answer;
use onrecord::replay::Validating;

use crate::cli::context::Context;

/// What is demanded of the client.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Strictness {
    /// Refuse requests that break what their contract documents, and fail
    #[arg(long)]
    validate: bool,
}

/// What was demanded, and whether all kept to it.
#[derive(Default)]
pub(super) struct Demanded(Option<Arc<Validating>>);

impl Strictness {
    /// Stands before what answers, where something is demanded.
    pub(super) fn before(
        &self,
        answer: Arc<dyn Answer>,
        contracts: &[Arc<Contract>],
    ) -> (Arc<dyn Answer>, Demanded) {
        if !self.validate {
            return (answer, Demanded::default());
        }
        let validating = Validating::new(answer, contracts.to_vec())
            .on_invalid(|invalid| Context::shout(&format!("onrecord: invalid: {invalid}\n")));
        let validating = Arc::new(validating);
        (validating.clone(), Demanded(Some(validating)))
    }
}

impl Demanded {
    /// Whether a request was refused; says how many.
    pub(super) fn was_broken(&self, context: &Context) -> bool {
        let invalid = self.0.as_ref().map_or(0, |validating| validating.invalid());
        if invalid > 0 {
            context
                .tell(&format!("onrecord: {invalid} refused, for they break what their contract documents"));
        }
        invalid > 0
    }
}
