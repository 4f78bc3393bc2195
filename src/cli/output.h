// Where results go: standard output or a file; and in which form.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/style.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

enum class OutputFormat { Human, Json };

// Adds `--format human|json` and `--json`, which every reading verb has.
void add_format_flags(CommandLine& line, OutputFormat& format);

// Adds `-o OUT`; `path` stays "-" where it is not given.
void add_output_flag(CommandLine& line, std::string& path);

// Writes a result to standard output.
void print_result(std::string_view text);

enum class Content { Text, Binary };

// Writes to a file, aside and renamed, or for "-" to standard output; a binary is not written to a
// terminal. Errors: write-file, config-usage (a terminal).
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view bytes,
                                        Content content);

// Why a file could not be written: write-file. flag: that names it, with what stands before the
// name: "-o ", "--trace-calls=".
[[nodiscard]] Diagnostic make_write_problem(const std::string& path, std::string_view why,
                                            std::string_view flag = "-o ");

}  // namespace tenon::cli
