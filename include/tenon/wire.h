// A wire: which unit provides an import, and how the calls between the two are made.
//
//   builder.wire({.consumer = "cart", .import = "acme:tax/lib", .provider = "tax"});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// The user's choice of a provider for an import. A wire that matches no import is an error
// (resolve-wire-unused).
struct Wire {
  std::string consumer = {};          // empty: every unit except the provider
  std::string import = {};            // any form of the name; can be a glob
  std::string provider = {};          // empty: the resolver chooses
  std::string export_name = {};       // the provider's export; empty: the import's name
  std::vector<std::string> via = {};  // units and middleware, consumer's side first
  enum class Target : std::uint8_t {
    Provider,
    Open,  // leave it open: it becomes an import of the composition
    Trap,  // satisfy it with a stub whose functions trap
  } target = Target::Provider;
  bool lazy = false;  // Start the provider's domain at the first call. For bridged edges only.
  // If nothing provides the import, satisfy it with a stub whose functions trap; a unit that
  // `provider` names need not exist. With Target::Provider only.
  bool optional = false;
  // The case of the consumer's error type that reports that the provider's domain ended during a
  // call. For bridged edges only.
  std::string on_failure = {};
  // The buffer of each stream of the edge, in bytes; absent: `set_stream_buffer`. For bridged edges
  // with streams of items without strings, lists and handles only.
  std::optional<std::uint64_t> stream_buffer = {};
  // Convert values where the provider has another version of the interface: additional cases of an enum
  // or a variant, missing ones, and additional fields of option types (docs/resolve.md, "Adapted edges").
  // The plan says what is converted (PlanEdge::conversions). With a provider only.
  bool adapt = false;
  // Pass buffers (tenon/buffer.h) between a component and a package: an own handle of the resource
  // `buffer` fits where the package has `value` (docs/packr.md, "Buffers"). With a provider only.
  bool buffers = false;
  Location where = {};  // where the user wrote the wire, for messages
};

}  // namespace tenon
