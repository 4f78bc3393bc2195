// packr's formats, for tools: the types of packages, texts in the interface languages, and values.
// Nothing is linked.
//
//   tenon::Result<tenon::PackTypes> types = tenon::read_pack_types("math.pact");
//   auto value = tenon::encode_pack_value("point{x: 1s32, y: 2s32}");  // bytes of the wire form
//
// Thread: any; the functions share no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

struct PackFunction {
  std::string name;
  std::string type;    // as in the interface text: "double: func(n: s64) -> s64"
  std::string digest;  // SHA-256, hexadecimal
};

struct PackInterface {
  std::string name;    // empty: functions outside of any interface
  std::string digest;  // of the functions below; packages compare it
  std::vector<PackFunction> functions;
};

struct PackTypes {
  std::string file;
  enum class Kind : std::uint8_t { Package, Metadata, Text, Component } kind = Kind::Package;
  std::string text;  // in the interface language, normalized
  // Imports and exports of the package, or of a package with these types. Both are empty for a text
  // with several worlds, or one that imports interfaces without declaring their functions.
  std::vector<PackInterface> imports;
  std::vector<PackInterface> exports;
  // Texts only: all interfaces that it defines, by name.
  std::vector<PackInterface> interfaces;
  // Functions that cannot be translated to the other kind of unit (component or package), with the
  // reason.
  std::vector<std::string> notes;
};

// Reads the types of a packr package, metadata, a text (`.pact`, `.wit`) or a component. Texts that
// a text uses are searched for in its folder. For a component, the types are those of an equivalent
// package.
// world: for a text with several worlds; empty: the only one.
// Errors: read-, type-, pack-module, pack-metadata, pack-syntax, pack-type; run-engine.
[[nodiscard]] Result<PackTypes> read_pack_types(std::string_view path, std::string_view world = {});

// Returns the metadata of a package (the result of `__pack_types`), or the metadata of a package
// with the interface of a text.
// Errors: as read_pack_types.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_pack_metadata(std::string_view path,
                                                                   std::string_view world = {});

// Verifies a file. A package must have readable metadata, hashes that match its types, and exports
// that exist; a value in packr's wire form and a text must be well formed. Returns a summary such
// as "packr package: 1 function imported, 1 exported, hashes as stated".
// Errors: as read_pack_types; all problems at once.
[[nodiscard]] Result<std::string> verify_pack_file(std::string_view path);

// Encodes a value in packr's notation, such as `point{x: 1s32, y: 2s32}`, to the wire form.
// Errors: pack-syntax, with line and column.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_pack_value(std::string_view text);

// Decodes a value to packr's notation. The exact form of the notation is used where the short one
// would lose information or contain control characters, so that encoding the text gives an equal
// value.
// Errors: read-truncated, read-malformed.
[[nodiscard]] Result<std::string> decode_pack_value(const std::vector<std::uint8_t>& bytes);

// Decodes a value to JSON with explicit types:
// {"record":{"type":"point","fields":[["x",{"s32":1}]]}}.
// Errors: read-truncated, read-malformed.
[[nodiscard]] Result<std::string> decode_pack_value_json(const std::vector<std::uint8_t>& bytes);

}  // namespace tenon
