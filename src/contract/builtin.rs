use super::{Contract, ContractError};

/// The contracts that come with the program: name and text.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("msk", include_str!("../../contracts/msk.json")),
    ("eks", include_str!("../../contracts/eks.json")),
    ("dsql", include_str!("../../contracts/dsql.json")),
    ("cloudhsm", include_str!("../../contracts/cloudhsm.json")),
    ("astronomer", include_str!("../../contracts/astronomer.yaml")),
];

impl Contract {
    /// The built-in contract of that name; `None` if there is no such contract.
    ///
    /// # Errors
    /// None in a released program: the tests load every built-in contract.
    pub fn built_in(name: &str) -> Option<Result<Self, ContractError>> {
        let (id, text) = BUILT_IN.iter().find(|(id, _)| *id == name)?;
        Some(Self::from_text(id, &format!("built-in:{id}"), text))
    }
}
