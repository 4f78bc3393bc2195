// The flags and arguments that a verb takes, and the values that a user gave them.
//
//   CommandLine line("Explain a diagnostic code, or list them all", "tenon explain");
//   line.add_option("code", code, "Such as resolve-cycle").type_name("CODE");
//   line.add_flag("--json", json, "Print JSON");
//   const Result<CommandLine::Parsed> parsed = line.parse(words);
//
// CLI11 does the work. Its headers are 9,400 lines of templates, so only command_line.cc includes
// them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tenon::cli {

using Words = std::vector<std::string>;

// A flag or an argument as the help shows it.
struct OptionInfo {
  std::vector<std::string> short_names;  // "o"; empty for an argument
  std::vector<std::string> long_names;   // "output"
  std::string type_name;                 // "FILE", "human|json"; empty if it takes no value
  std::string group;                     // heading of the help
  std::string description;
  bool is_argument = false;  // has no name on the command line
  bool takes_value = false;
  bool is_list = false;  // takes any number of values
};

class CommandLine final {
 public:
  // Refines an option that was just added. Valid as long as its command line.
  class Option final {
   public:
    explicit Option(CLI::Option* option) : option_(option) {}

    // The name of the value in the help, such as FILE. Completion chooses candidates by it.
    Option type_name(const std::string& name) const;
    Option group(const std::string& heading) const;
    Option description(const std::string& text) const;
    // Each value needs the flag before it: `--with a --with b`, and never `--with a b`.
    Option one_value_each() const;
    Option expected(int values) const;
    Option excludes(const Option& other) const;
    Option one_of(std::vector<std::string> values) const;
    // A whole number.
    Option between(std::size_t least, std::size_t most) const;

   private:
    // check: throws what is wrong.
    [[nodiscard]] Option refine(std::function<void(const std::string&)> check) const;

    CLI::Option* option_;
  };

  // Reads a value. Returns what is wrong with it; empty if nothing is.
  using ReadValue = std::function<std::string(const std::string& text)>;

  CommandLine(std::string description, std::string name);
  ~CommandLine();

  // names: "--root", "-o,--output", or "file" for an argument. The variable keeps its value if the
  // option is not given, and must outlive `parse`.
  Option add_option(const std::string& names, std::string& value, const std::string& help);
  Option add_option(const std::string& names, std::optional<std::string>& value,
                    const std::string& help);
  Option add_option(const std::string& names, std::optional<std::size_t>& value,
                    const std::string& help);
  Option add_option(const std::string& names, std::vector<std::string>& values,
                    const std::string& help);
  Option add_option(const std::string& names, ReadValue read, const std::string& help);
  // An argument that only the help shows: its value is taken from the words before they are parsed.
  Option add_shown_option(const std::string& names, const std::string& help);
  Option add_flag(const std::string& names, bool& value, const std::string& help);
  // A flag that may have a value: "--isolate{*}" stands for `*` without one.
  Option add_flag(const std::string& names, std::string& value, const std::string& help);
  Option add_flag(const std::string& names, std::vector<std::string>& values,
                  const std::string& help);
  Option add_flag(const std::string& names, std::function<void()> given, const std::string& help);
  Option add_help_flag(const std::string& names, const std::string& help);
  Option add_version_flag(const std::string& names, const std::string& help);

  // The text at the end of the help: examples.
  void set_footer(const std::string& text);
  // Words that fit no option are left to `remaining`.
  void allow_extras();
  // The same; parsing ends at the first such word.
  void stop_at_first_argument();

  // Help and Version: the user asks for that, and no value is to be used.
  enum class Parsed { Values, Help, Version };

  // Errors: config-usage.
  [[nodiscard]] Result<Parsed> parse(Words words);
  [[nodiscard]] Words remaining() const;

  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string description() const;
  [[nodiscard]] std::string footer() const;
  [[nodiscard]] std::vector<OptionInfo> options() const;
  // word: "--root", "-o". Nothing if no flag has that name.
  [[nodiscard]] std::optional<OptionInfo> find_flag(const std::string& word) const;
  // An option that another function added, to refine it. REQUIRES: it exists.
  [[nodiscard]] Option get_option(const std::string& name);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace tenon::cli
