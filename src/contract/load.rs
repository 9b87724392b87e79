//! From a text to a contract, whatever the text is.

use super::document::Document;
use super::draft::{Draft, Overlay};
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

    /// Loads a Smithy model with what overlays add to it.
    ///
    /// # Errors
    /// Those of [`Contract::from_smithy`], and what an overlay names that the model does not have.
    pub fn with_overlays(
        id: &str,
        file: &str,
        text: &str,
        overlays: &[&Overlay],
    ) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        let mut draft = smithy::draft(id, &document, None)?;
        for overlay in overlays {
            draft.lay(overlay)?;
        }
        Ok(draft.finish())
    }
}
