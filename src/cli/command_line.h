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
// includes them. Declaring all flags of `tenon run` with it takes 0.3 ms, so only those that the words
// name are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/style.h"
#include "tenon/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tenon::cli {

using namespace render;

using Words = std::vector<std::string>;

// A flag or an argument as the help shows it.
struct OptionInfo {
  std::vector<std::string> names;  // "-o", "--output"; the longest last
  std::string type_name;           // "FILE", "human|json"; empty if it takes no value
  std::string group;               // heading in the help; empty for those of this verb alone
  std::string description;
  bool is_argument = false;  // positional, without a name on the command line
  bool takes_value = false;
  bool is_list = false;         // takes several values
  std::optional<int> expected;  // the number of values, if it is fixed
};

class CommandLine final {
  struct Declaration;

 public:
  // Refines an option that was just added. Valid as long as its command line.
  class Option final {
   public:
    explicit Option(Declaration& declaration) : declaration_(&declaration) {}

    // The name of the value in the help, such as FILE. Completion chooses candidates by it.
    Option type_name(const std::string& name) const;
    Option group(const std::string& heading) const;
    Option description(const std::string& text) const;
    // Each value needs the flag before it: `--with a --with b`, and never `--with a b`.
    Option one_value_each() const;
    // Fixes the number of values of a list.
    Option expected(int values) const;
    Option excludes(const Option& other) const;
    Option one_of(std::vector<std::string> values) const;
    // Accepts only whole numbers in this range.
    Option between(std::size_t least, std::size_t most) const;

   private:
    Declaration* declaration_;
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
  void set_footer(std::string text) { footer_ = std::move(text); }
  // The words after `--` are arguments of the guest. `describe_extra_words` says so.
  void take_guest_arguments() { takes_guest_arguments_ = true; }
  [[nodiscard]] bool takes_guest_arguments() const { return takes_guest_arguments_; }
  // Leaves words that fit no option to `remaining` instead of rejecting them.
  void allow_extras() { extras_ = Extras::Allowed; }
  // The same, and stops parsing at the first such word.
  void stop_at_first_argument() { extras_ = Extras::Stop; }

  // Help, Version: the user requested it, and the values must not be used.
  enum class Parsed { Values, Help, Version };

  // Errors: config-usage.
  [[nodiscard]] Result<Parsed> parse(Words words);
  [[nodiscard]] const Words& remaining() const { return remaining_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] const std::string& footer() const { return footer_; }
  [[nodiscard]] std::vector<OptionInfo> options() const;
  // word: "--root", "-o". Nothing if no flag has that name.
  [[nodiscard]] std::optional<OptionInfo> find_flag(std::string_view word) const;
  // An option that another function added, to refine it. REQUIRES: it exists.
  [[nodiscard]] Option get_option(std::string_view name) const;

 private:
  enum class Extras : std::uint8_t { Rejected, Allowed, Stop };

  // Declares an option with CLI11. names: as the functions above take them.
  using AddToApp = std::function<CLI::Option*(CLI::App& app, const std::string& names)>;

  Option declare(const std::string& names, const std::string& help, OptionInfo info,
                 AddToApp add_to_app);
  [[nodiscard]] Declaration* find(std::string_view name) const;
  [[nodiscard]] Result<Parsed> parse(CLI::App& app, Words words) const;
  static void add_to_app(const Declaration& declaration, CLI::App& app);

  std::string description_;
  std::string name_;
  std::string footer_;
  std::vector<std::unique_ptr<Declaration>> declarations_;
  Extras extras_ = Extras::Rejected;
  bool takes_guest_arguments_ = false;
  Words remaining_;
};

// A problem with the command line (config-usage).
[[nodiscard]] Diagnostic make_usage_problem(std::string message, std::vector<Hint> hints = {});

// The value of a flag; absent if the flag is not given, or if it has no such value, which is added to
// `problems` with the name of the flag.
template <class T>
std::optional<T> read_flag(std::string_view flag, const std::optional<std::string>& text,
                           Result<T> (*parse)(std::string_view), Diagnostics& problems) {
  if (!text) return std::nullopt;
  const Result<T> value = parse(*text);
  if (value) return *value;
  const Diagnostic& problem = value.error().front();
  problems.push_back(
      make_usage_problem("`" + std::string(flag) + "`: " + problem.message, problem.hints));
  return std::nullopt;
}

// The words before `--` that are neither flags nor values of flags.
[[nodiscard]] std::vector<std::string> find_arguments(const CommandLine& line,
                                                      const std::vector<std::string>& words);

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
