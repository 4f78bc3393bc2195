//! visits: does with key-value stores of the first draft what it is told.

wit_bindgen::generate!({
    path: ["../../../../bundles/keyvalue-draft/wit/keyvalue-draft.wit", "visits.wit"],
    world: "demo:visits/visits-app",
    generate_all,
});
use exports::demo::visits::visits::*;
use wasi::keyvalue::atomics;
use wasi::keyvalue::batch;
use wasi::keyvalue::store;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Visits;

impl Guest for Visits {
    fn get(key: String) -> Result<Option<String>, Error> {
        Ok(store::open("")?.get(&key)?.map(text))
    }

    fn set(key: String, value: String) -> Result<(), Error> {
        store::open("")?.set(&key, value.as_bytes())
    }

    fn delete(key: String) -> Result<(), Error> {
        store::open("")?.delete(&key)
    }

    fn exists(key: String) -> Result<bool, Error> {
        store::open("")?.exists(&key)
    }

    fn page(cursor: Option<u64>) -> Result<(Vec<String>, Option<u64>), Error> {
        let page = store::open("")?.list_keys(cursor)?;
        Ok((page.keys, page.cursor))
    }

    fn open(name: String) -> Result<(), Error> {
        store::open(&name).map(drop)
    }

    fn increment(key: String, delta: u64) -> Result<u64, Error> {
        atomics::increment(&store::open("")?, &key, delta)
    }

    fn batch(
        pairs: Vec<(String, String)>,
        deleted: Vec<String>,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, String)>>, Error> {
        let bucket = store::open("")?;
        let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
        batch::set_many(&bucket, &pairs)?;
        batch::delete_many(&bucket, &deleted)?;
        let found = batch::get_many(&bucket, &keys)?;
        Ok(found.into_iter().map(|pair| pair.map(|(key, value)| (key, text(value)))).collect())
    }
}

export!(Visits);
