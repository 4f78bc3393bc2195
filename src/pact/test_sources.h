// Test support: models of texts held in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "pact/model.h"
#include "support/diagnostics.h"

namespace tenon::pact {

// Texts that `use "file"` can name, by file.
using SourceTexts = std::map<std::string, std::string>;

inline Result<std::unique_ptr<const Model>> open_model(std::string text,
                                                       const SourceTexts& sources = {}) {
  return Model::open({"main.pact", std::move(text)},
                     [&](const std::string&, const std::string& file) -> Result<Source> {
                       const auto source = sources.find(file);
                       if (source == sources.end())
                         return make_diagnostic(Code::ReadFile, "file `{}` not found", file);
                       return Source{file, source->second};
                     });
}

// One line for each problem of the text: "main.pact:1:8: message".
inline std::string list_problems(const std::string& text, const SourceTexts& sources = {}) {
  const auto model = open_model(text, sources);
  std::string list;
  if (model) return list;
  for (const Diagnostic& problem : model.error()) {
    if (!list.empty()) list += '\n';
    list += problem.where.file + ":" + std::to_string(problem.where.line) + ":" +
            std::to_string(problem.where.column) + ": " + problem.message;
  }
  return list;
}

}  // namespace tenon::pact
