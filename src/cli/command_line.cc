#include "cli/command_line.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "render/style.h"
#include "support/check.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

// Thrown for a value that one of our checks rejects. CLI11 does not catch it.
struct BadValue {
  std::string message;
  std::string hint;
};

// Throws BadValue.
using Check = std::function<void(const std::string& value)>;

OptionInfo make_value_info(std::string type_name) {
  OptionInfo info;
  info.type_name = std::move(type_name);
  info.takes_value = true;
  return info;
}

// The names in a declaration, such as "-o,--output" or "--isolate{*}".
std::vector<std::string> read_names(std::string_view names) {
  std::vector<std::string> result;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    result.emplace_back(name.substr(0, name.find('{')));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  return result;
}

// The name of a flag without its value: "--wire=a=b" is "--wire".
std::string_view get_flag_name(std::string_view word) { return word.substr(0, word.find('=')); }

// Whether `word` is this flag, unless it is the value of another flag.
bool may_be_flag(std::string_view word, const OptionInfo& flag) {
  return std::ranges::any_of(flag.names, [&](const std::string& name) {
    if (name.starts_with("--")) return get_flag_name(word) == name;
    // "-qo=FILE" is "-q -o=FILE".
    return word.starts_with('-') && word.find(name[1], 1) != word.npos;
  });
}

std::string hint_at_help(const std::string& name) {
  return fmt::format("`{} --help` lists its flags and arguments", name);
}

// Rewords the errors of CLI11, such as "--wire: 1 required TEXT missing".
Diagnostic describe_parse_error(const CommandLine& line, const CLI::ParseError& error) {
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    // "--tree excludes --outdated"
    const std::string first = text.substr(0, text.find(' '));
    const std::string second = text.substr(text.rfind(' ') + 1);
    return make_usage_problem(fmt::format("`{}` cannot be used with `{}`", first, second),
                              {"remove one of them"});
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string name = text.substr(0, text.find(':'));
    if (const std::optional<OptionInfo> flag = line.find_flag(name)) {
      const std::string values =
          flag->expected ? fmt::format("{} values", *flag->expected) : "a value";
      return make_usage_problem(fmt::format("`{}` of `{}` needs {}", name, line.name(), values),
                                {fmt::format("write `{} {}`", name, flag->type_name)});
    }
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return make_usage_problem(fmt::format("`{}`: {}", line.name(), sanitize_text(text)),
                            {hint_at_help(line.name())});
}

}  // namespace

struct CommandLine::Declaration {
  OptionInfo info;
  std::string names;  // as CLI11 reads them: "-o,--output", "--isolate{*}", "file"
  AddToApp add_to_app;
  std::vector<Check> checks = {};
  std::vector<const Declaration*> excluded = {};
  bool has_one_value_each = false;
};

using Option = CommandLine::Option;

Option Option::type_name(const std::string& name) const {
  declaration_->info.type_name = name;
  return *this;
}

Option Option::group(const std::string& heading) const {
  declaration_->info.group = heading;
  return *this;
}

Option Option::description(const std::string& text) const {
  declaration_->info.description = text;
  return *this;
}

Option Option::one_value_each() const {
  declaration_->has_one_value_each = true;
  return *this;
}

Option Option::expected(int values) const {
  declaration_->info.expected = values;
  return *this;
}

Option Option::excludes(const Option& other) const {
  declaration_->excluded.push_back(other.declaration_);
  return *this;
}

Option Option::one_of(std::vector<std::string> values) const {
  declaration_->checks.emplace_back([name = declaration_->info.names.back(),
                                     values = std::move(values)](const std::string& text) {
    if (std::ranges::find(values, text) != values.end()) return;
    std::string all;
    for (const std::string& value : values)
      all += fmt::format("{}`{}`", all.empty() ? "" : ", ", value);
    throw BadValue{fmt::format("invalid value `{}` for `{}`", sanitize_text(text), name),
                   fmt::format("expected one of {}", all)};
  });
  return *this;
}

Option Option::between(std::size_t least, std::size_t most) const {
  declaration_->checks.emplace_back(
      [name = declaration_->info.names.back(), least, most](const std::string& text) {
        std::size_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, number);
        if (error == std::errc() && rest == end && number >= least && number <= most) return;
        throw BadValue{fmt::format("invalid value `{}` for `{}`", sanitize_text(text), name),
                       fmt::format("expected a whole number from {} to {}", least, most)};
      });
  return *this;
}

CommandLine::CommandLine(std::string description, std::string name)
    : description_(std::move(description)), name_(std::move(name)) {}

CommandLine::~CommandLine() = default;

Option CommandLine::declare(const std::string& names, const std::string& help, OptionInfo info,
                            AddToApp add_to_app) {
  info.names = read_names(names);
  for (const std::string& name : info.names) TENON_CHECK(find(name) == nullptr);
  info.is_argument = !names.starts_with('-');
  info.description = help;
  declarations_.push_back(std::make_unique<Declaration>(
      Declaration{.info = std::move(info), .names = names, .add_to_app = std::move(add_to_app)}));
  return Option(*declarations_.back());
}

namespace {

template <typename Value>
auto make_add_option(Value& value) {
  return [&value](CLI::App& app, const std::string& names) { return app.add_option(names, value); };
}

template <typename Value>
auto make_add_flag(Value& value) {
  return [&value](CLI::App& app, const std::string& names) { return app.add_flag(names, value); };
}

}  // namespace

Option CommandLine::add_option(const std::string& names, std::string& value,
                               const std::string& help) {
  return declare(names, help, make_value_info("TEXT"), make_add_option(value));
}

Option CommandLine::add_option(const std::string& names, std::optional<std::string>& value,
                               const std::string& help) {
  return declare(names, help, make_value_info("TEXT"), make_add_option(value));
}

Option CommandLine::add_option(const std::string& names, std::optional<std::size_t>& value,
                               const std::string& help) {
  return declare(names, help, make_value_info("UINT"), make_add_option(value));
}

Option CommandLine::add_option(const std::string& names, std::vector<std::string>& values,
                               const std::string& help) {
  OptionInfo info = make_value_info("TEXT");
  info.is_list = true;
  return declare(names, help, std::move(info), make_add_option(values));
}

Option CommandLine::add_option(const std::string& names, ReadValue read, const std::string& help) {
  const auto read_checked = [read = std::move(read)](const std::string& text) {
    const std::string problem = read(text);
    if (!problem.empty()) throw CLI::ValidationError(problem);
  };
  return declare(names, help, make_value_info("TEXT"),
                 [read_checked](CLI::App& app, const std::string& to) {
                   return app.add_option_function<std::string>(to, read_checked);
                 });
}

Option CommandLine::add_shown_option(const std::string& names, const std::string& help) {
  return declare(names, help, make_value_info("TEXT"),
                 [](CLI::App& app, const std::string& to) { return app.add_option(to); });
}

Option CommandLine::add_flag(const std::string& names, bool& value, const std::string& help) {
  return declare(names, help, {}, make_add_flag(value));
}

Option CommandLine::add_flag(const std::string& names, std::string& value,
                             const std::string& help) {
  return declare(names, help, {}, make_add_flag(value));
}

Option CommandLine::add_flag(const std::string& names, std::vector<std::string>& values,
                             const std::string& help) {
  return declare(names, help, {}, make_add_flag(values));
}

Option CommandLine::add_flag(const std::string& names, std::function<void()> on_flag,
                             const std::string& help) {
  return declare(names, help, {},
                 [on_flag = std::move(on_flag)](CLI::App& app, const std::string& to) {
                   return app.add_flag_callback(to, on_flag);
                 });
}

Option CommandLine::add_help_flag(const std::string& names, const std::string& help) {
  return declare(names, help, {},
                 [](CLI::App& app, const std::string& to) { return app.set_help_flag(to); });
}

Option CommandLine::add_version_flag(const std::string& names, const std::string& help) {
  return declare(names, help, {},
                 [](CLI::App& app, const std::string& to) { return app.set_version_flag(to, ""); });
}

void CommandLine::add_to_app(const Declaration& declaration, CLI::App& app) {
  CLI::Option& option = *declaration.add_to_app(app, declaration.names);
  if (declaration.info.expected) option.expected(*declaration.info.expected);
  if (declaration.has_one_value_each) option.allow_extra_args(false);
  for (const Check& check : declaration.checks)
    option.check([&check](const std::string& text) {
      check(text);
      return std::string();
    });
  for (const Declaration* const excluded : declaration.excluded)
    if (CLI::Option* const other = app.get_option_no_throw(excluded->info.names.back()))
      option.excludes(other);
}

Result<CommandLine::Parsed> CommandLine::parse(Words words) {
  CLI::App app("", name_);
  app.set_help_flag();  // removes the one that CLI11 declares
  app.allow_extras(extras_ != Extras::Rejected);
  app.prefix_command(extras_ == Extras::Stop);
  for (const auto& declaration : declarations_) {
    const OptionInfo& info = declaration->info;
    if (info.is_argument || std::ranges::any_of(words, [&](const std::string& word) {
          return may_be_flag(word, info);
        }))
      add_to_app(*declaration, app);
  }
  Result<Parsed> parsed = parse(app, std::move(words));
  remaining_ = app.remaining();
  return parsed;
}

Result<CommandLine::Parsed> CommandLine::parse(CLI::App& app, Words words) const {
  try {
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return Parsed::Help;
  } catch (const CLI::CallForVersion&) {
    return Parsed::Version;
  } catch (const BadValue& bad) {
    return make_usage_problem(bad.message, {bad.hint});
  } catch (const CLI::ParseError& error) {
    return describe_parse_error(*this, error);
  }
  return Parsed::Values;
}

std::vector<OptionInfo> CommandLine::options() const {
  std::vector<OptionInfo> infos;
  for (const auto& declaration : declarations_) infos.push_back(declaration->info);
  return infos;
}

CommandLine::Declaration* CommandLine::find(std::string_view name) const {
  for (const auto& declaration : declarations_)
    if (std::ranges::find(declaration->info.names, name) != declaration->info.names.end())
      return declaration.get();
  return nullptr;
}

std::optional<OptionInfo> CommandLine::find_flag(std::string_view word) const {
  const Declaration* const found = find(word);
  if (found == nullptr || found->info.is_argument) return std::nullopt;
  return found->info;
}

Option CommandLine::get_option(std::string_view name) const {
  Declaration* const found = find(name);
  TENON_CHECK(found != nullptr);
  return Option(*found);
}

namespace {

std::string_view drop_dashes(std::string_view flag) {
  return flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
}

std::vector<std::string> list_flags(const CommandLine& line) {
  std::vector<std::string> flags;
  for (const OptionInfo& option : line.options())
    if (!option.is_argument) std::ranges::copy(option.names, std::back_inserter(flags));
  return flags;
}

bool is_flag(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

Diagnostic describe_unknown_flag(const CommandLine& line, const std::string& word) {
  const std::string_view flag = get_flag_name(word);
  const std::vector<std::string> flags = list_flags(line);
  // Dashes are not misspelled. Comparing names without them avoids near misses of short names that
  // share only the dashes.
  std::vector<std::string_view> names;
  for (const std::string& known : flags) names.push_back(drop_dashes(known));
  std::vector<std::string_view> near;
  for (const std::string_view name : near_misses(drop_dashes(flag), names, 3))
    for (const std::string& known : flags)
      if (drop_dashes(known) == name) near.push_back(known);
  std::string hint = did_you_mean(near);
  if (hint.empty()) hint = hint_at_help(line.name());
  return make_usage_problem(fmt::format("`{}` has no flag `{}`", line.name(), sanitize_text(flag)),
                            {hint});
}

// All words, with `--` before those of the guest: "press -- 'GET /'".
std::string mark_guest_arguments(const std::vector<std::string>& all_words,
                                 const std::vector<std::string>& guest_words) {
  std::string text;
  std::string guest;
  std::size_t next = 0;
  for (const std::string& word : all_words) {
    const bool is_guest = next < guest_words.size() && word == guest_words[next];
    if (is_guest) ++next;
    (is_guest ? guest : text) += quote_shell_word(sanitize_text(word)) + " ";
  }
  text += "-- " + guest;
  text.pop_back();
  return text;
}

}  // namespace

Diagnostic make_usage_problem(std::string message, std::vector<Hint> hints) {
  Diagnostic problem;
  problem.code = "config-usage";
  problem.message = std::move(message);
  problem.hints = std::move(hints);
  return problem;
}

std::vector<std::string> find_arguments(const CommandLine& line,
                                        const std::vector<std::string>& words) {
  std::vector<std::string> arguments;
  for (auto word = words.begin(); word != words.end() && *word != "--"; ++word) {
    if (!word->starts_with('-')) {
      arguments.push_back(*word);
      continue;
    }
    const std::optional<OptionInfo> flag = line.find_flag(*word);
    if (flag && flag->takes_value && !flag->type_name.starts_with("[=") &&
        std::next(word) != words.end())
      ++word;
  }
  return arguments;
}

// An unexpected argument is not reported after an unknown flag: it is probably the flag's value.
Diagnostics describe_extra_words(const CommandLine& line, const std::vector<std::string>& words,
                                 const std::vector<std::string>& all_words) {
  Diagnostics problems;
  for (const std::string& word : words)
    if (is_flag(word)) problems.push_back(describe_unknown_flag(line, word));
  if (!problems.empty() || words.empty()) return problems;
  Diagnostic problem = make_usage_problem(
      fmt::format("unexpected argument `{}` for `{}`", sanitize_text(words.front()), line.name()),
      {});
  // A flag with an optional value does not take the next word as its value.
  for (const std::string& word : all_words) {
    const std::optional<OptionInfo> flag = line.find_flag(word);
    if (flag && flag->type_name.starts_with("[="))
      problem.hints.push_back(
          fmt::format("a value of `{0}` follows `=` without a space: `{0}=VALUE`", word));
  }
  if (line.takes_guest_arguments())
    problem.hints.push_back(fmt::format("arguments of the guest follow `--`: `{} {}`", line.name(),
                                        mark_guest_arguments(all_words, words)));
  else
    problem.hints.push_back(hint_at_help(line.name()));
  problems.push_back(std::move(problem));
  return problems;
}

namespace {

constexpr std::size_t kColumn = 30;       // column of the descriptions
constexpr std::size_t kNarrowColumn = 6;  // of descriptions below the flag, on a narrow terminal
constexpr std::size_t kMostWidth = 100;   // longer lines are hard to read

// "-o, --output OUT"
std::string format_option(const OptionInfo& option) {
  const std::string& type = option.type_name;
  if (option.is_argument) return type;
  const std::string_view gap = type.empty() || type.starts_with("[=") ? "" : " ";
  return fmt::format("{}{}{}", fmt::join(option.names, ", "), gap, type);
}

std::string format_row(const OptionInfo& option, const Style& style) {
  std::string text = "  " + format_option(option);
  const bool is_narrow = style.width != 0 && style.width < 2 * kColumn;
  const std::size_t column = is_narrow ? kNarrowColumn : kColumn;
  if (text.size() + 2 <= column)
    text.append(column - text.size(), ' ');
  else
    text += "\n" + std::string(column, ' ');
  return text + style.wrap(option.description, column, column) + "\n";
}

// The indent of the lines that `line` wraps into: the start of its last column of text.
std::size_t find_hanging(std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", first);
  if (gap != line.npos) return std::min(line.find_first_not_of(' ', gap), line.size());
  return first == 0 ? 0 : first + 2;
}

// Reflows paragraphs. Indented lines keep their breaks.
std::string format_footer(std::string_view footer, const Style& style) {
  std::string text;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) text += style.wrap(paragraph, 0, 0) + "\n";
    paragraph.clear();
  };
  for (std::size_t at = 0; at <= footer.size();) {
    const std::size_t end = std::min(footer.find('\n', at), footer.size());
    const std::string_view line = footer.substr(at, end - at);
    at = end + 1;
    const bool is_row = line.empty() || line.starts_with(' ') || line.ends_with(':');
    if (is_row || style.width == 0) {
      end_paragraph();
      text += style.wrap(line, 0, find_hanging(line)) + "\n";
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + std::string(line);
    }
  }
  end_paragraph();
  return text;
}

std::string format_arguments(const CommandLine& line) {
  std::string text;
  for (const OptionInfo& option : line.options())
    if (option.is_argument)
      text += fmt::format(" [{}]{}", option.type_name, option.is_list ? "..." : "");
  return text;
}

// The groups of flags in the order of their first flag.
std::vector<std::string> list_groups(const CommandLine& line) {
  std::vector<std::string> groups;
  for (const OptionInfo& option : line.options())
    if (!option.is_argument &&
        std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  return groups;
}

// The flags that belong to this verb alone.
constexpr std::string_view kOwnGroup;

// "Link, limit and global flags: `tenon run --help`"; empty if there are no shared groups.
std::string name_shared_groups(const CommandLine& line) {
  std::vector<std::string> names;
  for (const std::string& group : list_groups(line))
    if (group != kOwnGroup) names.push_back(group.substr(0, group.find(' ')));
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) names[i].front() = static_cast<char>(names[i].front() | 0x20);
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text.empty() ? text : fmt::format("{} flags: `{} --help`\n", text, line.name());
}

}  // namespace

std::string render_help(const CommandLine& line, const Style& terminal, std::string_view arguments,
                        HelpLength length) {
  Style style = terminal;
  style.width = std::min(style.width, kMostWidth);
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", line.description(), line.name(),
                                 format_arguments(line));
  if (!arguments.empty()) text.insert(text.size() - 1, fmt::format(" {}", arguments));
  std::string positionals;
  for (const OptionInfo& option : line.options())
    if (option.is_argument) positionals += format_row(option, style);
  if (!positionals.empty()) text += "\n" + positionals;
  for (const std::string& group : list_groups(line)) {
    if (length == HelpLength::Short && group != kOwnGroup) continue;
    text += fmt::format("\n{}:\n", group == kOwnGroup ? "Flags" : group);
    for (const OptionInfo& option : line.options())
      if (!option.is_argument && option.group == group) text += format_row(option, style);
  }
  if (length == HelpLength::Short) text += "\n" + style.wrap(name_shared_groups(line), 0, 0);
  if (!line.footer().empty()) text += "\n" + format_footer(line.footer(), style);
  return text;
}

}  // namespace tenon::cli
