// The flags and arguments of a verb: how they are declared, parsed and explained.
//
//   CommandLine line("Explain a diagnostic code, or list them all", "tenon explain");
//   line.add_option("code", code, "Code, such as resolve-cycle").type_name("CODE");
//   line.add_flag("--json", json, "Print JSON");
//   const Result<CommandLine::Parsed> parsed = line.parse(words);
//
// The declarations serve three readers: the parser, `--help`, and shell completion.
//
// CLI11 parses the words. Its headers are 9,400 lines of templates, so only command_line.cc
// includes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/style.h"
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
  std::string group;                     // heading in the help
  std::string description;
  bool is_argument = false;  // positional, without a name on the command line
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
    // Accepts only whole numbers in this range.
    Option between(std::size_t least, std::size_t most) const;

   private:
    // check: throws BadValue for a value that it rejects.
    [[nodiscard]] Option refine(std::function<void(const std::string&)> check) const;

    CLI::Option* option_;
  };

  // Reads a value. Returns the problem with it, or an empty string.
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
  // An argument for the help alone. The verb takes its value from the words before they are parsed.
  Option add_shown_option(const std::string& names, const std::string& help);
  Option add_flag(const std::string& names, bool& value, const std::string& help);
  // A flag with an optional value: "--isolate{*}" means `*` where no value is given.
  Option add_flag(const std::string& names, std::string& value, const std::string& help);
  Option add_flag(const std::string& names, std::vector<std::string>& values,
                  const std::string& help);
  Option add_flag(const std::string& names, std::function<void()> on_flag, const std::string& help);
  Option add_help_flag(const std::string& names, const std::string& help);
  Option add_version_flag(const std::string& names, const std::string& help);

  // The text at the end of the help: remarks and examples.
  void set_footer(const std::string& text);
  // Leaves words that fit no option to `remaining` instead of rejecting them.
  void allow_extras();
  // The same, and stops parsing at the first such word.
  void stop_at_first_argument();

  // Help, Version: the user requested it, and the values must not be used.
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

// A problem with the command line (config-usage).
[[nodiscard]] Diagnostic make_usage_problem(std::string message,
                                            std::vector<std::string> hints = {});

// The problems of words that `line` could not place: unknown flags with near misses, or an
// unexpected argument. all_words: the words that were parsed.
[[nodiscard]] Diagnostics describe_extra_words(const CommandLine& line,
                                               const std::vector<std::string>& words,
                                               const std::vector<std::string>& all_words);

enum class HelpLength : std::uint8_t {
  Short,  // `-h`: only names the groups of flags that several verbs share
  Full,   // `--help`
};

// The help of a verb: its description, usage line, arguments, flags by group, and footer.
// arguments: shown in the usage line after the declared arguments.
[[nodiscard]] std::string render_help(const CommandLine& line, const Style& style,
                                      std::string_view arguments = {},
                                      HelpLength length = HelpLength::Full);

}  // namespace tenon::cli
