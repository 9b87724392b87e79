//! XML by what it says: the order of attributes, quotes, CDATA, comments and the space between elements
//! are not compared. Prefixes are: nothing here resolves a namespace.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value, json};

/// Deeper documents are compared as they are.
const DEEPEST: usize = 100;

/// An element that is being read.
struct Open {
    name: String,
    attributes: Map<String, Value>,
    children: Vec<Value>,
}

/// The one element of a document; `None` for what is none, or says what we do not read.
pub(super) fn canonical(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    // The outermost stands for the document.
    let mut open = vec![Open { name: String::new(), attributes: Map::new(), children: Vec::new() }];
    loop {
        match reader.read_event().ok()? {
            Event::Decl(declared) => {
                let encoding = declared.encoding().transpose().ok()?;
                if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"utf-8")) {
                    return None;
                }
            }
            Event::Start(start) if open.len() <= DEEPEST => open.push(begun(&start)?),
            Event::Empty(start) => {
                let element = element(begun(&start)?);
                open.last_mut()?.children.push(element);
            }
            Event::End(_) if open.len() > 1 => {
                let ended = element(open.pop()?);
                open.last_mut()?.children.push(ended);
            }
            Event::Text(text) => push_text(open.last_mut()?, &text.xml10_content().ok()?),
            Event::CData(data) => push_text(open.last_mut()?, &data.xml10_content().ok()?),
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => named(&name.decode().ok()?)?.to_owned(),
                };
                push_text(open.last_mut()?, &character);
            }
            Event::Comment(_) => {}
            Event::Eof => break,
            Event::Start(_) | Event::End(_) | Event::PI(_) | Event::DocType(_) => return None,
        }
    }
    let [document] = open.as_mut_slice() else { return None };
    let children = without_spacing(std::mem::take(&mut document.children));
    match <[Value; 1]>::try_from(children).ok()? {
        [element @ Value::Object(_)] => Some(element),
        _ => None,
    }
}

fn begun(start: &BytesStart<'_>) -> Option<Open> {
    let name = std::str::from_utf8(start.name().into_inner()).ok()?.to_owned();
    let mut attributes = Map::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = std::str::from_utf8(attribute.key.into_inner()).ok()?.to_owned();
        // How line ends in a value are read depends on the reader.
        if name == "xml:space" || attribute.value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b'\t')) {
            return None;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        attributes.insert(name, json!(value));
    }
    Some(Open { name, attributes, children: Vec::new() })
}

fn element(Open { name, attributes, children }: Open) -> Value {
    json!({ "name": name, "attributes": attributes, "content": without_spacing(children) })
}

/// Space between elements is for readers; beside text, or alone, it is text.
fn without_spacing(mut children: Vec<Value>) -> Vec<Value> {
    let has_element = children.iter().any(Value::is_object);
    let has_text = children.iter().filter_map(Value::as_str).any(|text| !is_spacing(text));
    if has_element && !has_text {
        children.retain(Value::is_object);
    } else if children.len() == 1 && children.first().and_then(Value::as_str) == Some("") {
        children.clear();
    }
    children
}

fn is_spacing(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Text that was written in several ways is one text.
fn push_text(open: &mut Open, text: &str) {
    match open.children.last_mut() {
        Some(Value::String(before)) => before.push_str(text),
        _ => open.children.push(json!(text)),
    }
}

/// The entities that need no declaration.
fn named(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}
