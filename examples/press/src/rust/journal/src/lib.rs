//! journal: middleware for stores. It exports the interface that it imports, so its `bucket` is a
//! resource of its own that wraps the imported one. Each write is also recorded in a bucket
//! `.journal` of the store behind it, as "set key" or "remove key" with a running number.

wit_bindgen::generate!({ path: "../../../wit", world: "press:kv/journal", generate_all });
use exports::press::kv::store::{self, BucketBorrow, Entry, Error, Guest, GuestBucket};
use press::kv::store as behind;

struct Wrapped(behind::Bucket);

fn note(what: &str, key: &str) {
    let journal = behind::Bucket::new(".journal");
    let _ = journal.set(&format!("{:08}", journal.len()), format!("{what} {key}").as_bytes());
}

fn convert(error: behind::Error) -> Error {
    match error {
        behind::Error::NoSuchBucket => Error::NoSuchBucket,
        behind::Error::ReadOnly => Error::ReadOnly,
        behind::Error::Quota(limit) => Error::Quota(limit),
        behind::Error::Other(why) => Error::Other(why),
    }
}

impl GuestBucket for Wrapped {
    fn new(name: String) -> Self {
        Wrapped(behind::Bucket::new(&name))
    }
    fn open(name: String) -> Result<store::Bucket, Error> {
        behind::Bucket::open(&name).map(|b| store::Bucket::new(Wrapped(b))).map_err(convert)
    }
    fn get(&self, key: String) -> Option<Entry> {
        self.0.get(&key).map(|e| Entry { key: e.key, value: e.value, revision: e.revision })
    }
    fn set(&self, key: String, value: Vec<u8>) -> Result<u64, Error> {
        note("set", &key);
        self.0.set(&key, &value).map_err(convert)
    }
    fn remove(&self, key: String) -> bool {
        note("remove", &key);
        self.0.remove(&key)
    }
    fn keys(&self, prefix: String) -> Vec<String> {
        self.0.keys(&prefix)
    }
    fn len(&self) -> u32 {
        self.0.len()
    }
}

struct Journal;

impl Guest for Journal {
    type Bucket = Wrapped;
    fn copy(source: BucketBorrow<'_>, target: BucketBorrow<'_>) -> u32 {
        behind::copy(&source.get::<Wrapped>().0, &target.get::<Wrapped>().0)
    }
    fn merge(a: store::Bucket, b: store::Bucket) -> store::Bucket {
        let merged = behind::merge(a.into_inner::<Wrapped>().0, b.into_inner::<Wrapped>().0);
        store::Bucket::new(Wrapped(merged))
    }
    fn buckets() -> Vec<String> {
        behind::buckets()
    }
}

export!(Journal);
