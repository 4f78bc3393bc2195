//! keyvalue-draft: provides the first draft of `wasi:keyvalue` by the second one.

wit_bindgen::generate!({
    path: ["../keyvalue/wit", "wit/keyvalue-draft.wit", "wit/adapter.wit"],
    world: "tenon:keyvalue-draft/adapter",
    generate_all,
});
use exports::wasi::keyvalue0_2_0_draft::{atomics, batch, store};
use store::{Error, KeyResponse};
use wasi::keyvalue0_2_0_draft2 as draft2;

impl From<draft2::store::Error> for Error {
    fn from(error: draft2::store::Error) -> Self {
        match error {
            draft2::store::Error::NoSuchStore => Error::NoSuchStore,
            draft2::store::Error::AccessDenied => Error::AccessDenied,
            draft2::store::Error::Other(text) => Error::Other(text),
        }
    }
}

struct Adapter;

struct Bucket(draft2::store::Bucket);

impl store::Guest for Adapter {
    type Bucket = Bucket;

    fn open(identifier: String) -> Result<store::Bucket, Error> {
        Ok(store::Bucket::new(Bucket(draft2::store::open(&identifier)?)))
    }
}

impl store::GuestBucket for Bucket {
    fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.get(&key)?)
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        Ok(self.0.set(&key, &value)?)
    }

    fn delete(&self, key: String) -> Result<(), Error> {
        Ok(self.0.delete(&key)?)
    }

    fn exists(&self, key: String) -> Result<bool, Error> {
        Ok(self.0.exists(&key)?)
    }

    /// A cursor says how many keys are before the page. So it also holds for other handles and instances, which one of
    /// a table of the last keys would not.
    fn list_keys(&self, cursor: Option<u64>) -> Result<KeyResponse, Error> {
        let before = cursor.unwrap_or(0);
        let mut seen = 0;
        let mut after: Option<String> = None;
        loop {
            let mut page = self.0.list_keys(after.as_deref())?;
            let count = page.keys.len() as u64;
            if seen + count > before || page.cursor.is_none() {
                // All of them, if there are fewer.
                page.keys.drain(..count.min(before - seen) as usize);
                let cursor = page.cursor.map(|_| seen + count);
                return Ok(KeyResponse { keys: page.keys, cursor });
            }
            seen += count;
            after = page.cursor;
        }
    }
}

impl atomics::Guest for Adapter {
    fn increment(bucket: store::BucketBorrow<'_>, key: String, delta: u64) -> Result<u64, Error> {
        let delta = i64::try_from(delta)
            .map_err(|_| Error::Other(format!("{delta} is too large: a number of a store has 63 bits and a sign")))?;
        let sum = draft2::atomics::increment(&bucket.get::<Bucket>().0, &key, delta)?;
        u64::try_from(sum).map_err(|_| Error::Other(format!("the number of `{key}` is negative: {sum}")))
    }
}

impl batch::Guest for Adapter {
    fn get_many(
        bucket: store::BucketBorrow<'_>,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, Vec<u8>)>>, Error> {
        Ok(draft2::batch::get_many(&bucket.get::<Bucket>().0, &keys)?)
    }

    fn set_many(bucket: store::BucketBorrow<'_>, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        Ok(draft2::batch::set_many(&bucket.get::<Bucket>().0, &pairs)?)
    }

    fn delete_many(bucket: store::BucketBorrow<'_>, keys: Vec<String>) -> Result<(), Error> {
        Ok(draft2::batch::delete_many(&bucket.get::<Bucket>().0, &keys)?)
    }
}

export!(Adapter);
