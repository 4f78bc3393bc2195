// Test support: texts of interface languages, held in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "pact/model.h"
#include "support/diagnostics.h"

namespace tenon::pact {

using SourceTexts = std::map<std::string, std::string>;

inline Result<std::unique_ptr<const Model>> open_model(std::string text,
                                                       const SourceTexts& sources = {}) {
  return Model::open({"main.pact", std::move(text)},
                     [&](const std::string&, const std::string& file) -> Result<Source> {
                       const auto found = sources.find(file);
                       if (found == sources.end())
                         return make_diagnostic(Code::ReadFile, "`{}` is not there", file);
                       return Source{file, found->second};
                     });
}

// The problems, a line each: "main.pact:1:8: message".
inline std::string list_problems(const std::string& text, const SourceTexts& sources = {}) {
  const auto model = open_model(text, sources);
  std::string list;
  if (model) return list;
  for (const Diagnostic& one : model.error()) {
    if (!list.empty()) list += '\n';
    list += one.where.file + ":" + std::to_string(one.where.line) + ":" +
            std::to_string(one.where.column) + ": " + one.message;
  }
  return list;
}

}  // namespace tenon::pact
