#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "render/render_diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

template <class T, class Choice>
void add_choice(CommandLine& line, const std::string& name, T& value, const std::string& help,
                const std::map<std::string, Choice>& choices) {
  std::string names;
  for (const auto& [text, unused] : choices) names += (names.empty() ? "" : "|") + text;
  line.add_option(
          name,
          [&value, &choices = choices, names, name](const std::string& text) -> std::string {
            const auto choice = choices.find(text);
            if (choice == choices.end())
              return fmt::format("invalid value `{}` for `{}`, expected {}", text, name, names);
            value = choice->second;
            return {};
          },
          help)
      .type_name(names)
      .group("Global flags");
}

// A negative number in WAVE, which would look like a flag to CLI11.
bool is_negative_number(std::string_view word) {
  return word == "-inf" || (word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9');
}

// Whether results are to be JSON. Read from the words, because problems of other flags end a parse early.
bool asks_for_json(const CommandLine& line, const Words& words) {
  if (!line.find_flag("--json")) return false;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i)
    if (words[i] == "--json" || words[i] == "--format=json" ||
        (words[i] == "json" && i > 0 && words[i - 1] == "--format"))
      return true;
  return false;
}

// Finds flags with an empty value. CLI11 would read `--isolate=` as `--isolate`, and take the next
// word as the value of `--root=`.
Diagnostics describe_empty_values(const CommandLine& line, const Words& words) {
  Diagnostics problems;
  for (const std::string& word : words) {
    if (word == "--") break;
    if (!word.starts_with("--") || word.find('=') + 1 != word.size()) continue;
    const std::string flag = word.substr(0, word.size() - 1);
    const std::optional<OptionInfo> option = line.find_flag(flag);
    if (!option) continue;
    const std::string& type = option->type_name;
    const bool is_optional = type.starts_with("[=");
    problems.push_back(
        make_usage_problem(fmt::format("`{}` of `{}` needs a value after `=`", flag, line.name()),
                           {type.empty()  ? fmt::format("write `{}`", flag)
                            : is_optional ? fmt::format("the form is `{0}{1}`", flag, type)
                                          : fmt::format("write `{} {}`", flag, type)}));
  }
  return problems;
}

// Moves the arguments out of `unplaced`: words that are not flags, and all words after `--`. A lone
// `-` is an argument.
Words take_free_words(Words& unplaced) {
  Words arguments;
  Words flags;
  bool can_be_flag = true;
  for (std::string& word : unplaced) {
    if (can_be_flag && word == "--")
      can_be_flag = false;
    else if (can_be_flag && word.starts_with('-') && word != "-" && !is_negative_number(word))
      flags.push_back(std::move(word));
    else
      arguments.push_back(std::move(word));
  }
  unplaced = std::move(flags);
  return arguments;
}

}  // namespace

Verbosity Session::verbosity() const {
  if (flags.quiet) return Verbosity::Quiet;
  return flags.verbose ? Verbosity::Verbose : Verbosity::Normal;
}

const Verb* find_verb(const Session& session, std::string_view name) {
  const auto verb = std::ranges::find(session.verbs, name, &Verb::name);
  return verb == session.verbs.end() ? nullptr : &*verb;
}

Diagnostic describe_unknown_verb(const Session& session, std::string_view word) {
  std::vector<std::string_view> names;
  for (const Verb& verb : session.verbs)
    if (!verb.name.starts_with('_')) names.push_back(verb.name);
  std::string hint = did_you_mean(near_misses(word, names, 3));
  if (word == "wac")
    hint = "`tenon plan`, `tenon compose` and `tenon run` take `.wac` files: `tenon run FILE.wac`";
  if (hint.empty()) hint = "`tenon --help` lists the commands";
  return make_usage_problem(fmt::format("`tenon` has no command `{}`", sanitize_text(word)),
                            {hint});
}

void add_global_flags(CommandLine& line, GlobalFlags& flags) {
  static const std::map<std::string, ColorWhen> kColors = {
      {"auto", ColorWhen::Auto}, {"always", ColorWhen::Always}, {"never", ColorWhen::Never}};
  static const std::map<std::string, ErrorFormat> kFormats = {
      {"human", ErrorFormat::Human}, {"short", ErrorFormat::Short}, {"json", ErrorFormat::Json}};
  const std::string group = "Global flags";
  line.add_option("-C", flags.directory, "Change to this folder first")
      .type_name("DIR")
      .group(group);
  const CommandLine::Option verbose =
      line.add_flag("-v,--verbose", flags.verbose, "Print all notes, and the time of each phase");
  verbose.group(group);
  line.add_flag("-q,--quiet", flags.quiet, "Do not print warnings and notes")
      .group(group)
      .excludes(verbose);
  add_choice(line, "--color", flags.color, "When to use color", kColors);
  add_choice(line, "--error-format", flags.error_format, "Format of problems on standard error",
             kFormats);
  line.add_flag("--ascii", flags.ascii, "Use ASCII characters only").group(group);
  line.add_help_flag("-h,--help", "Print help; -h omits the flags that commands share")
      .group(group);
}

std::optional<Diagnostic> apply_global_flags(Session& session) {
  const std::string directory = std::exchange(session.flags.directory, {});
  std::error_code failed;
  if (!directory.empty()) {
    session.first_folder = std::filesystem::current_path(failed).string();
    std::filesystem::current_path(directory, failed);
  }
  const TerminalSettings settings = read_terminal_settings();
  const CharsetChoice charset = session.flags.ascii ? CharsetChoice::Ascii : CharsetChoice::Locale;
  const ColorWhen when = session.flags.color;
  session.out = choose_style(when, charset, settings, get_stream_kind(Stream::Output),
                             find_columns(Stream::Output));
  session.err = choose_style(when, charset, settings, get_stream_kind(Stream::Error),
                             find_columns(Stream::Error));
  if (failed)
    return make_usage_problem(fmt::format("cannot enter the folder `{}` of `-C`: {}",
                                          sanitize_text(directory), failed.message()),
                              {"name an existing folder, or leave `-C` out"});
  return std::nullopt;
}

std::optional<int> parse_words(CommandLine& line, Words words, Session& session,
                               FreeWords* free_words) {
  add_global_flags(line, session.flags);
  line.allow_extras();
  if (session.describe) {
    session.describe(line);
    return to_int(ExitCode::Fine);
  }
  Diagnostics mistakes = describe_empty_values(line, words);
  const Words all_words = words;
  if (asks_for_json(line, words)) session.default_error_format = ErrorFormat::Json;
  session.reader = make_hint_reader(line, all_words);
  Result<CommandLine::Parsed> parsed = line.parse(std::move(words));
  if (parsed && *parsed == CommandLine::Parsed::Help) {
    (void)apply_global_flags(session);
    const bool is_full = std::ranges::find(all_words, "--help") != all_words.end();
    print_result(render_help(line, session.out, free_words == nullptr ? "" : free_words->shown,
                             is_full ? HelpLength::Full : HelpLength::Short));
    return to_int(ExitCode::Fine);
  }
  const std::optional<Diagnostic> bad_flag = apply_global_flags(session);
  Diagnostics problems;
  if (bad_flag) problems.push_back(*bad_flag);
  // A missing value makes CLI11 misread the words after it: its own errors would mislead.
  if (mistakes.empty() && !parsed) mistakes = std::move(parsed).error();
  std::ranges::move(mistakes, std::back_inserter(problems));
  Words unplaced = line.remaining();
  if (free_words != nullptr)
    free_words->words = take_free_words(unplaced);
  else if (const auto mark = std::ranges::find(unplaced, "--"); mark != unplaced.end())
    // The words after it are arguments, even those that look like flags.
    unplaced.erase(mark);
  if (problems.empty()) problems = describe_extra_words(line, unplaced, all_words);
  if (problems.empty()) return std::nullopt;
  return report(session, problems);
}

int report(const Session& session, const Diagnostics& problems) {
  flush_results();
  print_error("{}",
              render_diagnostics(problems, session.error_format(), session.err, session.reader));
  return to_int(choose_exit_code(session.convention, problems));
}

void report_notes(const Session& session, std::span<const Diagnostic> notes) {
  if (session.verbosity() == Verbosity::Quiet) return;
  Diagnostics shown;
  for (const Diagnostic& note : notes)
    if (note.severity != Severity::Note || session.verbosity() == Verbosity::Verbose)
      shown.push_back(note);
  print_notes(session, shown);
}

void print_notes(const Session& session, const Diagnostics& notes) {
  if (session.verbosity() == Verbosity::Quiet || notes.empty()) return;
  print_error("{}", render_diagnostics(notes, session.error_format(), session.err, session.reader));
}

void report_times(const Session& session, std::span<const PhaseTime> times) {
  if (session.verbosity() != Verbosity::Verbose) return;
  for (const PhaseTime& time : times)
    print_error("{:<12} {:>9.2f} ms\n", time.phase, time.milliseconds);
}

std::string render_unit_times(std::span<const UnitTime> times) {
  struct Unit {
    std::string name;
    double sum = 0;
    std::vector<std::string> steps = {};
  };
  std::vector<Unit> units;
  for (const UnitTime& time : times) {
    auto unit = std::ranges::find(units, time.unit, &Unit::name);
    if (unit == units.end()) unit = units.insert(unit, {.name = time.unit});
    unit->sum += time.milliseconds;
    unit->steps.push_back(fmt::format("{} {:.2f} ms", time.step, time.milliseconds));
  }
  std::ranges::stable_sort(units, std::ranges::greater(), &Unit::sum);
  std::vector<Row> rows;
  for (const Unit& unit : units)
    rows.push_back({sanitize_text(unit.name), fmt::format("{:>9.2f} ms", unit.sum),
                    fmt::format("{}", fmt::join(unit.steps, ", "))});
  return render_rows(rows, "  ");
}

namespace {

ExitCode choose_run_code(std::string_view code) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, code) != codes.end();
  };
  if (code == "run-deadline") return ExitCode::RunDeadline;
  if (is_one_of({"run-trap", "run-deadlock", "run-open-import", "run-ended", "run-reentrance",
                 "run-interrupted", "run-remote", "run-refused"}))
    return ExitCode::RunTrap;
  if (code == "run-guest-error") return ExitCode::Problems;
  if (is_one_of({"read-file", "run-no-command", "run-no-function"})) return ExitCode::RunNotFound;
  for (const std::string_view area : {"config-", "remote-", "run-", "value-", "write-"})
    if (code.starts_with(area)) return ExitCode::RunUsage;
  return ExitCode::RunLink;
}

}  // namespace

ExitCode choose_exit_code(ExitConvention convention, const Diagnostics& problems) {
  const auto error = std::find_if(problems.begin(), problems.end(), [](const Diagnostic& problem) {
    return problem.severity == Severity::Error;
  });
  const std::string_view code = error == problems.end() ? problems.front().code : error->code;
  if (convention == ExitConvention::Run) return choose_run_code(code);
  return code == "config-usage" ? ExitCode::Usage : ExitCode::Problems;
}

namespace {

std::string list_actions(const ActionVerb& verb) {
  std::size_t width = 0;
  for (const Action& action : verb.actions) width = std::max(width, action.name.size());
  std::string text = "Commands:\n";
  for (const Action& action : verb.actions)
    text += fmt::format("  {:<{}}  {}\n", action.name, width, action.help);
  return text +
         fmt::format("\nSee `tenon {} COMMAND --help` for more about a command.\n\n", verb.name);
}

// "`tenon pack types`, `encode`, `decode` or `verify`"
std::string name_actions(const ActionVerb& verb) {
  std::string text;
  for (std::size_t i = 0; i < verb.actions.size(); ++i) {
    if (i > 0) text += i + 1 == verb.actions.size() ? " or " : ", ";
    text += i == 0 ? fmt::format("`tenon {} {}`", verb.name, verb.actions[i].name)
                   : fmt::format("`{}`", verb.actions[i].name);
  }
  return text;
}

}  // namespace

int run_action(const ActionVerb& verb, Session& session, Words words) {
  std::string name;
  if (!words.empty() && !words.front().starts_with('-')) {
    name = words.front();
    const auto action = std::ranges::find(verb.actions, name, &Action::name);
    words.erase(words.begin());
    if (action != verb.actions.end()) return action->run(session, std::move(words));
    // The other words belong to the unknown action.
    words.clear();
  }
  std::vector<std::string_view> names;
  std::string shown;
  for (const Action& action : verb.actions) {
    names.push_back(action.name);
    shown += fmt::format("{}{}", shown.empty() ? "" : "|", action.name);
  }
  CommandLine line(std::string(verb.description), fmt::format("tenon {}", verb.name));
  std::string unused;
  line.add_option("action", unused, "Command to run").type_name(shown);
  line.set_footer(list_actions(verb) + fmt::format("Examples:\n{}", verb.examples));
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  std::string hint = did_you_mean(near_misses(name, names, 2));
  if (hint.empty()) hint = name_actions(verb);
  return report(session, {make_usage_problem(
                             name.empty() ? fmt::format("`tenon {}` needs a command", verb.name)
                                          : fmt::format("`tenon {}` has no command `{}`", verb.name,
                                                        sanitize_text(name)),
                             {hint})});
}

}  // namespace tenon::cli
