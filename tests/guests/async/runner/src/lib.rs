//! runner: a command of WASI 0.3 that runs a command of WASI 0.2, before and after text of its own.

wit_bindgen::generate!({
    path: [
        "../../wit/wasi-0.3.0/cli.wit", "../../wit/wasi-0.2.12/io.wit",
        "../../wit/wasi-0.2.12/cli.wit", "../wit",
    ],
    world: "demo:relay/runner",
    generate_all,
});
use demo::relay::front;
use wit_bindgen::spawn_local;

struct Runner;

async fn print(text: String) -> Result<(), ()> {
    let (mut writer, reader) = wit_stream::new();
    let written = wasi::cli0_3_0::stdout::write_via_stream(reader);
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    written.await.map_err(|_| ())
}

impl exports::wasi::cli0_3_0::run::Guest for Runner {
    async fn run() -> Result<(), ()> {
        print(front::shout(vec!["before".into(), "\n".into()]).await).await?;
        wasi::cli0_2_12::run::run()?;
        print("after\n".into()).await
    }
}

export!(Runner);
