// Small binaries for tests, written byte by byte.
//
//   component({section(7, {1, 0x73})})    // a component with the type `string`
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "binary/opcodes.h"
#include "support/byte_writer.h"

namespace tenon::binary {

using Bytes = std::vector<std::uint8_t>;

inline Bytes join(std::initializer_list<Bytes> pieces) {
  Bytes all;
  for (const Bytes& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

// A name: its length, then the text.
inline Bytes name(std::string_view text) {
  ByteWriter out;
  out.name(text, "name");
  return std::move(out).take_bytes();
}

// A section: its number, size and contents.
inline Bytes section(std::uint8_t id, const Bytes& contents) {
  ByteWriter out;
  out.byte(id, "section");
  out.count(contents.size(), "size");
  out.raw(contents, "contents");
  return std::move(out).take_bytes();
}

inline Bytes component(std::initializer_list<Bytes> sections) {
  return join({Bytes(kComponentPreamble.begin(), kComponentPreamble.end()), join(sections)});
}

inline Bytes module(std::initializer_list<Bytes> sections) {
  return join({Bytes(kModulePreamble.begin(), kModulePreamble.end()), join(sections)});
}

}  // namespace tenon::binary
