// Where results go and where inputs come from: files, or the standard streams for `-`.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/result.h"

namespace tenon {
struct GeneratedFile;
struct WitFeatures;
}  // namespace tenon

namespace tenon::cli {

class CommandLine;

enum class OutputFormat { Human, Json };

// Adds `--format human|json` and `--json`, which every verb has that reads.
void add_format_flags(CommandLine& line, OutputFormat& format);

// Adds `--features` and `--all-features`, which all verbs have that read WIT text. `features` is
// complete after `finish_feature_flags`. group: the heading in the help; empty for those of this verb alone.
void add_feature_flags(CommandLine& line, WitFeatures& features, const std::string& group = {});
// Splits lists such as "a,b". Call it after the words are parsed.
void finish_feature_flags(WitFeatures& features);

// Adds `-o OUT`; `path` keeps its value where the flag is not given.
void add_output_flag(CommandLine& line, std::string& path);

// Writes a result.
void print_result(std::string_view text, std::FILE* to = stdout);
// Writes the results that are buffered. Returns the errno of the first result that could not be written, else 0.
int flush_results(std::FILE* to = stdout);

// Writes to standard error, in one write, so that lines of threads do not mix. Thread: any.
void write_error(std::string_view text);
// The same for a format. A failure is ignored, because there is nowhere to report it; `fmt::print` would throw.
template <class... Args>
void print_error(fmt::format_string<Args...> format, Args&&... args) {
  write_error(fmt::format(format, std::forward<Args>(args)...));
}

enum class Content { Text, Binary };

// Writes a file (Files::write), or standard output for "-". A binary is not written to a terminal.
// Errors: write-file, config-usage (a binary and a terminal).
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view bytes,
                                        Content content);

// Which existing files an output can replace. AnyFile is for commands that write components or
// archives, and replace what they wrote before. NoComponent is for texts and values: a component at
// that path means that the user named the wrong file.
enum class Replaces { AnyFile, NoComponent };

// Refuses an output that would replace one of the files that the command reads, also if `path` is
// another path of that file, or a link to it.
// inputs: the paths of these files; those that do not exist are ignored.
// flag:   as for make_write_problem.
// Errors: config-usage.
[[nodiscard]] Result<void> check_output(const std::string& path, std::string_view flag,
                                        std::span<const std::string> inputs, Replaces replaces);

// The write-file problem of `path`. flag: the flag that names the file, up to the name: "-o ",
// "--trace-calls=".
[[nodiscard]] Diagnostic make_write_problem(const std::string& path, std::string_view why,
                                            std::string_view flag = "-o ");

// read-file, for a file that cannot be opened or read. reason: an errno.
[[nodiscard]] Diagnostic make_read_problem(const std::string& path, int reason);
// Opens a file for reading, or standard input for "-". Errors: read-file.
[[nodiscard]] Result<std::shared_ptr<std::FILE>> open_input(const std::string& path);
// Reads the rest of an opened file. path: for messages. Errors: read-file.
[[nodiscard]] Result<std::string> read_input(std::FILE* file, const std::string& path);
// Reads a whole file, or standard input for "-". Errors: read-file.
[[nodiscard]] Result<std::string> read_input(const std::string& path);

// The path of a component that an argument names: FILE, NAME=FILE, or `-` in place of FILE for standard
// input.
[[nodiscard]] std::string path_of_component(std::string argument);

// Writes the files of a new project below `folder` and prints their paths. If one of them exists,
// nothing is written. action: the command as the user called it: "host new". Errors: write-file.
[[nodiscard]] Result<void> write_new_folder(const std::string& folder,
                                            const std::vector<GeneratedFile>& files,
                                            std::string_view action);

}  // namespace tenon::cli
