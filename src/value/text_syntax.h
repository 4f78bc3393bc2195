// What the reader of values asks a syntax: how WAVE and JSON differ in what they write.
//
//   type               WAVE               JSON
//   tuple<u8, char>    (1, 'a')           [1, "a"]
//   variant{a, b(u8)}  a, b(1)            {"a": null}, {"b": 1}
//   option<u8>         none, some(1), 1   null, 1
//
// Types that are not asked for here are written by the same nodes in both: a record by Fields, a
// list by List, a string by String, a bool by the labels `true` and `false`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/type.h"
#include "value/text_tree.h"

namespace tenon::value {

// The nodes that stand for values of these types.
struct TextKinds {
  TextKind character;
  TextKind tuple;
  TextKind flags;
  TextKind map;  // Fields, or a List of pairs
};

// A label where a type has cases, and the payload behind it.
struct CaseText {
  std::string_view label;
  bool is_keyword = false;    // a case of this name has to be written in another way
  std::uint32_t payload = 0;  // its node; 0: none
  // JSON: the payload is `null`, which is also written where a case has no payload.
  bool is_null = false;
};

// Can the payload of an option or a result be written alone, `1` for `some(1)`?
enum class BarePayload { No, Yes };

class TextSyntax {
 public:
  [[nodiscard]] virtual TextKinds kinds() const = 0;
  [[nodiscard]] virtual BarePayload bare_payload(const types::Type& whole,
                                                 const types::Type& payload) const = 0;

  // Each looks at the node at index `node`, and returns nothing if it is something else.
  //
  // The digits of a number, or `nan`, `inf`, `-inf`.
  [[nodiscard]] virtual std::optional<std::string_view> find_number(
      const TextTree& tree, std::uint32_t node, types::Primitive type) const = 0;
  // A case of an enum, or one flag.
  [[nodiscard]] virtual std::optional<CaseText> find_label(const TextTree& tree,
                                                           std::uint32_t node) const = 0;
  // A case of a variant.
  [[nodiscard]] virtual std::optional<CaseText> find_case(const TextTree& tree,
                                                          std::uint32_t node) const = 0;
  // A case of an option or a result: the label is a keyword of WAVE.
  [[nodiscard]] virtual std::optional<CaseText> find_keyword(const TextTree& tree,
                                                             std::uint32_t node,
                                                             BarePayload bare) const = 0;
  // The number of a handle, in WAVE with `$` in front.
  [[nodiscard]] virtual std::optional<std::string_view> find_handle(const TextTree& tree,
                                                                    std::uint32_t node) const = 0;
  // The bytes of a `list<u8>` as base64.
  [[nodiscard]] virtual std::optional<std::string_view> find_base64(const TextTree& tree,
                                                                    std::uint32_t node) const = 0;

  // For messages: what a node is ("the number `1`"), a hint how a value of `type` is written ("write
  // a list as `[a, b]`"), and a case without payload ("`days`").
  [[nodiscard]] virtual std::string describe(const TextTree& tree, std::uint32_t node) const = 0;
  [[nodiscard]] virtual std::string type_hint(const types::Type& type) const = 0;
  [[nodiscard]] virtual std::string no_payload_hint(std::string_view label) const = 0;

 protected:
  ~TextSyntax() = default;  // there are two, which are constants
};

}  // namespace tenon::value
