//! Questions: proptest strategies made from a contract.
