#include "cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "cli/usage.h"
#include "tenon/text.h"

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

// Thrown for a value that one of our checks refuses. CLI11 does not catch it.
struct BadValue {
  std::string message;
  std::string hint;
};

// CLI11 words its errors as "--wire: 1 required TEXT missing".
Diagnostic describe_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    // "--tree excludes --outdated"
    const std::string first = text.substr(0, text.find(' '));
    const std::string second = text.substr(text.rfind(' ') + 1);
    return make_usage_problem(fmt::format("`{}` and `{}` cannot be given together", first, second),
                              {"leave one out"});
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string flag = text.substr(0, text.find(':'));
    const CLI::Option* option = app.get_option_no_throw(flag);
    if (option != nullptr)
      return make_usage_problem(fmt::format("`{}` of `{}` lacks a value", flag, app.get_name()),
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
    throw BadValue{fmt::format("`{}` cannot be `{}`", name, sanitize_text(text)),
                   fmt::format("it is one of {}", all)};
  });
}

Option Option::between(std::size_t least, std::size_t most) const {
  return refine([name = option_->get_name(), least, most](const std::string& text) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && rest == end && number >= least && number <= most) return;
    throw BadValue{fmt::format("`{}` cannot be `{}`", name, sanitize_text(text)),
                   fmt::format("it is a whole number from {} to {}", least, most)};
  });
}

Option Option::refine(std::function<void(const std::string&)> check) const {
  return Option(option_->check(
      [check = std::move(check)](const std::string& text) {
        check(text);
        return std::string();
      },
      // The check has no text in the help.
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

Option CommandLine::add_flag(const std::string& names, std::function<void()> given,
                             const std::string& help) {
  return Option(app_->add_flag_callback(names, std::move(given), help));
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

}  // namespace tenon::cli
