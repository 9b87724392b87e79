//! From a text to a contract, whatever the text is.

use super::document::Document;
use super::draft::Draft;
use super::{Contract, ContractError, smithy};

impl Contract {
    /// Loads a Smithy model. `id` is what users call the contract, `file` names the text in errors.
    ///
    /// # Errors
    /// Says where the text is not a Smithy model, which shape is missing, or which protocol is
    /// not known.
    pub fn from_smithy(id: &str, file: &str, text: &str) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        smithy::draft(id, &document, None).map(Draft::finish)
    }
}
