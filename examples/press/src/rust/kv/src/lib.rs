//! kv: exports `press:kv/store`, buckets of entries held in memory and handed out as resources.
//! Imports nothing.

wit_bindgen::generate!({ path: "../../../wit", world: "press:kv/keeper" });
use exports::press::kv::store::{self, BucketBorrow, Entry, Error, GuestBucket};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const LONGEST_VALUE: usize = 1 << 20;

#[derive(Default)]
struct Contents {
    /// Value and revision by key.
    entries: BTreeMap<String, (Vec<u8>, u64)>,
    /// Counts the writes to this bucket.
    revision: u64,
}

thread_local! {
    static ALL: RefCell<BTreeMap<String, Rc<RefCell<Contents>>>> = RefCell::default();
}

/// The object behind a handle. Two handles to one name share their contents.
struct Bucket(Rc<RefCell<Contents>>);

impl Bucket {
    /// Copies every entry of `from` into this bucket and returns how many.
    fn take_from(&self, from: &Bucket) -> u32 {
        if Rc::ptr_eq(&self.0, &from.0) {
            return 0;
        }
        let from = from.0.borrow();
        for (key, (value, _)) in &from.entries {
            let _ = self.set(key.clone(), value.clone());
        }
        from.entries.len() as u32
    }
}

impl GuestBucket for Bucket {
    fn new(name: String) -> Self {
        Bucket(ALL.with_borrow_mut(|all| all.entry(name).or_default().clone()))
    }
    fn open(name: String) -> Result<store::Bucket, Error> {
        let found = ALL.with_borrow(|all| all.get(&name).cloned());
        found.map(|contents| store::Bucket::new(Bucket(contents))).ok_or(Error::NoSuchBucket)
    }
    fn get(&self, key: String) -> Option<Entry> {
        let contents = self.0.borrow();
        let (value, revision) = contents.entries.get(&key)?;
        Some(Entry { key, value: value.clone(), revision: *revision })
    }
    fn set(&self, key: String, value: Vec<u8>) -> Result<u64, Error> {
        if value.len() > LONGEST_VALUE {
            return Err(Error::Quota(LONGEST_VALUE as u64));
        }
        if key.is_empty() {
            return Err(Error::Other("the key is empty".into()));
        }
        let mut contents = self.0.borrow_mut();
        contents.revision += 1;
        let revision = contents.revision;
        contents.entries.insert(key, (value, revision));
        Ok(revision)
    }
    fn remove(&self, key: String) -> bool {
        self.0.borrow_mut().entries.remove(&key).is_some()
    }
    fn keys(&self, prefix: String) -> Vec<String> {
        let contents = self.0.borrow();
        contents.entries.keys().filter(|key| key.starts_with(&prefix)).cloned().collect()
    }
    fn len(&self) -> u32 {
        self.0.borrow().entries.len() as u32
    }
}

struct Keeper;

impl store::Guest for Keeper {
    type Bucket = Bucket;
    fn copy(source: BucketBorrow<'_>, target: BucketBorrow<'_>) -> u32 {
        target.get::<Bucket>().take_from(source.get::<Bucket>())
    }
    /// Copies the second bucket into the first and drops the second handle. The contents stay.
    fn merge(a: store::Bucket, b: store::Bucket) -> store::Bucket {
        a.get::<Bucket>().take_from(b.get::<Bucket>());
        a
    }
    fn buckets() -> Vec<String> {
        ALL.with_borrow(|all| all.keys().cloned().collect())
    }
}

export!(Keeper);
