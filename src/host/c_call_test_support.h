// Makes signatures of C functions for tests.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/c_signature.h"
#include "value/test_types.h"

namespace tenon::host {

// The keys of a `[[function]]`; empty ones are absent.
struct EntryText {
  std::vector<std::string> args = {};
  std::string returns = {};
  std::string room = {};
  std::string free = {};
  std::string error = {};
  bool has_args = true;
};

inline CFunctionEntry make_entry(const EntryText& text) {
  Location where;
  where.file = "host.toml";
  CFunctionEntry made{.symbol = "f", .where = where};
  if (text.has_args) {
    made.args.emplace();
    for (const std::string& arg : text.args) made.args->push_back({arg, where});
  }
  const auto give = [&](const std::string& from, std::optional<ManifestText>& to) {
    if (!from.empty()) to = {from, where};
  };
  give(text.returns, made.returns);
  give(text.room, made.room);
  give(text.free, made.free);
  give(text.error, made.error);
  return made;
}

// entry: null for the defaults of the type.
inline Result<CSignature> make_signature(const FunctionType& type, const CFunctionEntry* entry) {
  const auto& graph = value::graph_of(type);
  Location where;
  where.file = "x.wit";
  return make_c_signature({.types = graph->types,
                           .function = graph->types.functions[value::id_of(type)],
                           .name = "f",
                           .where = where,
                           .wit = "wit",
                           .entry = entry});
}

// "code@file: message; hint" of each problem.
inline std::string describe(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += fmt::format("{}@{}: {}", problem.code, problem.where.file, problem.message);
    for (const std::string& hint : problem.hints) text += "; " + hint;
    text += '\n';
  }
  return text;
}

}  // namespace tenon::host
