//! app: exports demo:relay/front, which calls demo:relay/text.

wit_bindgen::generate!({ path: "../wit/relay.wit", world: "app" });
use demo::relay::text;
use wit_bindgen::spawn_local;

struct App;

impl exports::demo::relay::front::Guest for App {
    async fn upper_all(texts: Vec<String>) -> Vec<String> {
        let calls: Vec<_> = texts.into_iter().map(|text| spawn_local(text::upper(text))).collect();
        let mut all = Vec::new();
        for call in calls {
            all.push(call.await.unwrap());
        }
        all
    }

    async fn shout(words: Vec<String>) -> String {
        let (mut writer, reader) = wit_stream::new();
        let answer = text::shout(reader).await;
        spawn_local(async move {
            for word in words {
                writer.write_all(word.into_bytes()).await;
            }
        });
        String::from_utf8(answer.collect().await).unwrap()
    }
}

export!(App);
