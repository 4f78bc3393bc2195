// Makes signatures of C functions and prints their notation, for tests.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/c_notation.h"
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
  CFunctionEntry entry{.symbol = "f", .where = where};
  if (text.has_args) {
    entry.args.emplace();
    for (const std::string& arg : text.args) entry.args->push_back({arg, where});
  }
  const auto set = [&](const std::string& from, std::optional<ManifestText>& to) {
    if (!from.empty()) to = {from, where};
  };
  set(text.returns, entry.returns);
  set(text.room, entry.room);
  set(text.free, entry.free);
  set(text.error, entry.error);
  return entry;
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
    for (const Hint& hint : problem.hints) text += "; " + std::string(hint);
    text += '\n';
  }
  return text;
}

inline std::string show_type(std::string_view before, const std::optional<CType>& type) {
  return type ? fmt::format("{}:{}", before, name_of(*type)) : std::string(before);
}

inline std::string_view show_target(const CTarget& target) {
  switch (target.kind) {
    case CTargetKind::Number:
      return name_of(target.type);
    case CTargetKind::Text:
      return "cstring";
    case CTargetKind::Pointer:
      return "pointer";
    case CTargetKind::Buffer:
      return "buffer";
    case CTargetKind::Struct:
      return "struct";
  }
  return "";
}

// A parameter with the name of a keyword is written with `%` in front.
inline std::string show_param(const std::string& name) {
  return name == "out" || name == "err" || name == "const" ? "%" + name : name;
}

// The normal form of an argument, which parses to an equal value.
inline std::string print_c_argument(const CArgumentSpec& argument) {
  switch (argument.form) {
    case CArgumentForm::Param:
      return show_type(show_param(argument.param), argument.type);
    case CArgumentForm::Text:
      return fmt::format("{}:cstring", show_param(argument.param));
    case CArgumentForm::Pointer:
      return fmt::format("{}.ptr", show_param(argument.param));
    case CArgumentForm::Length:
      return show_type(fmt::format("{}.len", show_param(argument.param)), argument.type);
    case CArgumentForm::Constant:
      return argument.type == CType::Pointer
                 ? std::string("const:null")
                 : fmt::format("const:{}:{}", argument.constant, name_of(*argument.type));
    case CArgumentForm::Out:
      return fmt::format("out:{}{}", show_target(argument.target),
                         argument.is_dropped_on_error ? ":drop" : "");
    case CArgumentForm::Error:
      return fmt::format("err:{}", show_target(argument.target));
    case CArgumentForm::RoomPointer:
      return "out.ptr";
    case CArgumentForm::RoomLength:
      return show_type("out.len", argument.type);
    case CArgumentForm::RoomSize:
      return show_type("out.room", argument.type);
  }
  return "";
}

}  // namespace tenon::host
