//! courier: exports demo:parcels/parcels, and passes each call on to its import of the same interface.

wit_bindgen::generate!({ path: "../../../bindings/wit", world: "courier", generate_all });
use demo::parcels::parcels as to;
use exports::demo::parcels::parcels::{Batch, Guest, GuestParcel, Parcel};
use wit_bindgen::{FutureReader, StreamReader, spawn_local};

struct Courier;

struct Wrapped(to::Parcel);

impl GuestParcel for Wrapped {
    fn new(label: String) -> Self {
        Wrapped(to::Parcel::new(&label))
    }

    fn label(&self) -> String {
        self.0.label()
    }
}

fn wrap(parcel: to::Parcel) -> Parcel {
    Parcel::new(Wrapped(parcel))
}

fn unwrap(parcel: Parcel) -> to::Parcel {
    parcel.into_inner::<Wrapped>().0
}

impl Guest for Courier {
    type Parcel = Wrapped;

    fn pack(labels: Vec<String>) -> Batch {
        let batch = to::pack(&labels);
        Batch {
            owner: batch.owner,
            parcels: batch.parcels.into_iter().map(wrap).collect(),
            spare: batch.spare.map(wrap),
        }
    }

    fn open(batch: Batch) -> Vec<String> {
        to::open(to::Batch {
            owner: batch.owner,
            parcels: batch.parcels.into_iter().map(unwrap).collect(),
            spare: batch.spare.map(unwrap),
        })
    }

    async fn shout(words: StreamReader<String>) -> StreamReader<String> {
        to::shout(words).await
    }

    async fn send(mut parcels: StreamReader<Parcel>) -> u64 {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            while let Some(parcel) = parcels.next().await {
                writer.write_all(vec![unwrap(parcel)]).await;
            }
        });
        to::send(reader).await
    }

    async fn order(labels: Vec<String>) -> StreamReader<Parcel> {
        let mut parcels = to::order(labels).await;
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            while let Some(parcel) = parcels.next().await {
                writer.write_all(vec![wrap(parcel)]).await;
            }
        });
        reader
    }

    async fn wait(signal: FutureReader<String>) -> String {
        to::wait(signal).await
    }
}

export!(Courier);
