// Test support: texts of interface languages, held in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "packr/pact_model.h"
#include "support/diagnostics.h"

namespace tenon::packr {

using PactSources = std::map<std::string, std::string>;

inline Result<std::unique_ptr<const PactModel>> open_pact(std::string text,
                                                          const PactSources& sources = {}) {
  return PactModel::open({"main.pact", std::move(text)},
                         [&](const std::string&, const std::string& file) -> Result<PactSource> {
                           const auto found = sources.find(file);
                           if (found == sources.end())
                             return make_diagnostic(Code::ReadFile, "`{}` is not there", file);
                           return PactSource{file, found->second};
                         });
}

// The problems, a line each: "main.pact:1:8: message".
inline std::string list_problems(const std::string& text, const PactSources& sources = {}) {
  const auto model = open_pact(text, sources);
  std::string list;
  if (model) return list;
  for (const Diagnostic& one : model.error()) {
    if (!list.empty()) list += '\n';
    list += one.where.file + ":" + std::to_string(one.where.line) + ":" +
            std::to_string(one.where.column) + ": " + one.message;
  }
  return list;
}

}  // namespace tenon::packr
