//! services: does with key-value stores, its configuration and its log what it is told.

wit_bindgen::generate!({
    path: [
        "../../../../bundles/keyvalue/wit",
        "wit/config.wit",
        "wit/logging.wit",
        "services.wit",
    ],
    world: "demo:bundles/services-app",
    generate_all,
});
use exports::demo::bundles::services::*;
use std::cell::RefCell;
use wasi::config::store as config;
use wasi::keyvalue::atomics::{self, Cas, CasError};
use wasi::keyvalue::batch;
use wasi::keyvalue::store::{self, Bucket};
use wasi::logging::logging;

thread_local! {
    static BUCKET: RefCell<Option<Bucket>> = const { RefCell::new(None) };
    static HANDLE: RefCell<Option<Cas>> = const { RefCell::new(None) };
    static HOARD: RefCell<Vec<(Bucket, Cas)>> = const { RefCell::new(Vec::new()) };
}

fn with_bucket<T>(run: impl FnOnce(&Bucket) -> Result<T, Error>) -> Result<T, Error> {
    BUCKET.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Some(store::open("")?);
        }
        run(kept.as_ref().unwrap())
    })
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Services;

impl Guest for Services {
    fn open(name: String) -> Result<(), Error> {
        let opened = store::open(&name)?;
        BUCKET.replace(Some(opened));
        Ok(())
    }

    fn get(key: String) -> Result<Option<String>, Error> {
        with_bucket(|bucket| Ok(bucket.get(&key)?.map(text)))
    }

    fn set(key: String, value: String) -> Result<(), Error> {
        with_bucket(|bucket| bucket.set(&key, value.as_bytes()))
    }

    fn set_size(key: String, size: u32) -> Result<(), Error> {
        with_bucket(|bucket| bucket.set(&key, &vec![b'x'; size as usize]))
    }

    fn delete(key: String) -> Result<(), Error> {
        with_bucket(|bucket| bucket.delete(&key))
    }

    fn exists(key: String) -> Result<bool, Error> {
        with_bucket(|bucket| bucket.exists(&key))
    }

    fn pages(mut cursor: Option<String>) -> Result<Vec<Vec<String>>, Error> {
        with_bucket(|bucket| {
            let mut pages = Vec::new();
            loop {
                let page = bucket.list_keys(cursor.as_deref())?;
                pages.push(page.keys);
                cursor = page.cursor;
                if cursor.is_none() {
                    return Ok(pages);
                }
            }
        })
    }

    fn get_many(keys: Vec<String>) -> Result<Vec<Option<(String, String)>>, Error> {
        with_bucket(|bucket| {
            let pairs = batch::get_many(bucket, &keys)?;
            Ok(pairs.into_iter().map(|pair| pair.map(|(key, value)| (key, text(value)))).collect())
        })
    }

    fn set_many(pairs: Vec<(String, String)>) -> Result<(), Error> {
        let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
        with_bucket(|bucket| batch::set_many(bucket, &pairs))
    }

    fn delete_many(keys: Vec<String>) -> Result<(), Error> {
        with_bucket(|bucket| batch::delete_many(bucket, &keys))
    }

    fn increment(key: String, delta: i64, times: u32) -> Result<i64, Error> {
        with_bucket(|bucket| {
            let mut sum = 0;
            for _ in 0..times {
                sum = atomics::increment(bucket, &key, delta)?;
            }
            Ok(sum)
        })
    }

    fn remember(key: String) -> Result<Option<String>, Error> {
        let cas = with_bucket(|bucket| Cas::new(bucket, &key))?;
        let value = cas.current()?;
        HANDLE.replace(Some(cas));
        Ok(value.map(text))
    }

    fn swap(value: String) -> Result<bool, Error> {
        let Some(cas) = HANDLE.take() else {
            return Err(Error::Other("the guest has no handle".to_string()));
        };
        match atomics::swap(cas, value.as_bytes()) {
            Ok(()) => Ok(true),
            Err(CasError::CasFailed(newer)) => {
                HANDLE.replace(Some(newer));
                Ok(false)
            }
            Err(CasError::StoreError(error)) => Err(error),
        }
    }

    fn hoard(count: u32) -> Result<(), Error> {
        for _ in 0..count {
            let bucket = store::open("")?;
            let cas = Cas::new(&bucket, "hoarded")?;
            HOARD.with_borrow_mut(|hoard| hoard.push((bucket, cas)));
        }
        Ok(())
    }

    fn config(key: String) -> Option<String> {
        config::get(&key).unwrap()
    }

    fn whole_config() -> Vec<(String, String)> {
        config::get_all().unwrap()
    }

    fn log(level: Level, context: String, message: String) {
        logging::log(level, &context, &message);
    }

    fn log_size(size: u32) {
        logging::log(Level::Info, "", &"x".repeat(size as usize));
    }
}

export!(Services);
