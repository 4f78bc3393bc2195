//! rust: returns the values that it gets. Made by tests/values/make.py. Do not edit.

wit_bindgen::generate!({ path: "../../../values/gen/wit", world: "rust-guest" });
use exports::demo::values::{arrays, maps, same};
use wit_bindgen::rt::Map;

struct Values;

impl same::Guest for Values {
    fn same_bool(value: bool) -> bool {
        value
    }
    fn same_s8(value: i8) -> i8 {
        value
    }
    fn same_u8(value: u8) -> u8 {
        value
    }
    fn same_s16(value: i16) -> i16 {
        value
    }
    fn same_u16(value: u16) -> u16 {
        value
    }
    fn same_s32(value: i32) -> i32 {
        value
    }
    fn same_u32(value: u32) -> u32 {
        value
    }
    fn same_s64(value: i64) -> i64 {
        value
    }
    fn same_u64(value: u64) -> u64 {
        value
    }
    fn same_f32(value: f32) -> f32 {
        value
    }
    fn same_f64(value: f64) -> f64 {
        value
    }
    fn same_char(value: char) -> char {
        value
    }
    fn same_string(value: String) -> String {
        value
    }
    fn same_bools(value: Vec<bool>) -> Vec<bool> {
        value
    }
    fn same_bytes(value: Vec<u8>) -> Vec<u8> {
        value
    }
    fn same_signed(value: Vec<i8>) -> Vec<i8> {
        value
    }
    fn same_halves(value: Vec<i16>) -> Vec<i16> {
        value
    }
    fn same_words(value: Vec<u16>) -> Vec<u16> {
        value
    }
    fn same_integers(value: Vec<i32>) -> Vec<i32> {
        value
    }
    fn same_numbers(value: Vec<u32>) -> Vec<u32> {
        value
    }
    fn same_differences(value: Vec<i64>) -> Vec<i64> {
        value
    }
    fn same_longs(value: Vec<u64>) -> Vec<u64> {
        value
    }
    fn same_singles(value: Vec<f32>) -> Vec<f32> {
        value
    }
    fn same_doubles(value: Vec<f64>) -> Vec<f64> {
        value
    }
    fn same_chars(value: Vec<char>) -> Vec<char> {
        value
    }
    fn same_strings(value: Vec<String>) -> Vec<String> {
        value
    }
    fn same_deep(value: Vec<Vec<Vec<u8>>>) -> Vec<Vec<Vec<u8>>> {
        value
    }
    fn same_items(value: Vec<same::Item>) -> Vec<same::Item> {
        value
    }
    fn same_shapes(value: Vec<same::Shape>) -> Vec<same::Shape> {
        value
    }
    fn same_colors(value: Vec<same::Color>) -> Vec<same::Color> {
        value
    }
    fn same_options(value: Vec<Option<u32>>) -> Vec<Option<u32>> {
        value
    }
    fn same_outcomes(value: Vec<Result<u32, String>>) -> Vec<Result<u32, String>> {
        value
    }
    fn same_silent(value: Vec<Result<(), ()>>) -> Vec<Result<(), ()>> {
        value
    }
    fn same_pair(value: (u8, String)) -> (u8, String) {
        value
    }
    fn same_single(value: (i64,)) -> (i64,) {
        value
    }
    fn same_tuple(value: ((i8, f32), Option<(bool, char)>)) -> ((i8, f32), Option<(bool, char)>) {
        value
    }
    fn same_spilled(value: (u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, String)) -> (u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, String) {
        value
    }
    fn same_option(value: Option<String>) -> Option<String> {
        value
    }
    fn same_number(value: Option<u64>) -> Option<u64> {
        value
    }
    fn same_nested(value: Option<Option<Option<u8>>>) -> Option<Option<Option<u8>>> {
        value
    }
    fn same_result(value: Result<u32, String>) -> Result<u32, String> {
        value
    }
    fn same_fine(value: Result<String, ()>) -> Result<String, ()> {
        value
    }
    fn same_bad(value: Result<(), same::Color>) -> Result<(), same::Color> {
        value
    }
    fn same_outcome(value: Result<(), ()>) -> Result<(), ()> {
        value
    }
    fn same_results(value: Result<Vec<u64>, Option<bool>>) -> Result<Vec<u64>, Option<bool>> {
        value
    }
    fn same_item(value: same::Item) -> same::Item {
        value
    }
    fn same_wide(value: same::Wide) -> same::Wide {
        value
    }
    fn same_meters(value: same::Meters) -> same::Meters {
        value
    }
    fn same_keywords(value: same::Keywords) -> same::Keywords {
        value
    }
    fn same_shape(value: same::Shape) -> same::Shape {
        value
    }
    fn same_joined(value: same::Joined) -> same::Joined {
        value
    }
    fn same_color(value: same::Color) -> same::Color {
        value
    }
    fn same_rights(value: same::Rights) -> same::Rights {
        value
    }
    fn same_many(value: same::Many) -> same::Many {
        value
    }
    fn same_node(value: same::Node) -> same::Node {
        value
    }
    fn same_nodes(value: Vec<Option<same::Node>>) -> Vec<Option<same::Node>> {
        value
    }
}

impl arrays::Guest for Values {
    fn same_quad(value: [u16; 4]) -> [u16; 4] {
        value
    }
    fn same_twins(value: [String; 2]) -> [String; 2] {
        value
    }
}

impl maps::Guest for Values {
    fn same_map(value: Map<String, u32>) -> Map<String, u32> {
        value
    }
    fn same_lists(value: Map<u16, Vec<String>>) -> Map<u16, Vec<String>> {
        value
    }
    fn same_names(value: Map<i64, maps::Item>) -> Map<i64, maps::Item> {
        value
    }
}

export!(Values);
