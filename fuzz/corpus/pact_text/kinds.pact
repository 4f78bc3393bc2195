// The functions of ../../../kinds/kinds.wat that packr's notation can say, and `same-note`.
record item {
    name: string,
    price: option<f64>,
    tags: list<string>,
}
record note {
    last-msg: string,
    read-count: u32,
}
variant keep {
    forever,
    days(u32),
    until(string),
}
enum color { red, green, ok }
flags access { read, write, none }
exports {
    acme:kinds/same.same-bool: func(value: bool) -> bool,
    acme:kinds/same.same-s8: func(value: s8) -> s8,
    acme:kinds/same.same-u8: func(value: u8) -> u8,
    acme:kinds/same.same-s16: func(value: s16) -> s16,
    acme:kinds/same.same-u16: func(value: u16) -> u16,
    acme:kinds/same.same-s32: func(value: s32) -> s32,
    acme:kinds/same.same-u32: func(value: u32) -> u32,
    acme:kinds/same.same-s64: func(value: s64) -> s64,
    acme:kinds/same.same-u64: func(value: u64) -> u64,
    acme:kinds/same.same-f32: func(value: f32) -> f32,
    acme:kinds/same.same-f64: func(value: f64) -> f64,
    acme:kinds/same.same-char: func(value: char) -> char,
    acme:kinds/same.same-string: func(value: string) -> string,
    acme:kinds/same.same-bytes: func(value: list<u8>) -> list<u8>,
    acme:kinds/same.same-items: func(value: list<item>) -> list<item>,
    acme:kinds/same.same-pair: func(value: tuple<u8, string>) -> tuple<u8, string>,
    acme:kinds/same.same-item: func(value: item) -> item,
    acme:kinds/same.same-keep: func(value: keep) -> keep,
    acme:kinds/same.same-color: func(value: color) -> color,
    acme:kinds/same.same-access: func(value: access) -> access,
    acme:kinds/same.same-option: func(value: option<string>) -> option<string>,
    acme:kinds/same.same-nested: func(value: option<option<u8>>) -> option<option<u8>>,
    acme:kinds/same.same-result: func(value: result<u32, string>) -> result<u32, string>,
    acme:kinds/same.same-note: func(value: note) -> note,
}
