// WAVE text as a tree of its parts, before a type says what they mean.
//
// Nodes stand in the order of the text: the parts of node i begin at i + 1, and `next` of a node is
// the index after its last part. Strings and characters are known to be well formed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::value {

struct WaveNode {
  enum class Kind : std::uint8_t {
    Number,
    Char,
    String,
    MultilineString,
    Handle,
    Label,   // keywords too; its part, if it has one, is the payload
    Tuple,   // one part or more
    List,    // any number of parts
    Empty,   // `{}`
    Flags,   // parts are labels without payload, one or more
    Fields,  // parts are keys and values in turn; none: `{:}`
  };
  Kind kind = Kind::Empty;
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
  std::uint32_t next = 0;
  std::uint32_t parts = 0;  // how many
};

using WaveTree = std::vector<WaveNode>;

// Reads one value: the whole of `text`. Depth is bounded by limits::kNestingDepth.
// Errors: value-syntax, one problem, with its place.
[[nodiscard]] Result<WaveTree> read_wave_tree(std::string_view text);

// Reads the arguments of a call from `(` at `begin` to the end: a tuple, which may be empty.
// Errors: as above.
[[nodiscard]] Result<WaveTree> read_wave_arguments(std::string_view text, std::size_t begin);

}  // namespace tenon::value
