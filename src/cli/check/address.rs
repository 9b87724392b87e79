//! Where providers are.

use std::str::FromStr;
use std::sync::Arc;

use onrecord::contract::Contract;
use onrecord::net::Upstream;

use crate::cli::failure::Failure;

/// `URL`, or `NAME=URL` for the contract of that name.
#[derive(Debug, Clone)]
pub(super) struct Address {
    contract: Option<String>,
    url: String,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = text.split_once('=').filter(|(name, _)| !name.contains(['/', ':', '@']));
        let (contract, url) = named.map_or((None, text), |(name, url)| (Some(name.to_owned()), url));
        match contract.as_deref() == Some("") || url.is_empty() {
            true => Err("write URL, or NAME=URL for the contract of that name".to_owned()),
            false => Ok(Self { contract, url: url.to_owned() }),
        }
    }
}

/// Refuses what is about no contract of the run, and what is said twice.
pub(super) fn vet(addresses: &[Address], contracts: &[Arc<Contract>]) -> Result<(), Failure> {
    for (at, Address { contract, .. }) in addresses.iter().enumerate() {
        if let Some(name) = contract
            && !contracts.iter().any(|contract| contract.id == *name)
        {
            let ids: Vec<_> = contracts.iter().map(|contract| contract.id.as_str()).collect();
            return Err(Failure::Input(format!(
                "--target {name}=…: no contract of this run is called {name}; there are {}",
                ids.join(", ")
            )));
        }
        if addresses[..at].iter().any(|other| other.contract == *contract) {
            return Err(Failure::Input(match contract {
                Some(name) => format!("--target {name}=… is there twice; give each contract one target"),
                None => {
                    "--target URL is there twice; write NAME=URL for the contract that has its own".to_owned()
                }
            }));
        }
    }
    Ok(())
}

/// The address of a contract's provider.
pub(super) fn of(addresses: &[Address], contract: &Contract) -> Result<Upstream, Failure> {
    let own = |address: &&Address| address.contract.as_ref() == Some(&contract.id);
    let of_all = |address: &&Address| address.contract.is_none();
    let address = addresses.iter().find(own).or_else(|| addresses.iter().find(of_all));
    let Some(address) = address else {
        let id = &contract.id;
        return Err(Failure::Input(format!(
            "{id} has no target; add --target {id}=URL, or --target URL for all that have none"
        )));
    };
    Ok(Upstream::parse(&address.url)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_before_the_address_and_an_equals_sign_in_an_address_is_none() {
        let read = |text: &str| text.parse::<Address>().map(|it| (it.contract, it.url));
        let url = || "http://127.0.0.1:5000".to_owned();
        assert_eq!(read("eks=http://127.0.0.1:5000"), Ok((Some("eks".to_owned()), url())));
        assert_eq!(read("http://127.0.0.1:5000"), Ok((None, url())));
        for url in ["http://a/?b=c", "u:p=w@a"] {
            assert_eq!(read(url), Ok((None, url.to_owned())));
        }
        for wrong in ["", "=http://a", "eks="] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
