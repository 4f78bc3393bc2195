// A part of what `kinds` and ../../../kinds/kinds.wat export, under plain names.
record item {
    name: string,
    price: option<f64>,
    tags: list<string>,
}
variant keep {
    forever,
    days(u32),
    until(string),
}
enum color { red, green, ok }
flags access { read, write, none }
imports {
    acme:kinds/same {
        same-string: func(value: string) -> string,
        same-bytes: func(value: list<u8>) -> list<u8>,
        same-items: func(value: list<item>) -> list<item>,
        same-pair: func(value: tuple<u8, string>) -> tuple<u8, string>,
        same-keep: func(value: keep) -> keep,
        same-color: func(value: color) -> color,
        same-access: func(value: access) -> access,
        same-option: func(value: option<string>) -> option<string>,
    }
}
exports {
    string: func(value: string) -> string,
    bytes: func(value: list<u8>) -> list<u8>,
    items: func(value: list<item>) -> list<item>,
    pair: func(value: tuple<u8, string>) -> tuple<u8, string>,
    keep: func(value: keep) -> keep,
    color: func(value: color) -> color,
    access: func(value: access) -> access,
    option: func(value: option<string>) -> option<string>,
}
