// Command lines that cannot be understood, as diagnostics (config-usage).
#pragma once

#include <string>
#include <vector>

#include "tenon/diagnostic.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace tenon::cli {

[[nodiscard]] Diagnostic make_usage_problem(std::string message,
                                            std::vector<std::string> hints = {});

// What CLI11 found wrong, in our words.
[[nodiscard]] Diagnostic describe_parse_error(const CLI::App& app, const CLI::ParseError& error);

// What is wrong with words that `app` could not place: unknown flags with near misses, or an
// argument too many.
[[nodiscard]] Diagnostics describe_extra_words(const CLI::App& app,
                                               const std::vector<std::string>& words);

}  // namespace tenon::cli
