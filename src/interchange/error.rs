use thiserror::Error;

use crate::contract::ContractError;

/// Why a file of another tool is not read; names the place and the mend.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct ImportError(#[from] ContractError);
