// packr's formats for tools: what packages say of their types, texts of the interface languages,
// and values. Nothing is linked.
//
// Thread: any; each call stands alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

struct PackFunction {
  std::string name;
  std::string type;    // as the text of the interface has it: "double: func(n: s64) -> s64"
  std::string digest;  // SHA-256, hexadecimal
};

struct PackInterface {
  std::string name;    // empty: the functions without interface
  std::string digest;  // of the functions below; what packages compare
  std::vector<PackFunction> functions;
};

struct PackTypes {
  std::string file;
  enum class Kind : std::uint8_t { Package, Metadata, Text, Component } kind = Kind::Package;
  std::string text;  // of the interface language, in its normal form
  // What the package imports and exports, or would. Of a text that imports interfaces whose
  // functions it does not say, or that has several worlds, both are empty.
  std::vector<PackInterface> imports;
  std::vector<PackInterface> exports;
  // Of a text: every interface that it defines, in the order of their names.
  std::vector<PackInterface> interfaces;
  // Which functions the other kind of unit cannot have, and why: components those of a package,
  // packages those of a component.
  std::vector<std::string> notes;
};

// path: a packr package, a value of metadata, or a text (`.pact`, `.wit`); what a text uses is
// looked for beside it. A component gives what a package would have in its place. world: of a text
// with several; empty: the only one. Errors: read-, type-, pack-module, pack-metadata, pack-syntax,
// pack-type; run-engine.
[[nodiscard]] Result<PackTypes> read_pack_types(std::string_view path, std::string_view world = {});

// The metadata that a package carries, or that one with the interface of a text would carry: what
// `__pack_types` gives. Errors: as read_pack_types.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_pack_metadata(std::string_view path,
                                                                   std::string_view world = {});

// Whether a file is right: a package whose metadata can be read, states the hashes that its types
// have, and names exports that are there; a value in packr's wire form; a text. Says which of them
// it is, as "packr package: 1 function imported, 1 exported, hashes as stated".
// Errors: as read_pack_types, all that can be found.
[[nodiscard]] Result<std::string> verify_pack_file(std::string_view path);

// A value in packr's notation, such as `point{x: 1s32, y: 2s32}`, in the wire form.
// Errors: pack-syntax, with line and column.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_pack_value(std::string_view text);

// A value of the wire form in packr's notation, or where that would lose something or hold control
// characters, in the exact form: what it says is the equal value. Errors: read-truncated,
// read-malformed.
[[nodiscard]] Result<std::string> decode_pack_value(const std::vector<std::uint8_t>& bytes);

// The same as JSON that says every type: {"record":{"type":"point","fields":[["x",{"s32":1}]]}}.
[[nodiscard]] Result<std::string> decode_pack_value_json(const std::vector<std::uint8_t>& bytes);

}  // namespace tenon
