#include "cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

OptionInfo make_info(const CLI::Option& option) {
  OptionInfo info;
  info.short_names = option.get_snames();
  info.long_names = option.get_lnames();
  info.type_name = option.get_type_name();
  info.group = option.get_group();
  info.description = option.get_description();
  info.is_argument = option.get_positional();
  info.takes_value = option.get_items_expected_max() > 0;
  info.is_list = option.get_items_expected_max() > 1;
  return info;
}

std::string hint_at_help(const std::string& name) {
  return fmt::format("`{} --help` lists its flags and arguments", name);
}

// Thrown for a value that one of our checks rejects. CLI11 does not catch it.
struct BadValue {
  std::string message;
  std::string hint;
};

// Rewords the errors of CLI11, such as "--wire: 1 required TEXT missing".
Diagnostic describe_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    // "--tree excludes --outdated"
    const std::string first = text.substr(0, text.find(' '));
    const std::string second = text.substr(text.rfind(' ') + 1);
    return make_usage_problem(fmt::format("`{}` cannot be used with `{}`", first, second),
                              {"remove one of them"});
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string flag = text.substr(0, text.find(':'));
    const CLI::Option* option = app.get_option_no_throw(flag);
    if (option != nullptr)
      return make_usage_problem(fmt::format("`{}` of `{}` needs a value", flag, app.get_name()),
                                {fmt::format("write `{} {}`", flag, option->get_type_name())});
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return make_usage_problem(fmt::format("`{}`: {}", app.get_name(), sanitize_text(text)),
                            {hint_at_help(app.get_name())});
}

}  // namespace

using Option = CommandLine::Option;

Option Option::type_name(const std::string& name) const { return Option(option_->type_name(name)); }

Option Option::group(const std::string& heading) const { return Option(option_->group(heading)); }

Option Option::description(const std::string& text) const {
  return Option(option_->description(text));
}

Option Option::one_value_each() const { return Option(option_->allow_extra_args(false)); }

Option Option::expected(int values) const { return Option(option_->expected(values)); }

Option Option::excludes(const Option& other) const {
  return Option(option_->excludes(other.option_));
}

Option Option::one_of(std::vector<std::string> values) const {
  return refine([name = option_->get_name(), values = std::move(values)](const std::string& text) {
    if (std::ranges::find(values, text) != values.end()) return;
    std::string all;
    for (const std::string& value : values)
      all += fmt::format("{}`{}`", all.empty() ? "" : ", ", value);
    throw BadValue{fmt::format("invalid value `{}` for `{}`", sanitize_text(text), name),
                   fmt::format("expected one of {}", all)};
  });
}

Option Option::between(std::size_t least, std::size_t most) const {
  return refine([name = option_->get_name(), least, most](const std::string& text) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && rest == end && number >= least && number <= most) return;
    throw BadValue{fmt::format("invalid value `{}` for `{}`", sanitize_text(text), name),
                   fmt::format("expected a whole number from {} to {}", least, most)};
  });
}

Option Option::refine(std::function<void(const std::string&)> check) const {
  return Option(option_->check(
      [check = std::move(check)](const std::string& text) {
        check(text);
        return std::string();
      },
      // CLI11 would show this text in the help.
      ""));
}

CommandLine::CommandLine(std::string description, std::string name)
    : app_(std::make_unique<CLI::App>(std::move(description), std::move(name))) {}

CommandLine::~CommandLine() = default;

Option CommandLine::add_option(const std::string& names, std::string& value,
                               const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option CommandLine::add_option(const std::string& names, std::optional<std::string>& value,
                               const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option CommandLine::add_option(const std::string& names, std::optional<std::size_t>& value,
                               const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option CommandLine::add_option(const std::string& names, std::vector<std::string>& values,
                               const std::string& help) {
  return Option(app_->add_option(names, values, help));
}

Option CommandLine::add_option(const std::string& names, ReadValue read, const std::string& help) {
  return Option(app_->add_option_function<std::string>(
      names,
      [read = std::move(read)](const std::string& text) {
        const std::string problem = read(text);
        if (!problem.empty()) throw CLI::ValidationError(problem);
      },
      help));
}

Option CommandLine::add_shown_option(const std::string& names, const std::string& help) {
  return Option(app_->add_option(names, help));
}

Option CommandLine::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

Option CommandLine::add_flag(const std::string& names, std::string& value,
                             const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

Option CommandLine::add_flag(const std::string& names, std::vector<std::string>& values,
                             const std::string& help) {
  return Option(app_->add_flag(names, values, help));
}

Option CommandLine::add_flag(const std::string& names, std::function<void()> on_flag,
                             const std::string& help) {
  return Option(app_->add_flag_callback(names, std::move(on_flag), help));
}

Option CommandLine::add_help_flag(const std::string& names, const std::string& help) {
  return Option(app_->set_help_flag(names, help));
}

Option CommandLine::add_version_flag(const std::string& names, const std::string& help) {
  return Option(app_->set_version_flag(names, "", help));
}

void CommandLine::set_footer(const std::string& text) { app_->footer(text); }

void CommandLine::allow_extras() { app_->allow_extras(); }

void CommandLine::stop_at_first_argument() { app_->prefix_command(); }

Result<CommandLine::Parsed> CommandLine::parse(Words words) {
  try {
    std::reverse(words.begin(), words.end());
    app_->parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return Parsed::Help;
  } catch (const CLI::CallForVersion&) {
    return Parsed::Version;
  } catch (const BadValue& bad) {
    return make_usage_problem(bad.message, {bad.hint});
  } catch (const CLI::ParseError& error) {
    return describe_parse_error(*app_, error);
  }
  return Parsed::Values;
}

Words CommandLine::remaining() const { return app_->remaining(); }

std::string CommandLine::name() const { return app_->get_name(); }

std::string CommandLine::description() const { return app_->get_description(); }

std::string CommandLine::footer() const { return app_->get_footer(); }

std::vector<OptionInfo> CommandLine::options() const {
  std::vector<OptionInfo> infos;
  const CLI::App& app = *app_;
  for (const CLI::Option* option : app.get_options()) infos.push_back(make_info(*option));
  return infos;
}

std::optional<OptionInfo> CommandLine::find_flag(const std::string& word) const {
  const CLI::Option* const option = std::as_const(*app_).get_option_no_throw(word);
  if (option == nullptr || option->get_positional()) return std::nullopt;
  return make_info(*option);
}

Option CommandLine::get_option(const std::string& name) { return Option(app_->get_option(name)); }

namespace {

// The name of a flag without its value: "--wire=a=b" is "--wire".
std::string_view get_flag_name(std::string_view word) { return word.substr(0, word.find('=')); }

std::string_view drop_dashes(std::string_view flag) {
  return flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
}

std::vector<std::string> list_flags(const CommandLine& line) {
  std::vector<std::string> flags;
  for (const OptionInfo& option : line.options()) {
    for (const std::string& name : option.long_names) flags.push_back("--" + name);
    for (const std::string& name : option.short_names) flags.push_back("-" + name);
  }
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

}  // namespace

Diagnostic make_usage_problem(std::string message, std::vector<std::string> hints) {
  Diagnostic problem;
  problem.code = "config-usage";
  problem.message = std::move(message);
  problem.hints = std::move(hints);
  return problem;
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
  std::string text;
  for (const std::string& name : option.short_names) text += (text.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.long_names) text += (text.empty() ? "--" : ", --") + name;
  const std::string& type = option.type_name;
  if (text.empty() || type.empty()) return text + type;
  return text + (type.starts_with("[=") ? "" : " ") + type;
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

// CLI11's default group: the flags that belong to this verb alone.
constexpr std::string_view kOwnGroup = "Options";

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
