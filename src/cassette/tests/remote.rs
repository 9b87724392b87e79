use std::cell::RefCell;
use std::collections::HashMap;

use bytes::Bytes;

use super::*;
use crate::cassette::bodies::INLINE;

/// A store in memory that remembers what was asked of it.
#[derive(Default)]
struct Store {
    objects: HashMap<String, Vec<u8>>,
    got: RefCell<Vec<String>>,
}

impl Remote for Store {
    type Error = String;

    fn tag(&self, key: &str) -> Result<Option<String>, String> {
        let bytes = self.objects.get(key).ok_or_else(|| format!("no {key}"))?;
        Ok(Some(encoding::digest(bytes)))
    }

    fn get(&self, key: &str) -> Result<Object, String> {
        self.got.borrow_mut().push(key.to_owned());
        let bytes = self.objects.get(key).ok_or_else(|| format!("no {key}"))?;
        Ok(Object { bytes: Bytes::from(bytes.clone()), tag: self.tag(key)? })
    }
}

impl Store {
    /// With this cassette as `a.json`, and its big bodies beside it.
    fn holding(cassette: &Cassette) -> Self {
        let (_folder, path) = folder();
        cassette.save(&path).unwrap();
        let mut objects = HashMap::from([("a.json".to_owned(), fs::read(&path).unwrap())]);
        for body in fs::read_dir(path.with_extension("json.bodies")).into_iter().flatten() {
            let body = body.unwrap();
            let key = format!("a.json.bodies/{}", body.file_name().display());
            objects.insert(key, fs::read(body.path()).unwrap());
        }
        Self { objects, ..Self::default() }
    }

    /// What was asked for since the last time.
    fn asked(&self) -> usize {
        self.got.take().len()
    }
}

fn big() -> Cassette {
    cassette([exchange("/a", b"{}"), exchange("/b", &vec![b'x'; INLINE + 1])])
}

#[test]
fn a_cassette_is_fetched_with_its_bodies_and_only_once() {
    let (store, kept) = (Store::holding(&big()), tempfile::tempdir().unwrap());
    let cache = Cache::new(kept.path());
    for asked in [2, 0] {
        let path = cache.fetch(&store, "here", "a.json").unwrap();
        assert_eq!(Cassette::load(&path).unwrap(), big());
        assert_eq!(store.asked(), asked);
    }
    cache.fetch(&store, "elsewhere", "a.json").unwrap();
    assert_eq!(store.asked(), 1, "another address says nothing, but what was fetched is the same");
}

#[test]
fn what_is_another_or_not_whole_any_more_is_fetched_again() {
    let (mut store, kept) = (Store::holding(&big()), tempfile::tempdir().unwrap());
    let cache = Cache::new(kept.path());
    let path = cache.fetch(&store, "here", "a.json").unwrap();
    let body = path.with_extension("json.bodies").read_dir().unwrap().next().unwrap().unwrap().path();
    store.asked();
    for damaged in [&path, &body] {
        fs::write(damaged, "{}").unwrap();
        assert_eq!(Cassette::load(&cache.fetch(&store, "here", "a.json").unwrap()).unwrap(), big());
        assert_eq!(store.asked(), 1, "{}", damaged.display());
    }
    let other = cassette([exchange("/c", b"{}")]);
    store.objects = Store::holding(&other).objects;
    assert_eq!(Cassette::load(&cache.fetch(&store, "here", "a.json").unwrap()).unwrap(), other);
}

#[test]
fn what_is_no_cassette_is_not_kept() {
    let (mut store, kept) = (Store::holding(&big()), tempfile::tempdir().unwrap());
    let cache = Cache::new(kept.path());
    let body = store.objects.keys().find(|key| key.contains(".bodies/")).unwrap().clone();
    let whole = store.objects.insert(body.clone(), b"else".to_vec()).unwrap();
    let error = cache.fetch(&store, "here", "a.json").unwrap_err().to_string();
    assert!(error.starts_with(&format!("{body} does not hold what its name says")), "{error}");
    store.objects.insert(body, whole);
    store.objects.get_mut("a.json").unwrap().truncate(100);
    let error = cache.fetch(&store, "here", "a.json").unwrap_err().to_string();
    assert!(error.contains("the cassette is cut short"), "{error}");
    assert_eq!(fs::read_dir(kept.path()).map_or(0, Iterator::count), 0);
}
