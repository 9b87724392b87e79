//! From a text to a contract, whatever the text is.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::draft::{Draft, Overlay};
use super::{Contract, ContractError, openapi, smithy};
use crate::encoding::digest;

/// What an overlay's name ends with that lies beside its contract.
const OVERLAYS: &[&str] = &["overlay.json", "overlay.yaml", "overlay.yml"];

impl Contract {
    /// Loads a model: Smithy JSON AST, OpenAPI or Swagger, in JSON or YAML. `id` is what users call
    /// the contract, `file` names the text in errors.
    ///
    /// # Errors
    /// Says where the text is no such model, or what in it is missing.
    pub fn from_text(id: &str, file: &str, text: &str) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        draft(id, &document, None, &alone).map(Draft::finish)
    }

    /// Loads a Smithy model.
    ///
    /// # Errors
    /// Says where the text is not a Smithy model, which shape is missing, or which protocol is
    /// not known.
    pub fn from_smithy(id: &str, file: &str, text: &str) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        smithy::draft(id, &document, None).map(Draft::finish)
    }

    /// Loads one of several services of a Smithy model, see [`Contract::from_smithy`].
    ///
    /// # Errors
    /// As there, and where the model has no such service.
    pub fn from_smithy_service(
        id: &str,
        file: &str,
        text: &str,
        service: &str,
    ) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        smithy::draft(id, &document, Some(service)).map(Draft::finish)
    }

    /// Loads a model with what overlays add to it, see [`Contract::from_text`].
    ///
    /// # Errors
    /// As there, and what an overlay names that the model does not have.
    pub fn with_overlays(
        id: &str,
        file: &str,
        text: &str,
        overlays: &[Overlay],
    ) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        let mut draft = draft(id, &document, None, &alone)?;
        for overlay in overlays {
            draft.lay(overlay)?;
        }
        Ok(draft.finish())
    }

    /// Loads the model in a file, with the files that it refers to, the overlay beside it
    /// (`NAME.overlay.json`) and further overlays, of which the later ones win. Of a Smithy file
    /// with several services, `FILE#Service` is one.
    ///
    /// # Errors
    /// Says which file cannot be read, where it is no model, or which word of an overlay is about
    /// nothing.
    pub fn open(path: &str, overlays: &[PathBuf]) -> Result<Self, ContractError> {
        let (path, service) = match path.rsplit_once('#') {
            Some((file, service)) if !Path::new(path).exists() => (file, Some(service)),
            _ => (path, None),
        };
        let mut texts = Texts::default();
        let document = Document::read(path, &texts.read(Path::new(path))?)?;
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let others = RefCell::new(Texts::default());
        let beside =
            |other: &str| others.borrow_mut().bytes(&folder.join(other)).map_err(|error| error.to_string());
        let mut draft = draft(&stem(path), &document, service, &beside)?;
        texts.digests.extend(others.into_inner().digests);
        for overlay in beside_of(path).iter().chain(overlays) {
            lay(&mut draft, overlay, &mut texts)?;
        }
        draft.contract.digest = texts.digest();
        Ok(draft.finish())
    }
}

/// The digests of all texts that a contract is made of.
#[derive(Default)]
struct Texts {
    digests: Vec<String>,
}

impl Texts {
    fn bytes(&mut self, path: &Path) -> std::io::Result<Vec<u8>> {
        let bytes = std::fs::read(path)?;
        self.digests.push(digest(&bytes));
        Ok(bytes)
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>, ContractError> {
        self.bytes(path).map_err(|error| ContractError {
            file: path.display().to_string(),
            line: None,
            column: None,
            pointer: None,
            problem: format!("the file cannot be read: {error}"),
            mend: "name a file that holds a model".to_owned(),
        })
    }

    /// One digest of them all; that of the text where there is one.
    fn digest(mut self) -> String {
        match self.digests.len() {
            1 => self.digests.swap_remove(0),
            _ => digest(self.digests.join("\n").as_bytes()),
        }
    }
}

/// The files beside a text that is in none.
fn alone(_: &str) -> Result<Vec<u8>, String> {
    Err("the contract is a text of its own, without a folder".to_owned())
}

/// The draft of a model, in whatever language it is.
fn draft(
    id: &str,
    document: &Document,
    service: Option<&str>,
    files: openapi::Files<'_>,
) -> Result<Draft, ContractError> {
    if document.root.get("smithy").is_some() {
        return smithy::draft(id, document, service);
    }
    if let Some(service) = service {
        let problem = format!("the document has no service {service}: it is no Smithy model");
        return Err(document.error("", problem, "name the file alone"));
    }
    openapi::draft(id, document, files)
}

fn lay(draft: &mut Draft, path: &Path, texts: &mut Texts) -> Result<(), ContractError> {
    let file = path.display().to_string();
    draft.lay(&Overlay::read(&file, &texts.read(path)?)?)
}

/// The overlays that lie beside a model.
fn beside_of(path: &str) -> Vec<PathBuf> {
    let names = OVERLAYS.iter().map(|end| Path::new(path).with_file_name(format!("{}.{end}", stem(path))));
    names.filter(|overlay| overlay.is_file()).collect()
}

/// What users call a contract: the file's name without what says that it is one.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let bare = [".json", ".yaml", ".yml"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let bare =
        [".openapi", ".smithy", ".swagger"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const THINGS: &str = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\npaths:\n  /a:\n    get:\n      \
        operationId: List\n      responses:\n        '200': {content: {application/json: {schema: {$ref: 'more/thing.yaml'}}}}\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn open(folder: &tempfile::TempDir, name: &str, overlays: &[PathBuf]) -> Result<Contract, ContractError> {
        Contract::open(folder.path().join(name).to_str().unwrap(), overlays)
    }

    #[test]
    fn a_contract_is_all_its_files() {
        let thing = "type: object\nproperties: {name: {type: string}}\n";
        let folder = folder(&[
            ("things.openapi.yaml", THINGS),
            ("more/thing.yaml", thing),
            ("mine.yaml", "operations: {List: {safety: destroy}}"),
        ]);
        let plain = open(&folder, "things.openapi.yaml", &[]).unwrap();
        assert_eq!((plain.id.as_str(), plain.shape("Thing").members().count()), ("things", 1));
        let overlay = [folder.path().join("mine.yaml")];
        let overlaid = open(&folder, "things.openapi.yaml", &overlay).unwrap();
        assert_eq!(overlaid.operation("List").unwrap().safety, crate::contract::Safety::Destroy);
        fs::write(
            folder.path().join("things.overlay.json"),
            r#"{"operations": {"List": {"safety": "change"}}}"#,
        )
        .unwrap();
        let beside = open(&folder, "things.openapi.yaml", &[]).unwrap();
        assert_eq!(beside.operation("List").unwrap().safety, crate::contract::Safety::Change);
        let both = open(&folder, "things.openapi.yaml", &overlay).unwrap();
        assert_eq!(both.operation("List").unwrap().safety, crate::contract::Safety::Destroy);
        fs::write(folder.path().join("more/thing.yaml"), "type: object\n").unwrap();
        let changed = open(&folder, "things.openapi.yaml", &[]).unwrap();
        let mut digests = vec![plain.digest, overlaid.digest, beside.digest, both.digest, changed.digest];
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), 5, "every text counts");
    }

    #[test]
    fn one_of_several_services_is_named_behind_the_file() {
        let service = r#"{"type": "service", "version": "1", "traits": {"aws.protocols#restJson1": {}}}"#;
        let model = format!(r#"{{"smithy": "2.0", "shapes": {{"x#A": {service}, "x#B": {service}}}}}"#);
        let folder = folder(&[("model.json", &model), ("things.yaml", "openapi: 3.0.0\npaths: {/a: {}}")]);
        assert_eq!(open(&folder, "model.json#B", &[]).unwrap().service, "B");
        assert!(open(&folder, "model.json", &[]).unwrap_err().problem.contains("several services"));
        assert!(open(&folder, "things.yaml#B", &[]).unwrap_err().problem.contains("no service B"));
        let gone = open(&folder, "gone.json", &[]).unwrap_err();
        assert!(gone.problem.starts_with("the file cannot be read"), "{gone}");
    }
}
