#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/render_diagnostics.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

template <class T>
void add_choice(CommandLine& line, const std::string& name, T& value, const std::string& help,
                const std::map<std::string, T>& choices) {
  std::string names;
  for (const auto& [text, unused] : choices) names += (names.empty() ? "" : "|") + text;
  line.add_option(
          name,
          [&value, &choices = choices, names, name](const std::string& text) -> std::string {
            const auto choice = choices.find(text);
            if (choice == choices.end())
              return fmt::format("{} takes {}, not {}", name, names, text);
            value = choice->second;
            return {};
          },
          help)
      .type_name(names)
      .group("Global flags");
}

// A number in WAVE, which a parser of flags takes for one.
bool is_negative_number(std::string_view word) {
  return word == "-inf" || (word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9');
}

// Flags with a `=` and nothing behind it. A parser of flags takes `--isolate=` for `--isolate`, and
// the next word for the value of `--root=`.
Diagnostics describe_empty_values(const CommandLine& line, const Words& words) {
  Diagnostics problems;
  for (const std::string& word : words) {
    if (word == "--") break;
    if (!word.starts_with("--") || word.find('=') + 1 != word.size()) continue;
    const std::string flag = word.substr(0, word.size() - 1);
    const std::optional<OptionInfo> option = line.find_flag(flag);
    if (!option) continue;
    const std::string& type = option->type_name;
    const bool may_be_alone = type.starts_with("[=");
    problems.push_back(make_usage_problem(
        fmt::format("`{}` of `{}` has no value behind its `=`", flag, line.name()),
        {type.empty()   ? fmt::format("write `{}`", flag)
         : may_be_alone ? fmt::format("write `{0}`, or with a value: `{0}{1}`", flag, type)
                        : fmt::format("write `{} {}`", flag, type)}));
  }
  return problems;
}

// Moves out what is an argument: no flag, or behind `--`. A `-` alone is no flag.
Words take_free_words(Words& unplaced) {
  Words taken;
  Words left;
  bool may_be_flag = true;
  for (std::string& word : unplaced) {
    if (may_be_flag && word == "--")
      may_be_flag = false;
    else if (may_be_flag && word.starts_with('-') && word != "-" && !is_negative_number(word))
      left.push_back(std::move(word));
    else
      taken.push_back(std::move(word));
  }
  unplaced = std::move(left);
  return taken;
}

}  // namespace

Verbosity Session::verbosity() const {
  if (flags.quiet) return Verbosity::Quiet;
  return flags.verbose ? Verbosity::Verbose : Verbosity::Normal;
}

const Verb* find_verb(const Session& session, std::string_view name) {
  const auto found = std::ranges::find(session.verbs, name, &Verb::name);
  return found == session.verbs.end() ? nullptr : &*found;
}

Diagnostic describe_unknown_verb(const Session& session, std::string_view word) {
  std::vector<std::string_view> names;
  for (const Verb& verb : session.verbs)
    if (!verb.name.starts_with('_')) names.push_back(verb.name);
  std::string hint = did_you_mean(near_misses(word, names, 3));
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
  line.add_option("-C", flags.directory, "Work in this folder").type_name("DIR").group(group);
  const CommandLine::Option verbose =
      line.add_flag("-v,--verbose", flags.verbose, "Say what each phase took, and print notes");
  verbose.group(group);
  line.add_flag("-q,--quiet", flags.quiet, "Print no warnings and notes")
      .group(group)
      .excludes(verbose);
  add_choice(line, "--color", flags.color, "When to use colour", kColors);
  add_choice(line, "--error-format", flags.error_format, "Form of problems on standard error",
             kFormats);
  line.add_flag("--ascii", flags.ascii, "Draw with ASCII characters only").group(group);
  line.add_help_flag("-h,--help", "Print help; -h leaves out the flags that commands share")
      .group(group);
}

std::optional<Diagnostic> apply_global_flags(Session& session) {
  const std::string directory = std::exchange(session.flags.directory, {});
  std::error_code failed;
  if (!directory.empty()) std::filesystem::current_path(directory, failed);
  const TerminalSettings settings = read_terminal_settings();
  const CharsetWish wish = session.flags.ascii ? CharsetWish::Ascii : CharsetWish::Locale;
  const ColorWhen when = session.flags.color;
  session.out = choose_style(when, wish, settings, get_stream_kind(Stream::Output),
                             find_columns(Stream::Output));
  session.err = choose_style(when, wish, settings, get_stream_kind(Stream::Error),
                             find_columns(Stream::Error));
  if (failed)
    return make_usage_problem(fmt::format("`-C {}` names a folder that cannot be entered: {}",
                                          sanitize_text(directory), failed.message()),
                              {"name a folder that is there, or leave `-C` out"});
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
  const Words given = words;
  Result<CommandLine::Parsed> parsed = line.parse(std::move(words));
  if (parsed && *parsed == CommandLine::Parsed::Help) {
    (void)apply_global_flags(session);
    const bool is_full = std::ranges::find(given, "--help") != given.end();
    print_result(render_help(line, session.out, free_words == nullptr ? "" : free_words->shown,
                             is_full ? HelpLength::Full : HelpLength::Short));
    return to_int(ExitCode::Fine);
  }
  const std::optional<Diagnostic> unusable = apply_global_flags(session);
  Diagnostics problems;
  if (unusable) problems.push_back(*unusable);
  // What is read with a value that is missing is not worth a word.
  if (mistakes.empty() && !parsed) mistakes = std::move(parsed).error();
  std::ranges::move(mistakes, std::back_inserter(problems));
  Words unplaced = line.remaining();
  if (free_words != nullptr)
    free_words->words = take_free_words(unplaced);
  else if (const auto mark = std::ranges::find(unplaced, "--"); mark != unplaced.end())
    // All words after it are arguments, even those that look like flags.
    unplaced.erase(mark);
  if (problems.empty()) problems = describe_extra_words(line, unplaced, given);
  if (problems.empty()) return std::nullopt;
  return report(session, problems);
}

int report(const Session& session, const Diagnostics& problems) {
  std::fflush(stdout);
  fmt::print(stderr, "{}", render_diagnostics(problems, session.flags.error_format, session.err));
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
  fmt::print(stderr, "{}", render_diagnostics(notes, session.flags.error_format, session.err));
}

void report_times(const Session& session, std::span<const PhaseTime> times) {
  if (session.verbosity() != Verbosity::Verbose) return;
  for (const PhaseTime& time : times)
    fmt::print(stderr, "{:<12} {:>9.2f} ms\n", time.phase, time.milliseconds);
}

}  // namespace tenon::cli
