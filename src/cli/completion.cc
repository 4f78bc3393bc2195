#include "cli/completion.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/extension_flags.h"
#include "cli/function_names.h"
#include "cli/link_request.h"
#include "tenon/composition.h"
#include "tenon/diagnostic.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;
using Candidates = std::vector<Candidate>;

// The argument that follows `count` others; nothing if the verb takes no more.
std::optional<OptionInfo> find_argument(const CommandLine& line, std::size_t count) {
  std::vector<OptionInfo> arguments = line.options();
  std::erase_if(arguments, [](const OptionInfo& option) { return !option.is_argument; });
  // A single one may be given more than once, or be given again by mistake.
  if (arguments.size() == 1) return arguments.front();
  if (count >= arguments.size()) return std::nullopt;
  return arguments[count];
}

// The words that are neither flags nor values of flags.
Words find_arguments(const CommandLine& line, const Words& words) {
  Words arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::optional<OptionInfo> flag = line.find_flag(words[i]);
    if (flag && flag->takes_value)
      ++i;
    else if (!words[i].starts_with('-'))
      arguments.push_back(words[i]);
  }
  return arguments;
}

void add_flags(const CommandLine& line, Candidates& candidates) {
  for (const OptionInfo& option : line.options()) {
    for (const std::string& name : option.short_names)
      candidates.push_back({"-" + name, option.description});
    for (const std::string& name : option.long_names)
      candidates.push_back({"--" + name, option.description});
  }
}

// Component files and folders that begin with `typed`.
void add_paths(const std::string& typed, Candidates& candidates) {
  const std::size_t slash = typed.rfind('/');
  const std::string head = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  const std::string stem = typed.substr(head.size());
  std::error_code failed;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(head.empty() ? fs::path(".") : fs::path(head), failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(stem) || (stem.empty() && name.starts_with('.'))) continue;
    if (entry.is_directory(failed))
      candidates.push_back({head + name + "/", ""});
    else if (name.ends_with(".wasm") || name.ends_with(".wat"))
      candidates.push_back({head + name, ""});
  }
}

// Plans what is named so far; nothing if that has problems.
std::optional<Plan> plan_so_far(const LinkRequest& request) {
  Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return std::nullopt;
  builder->allow_unresolved();
  Result<Plan> plan = builder->plan();
  if (!plan) return std::nullopt;
  return *std::move(plan);
}

void add_plan_names(const CommandLine& line, const Words& words, std::string_view what,
                    Candidates& candidates) {
  LinkRequest request;
  request.components = find_arguments(line, words);
  const std::optional<Plan> plan = plan_so_far(request);
  if (!plan) return;
  for (const PlanUnit& unit : plan->units) {
    if (what == "UNIT") candidates.push_back({unit.name, unit.version.value_or("")});
    if (what == "IMPORT")
      for (const PlanItem& item : unit.imports) candidates.push_back({item.name, unit.name});
  }
}

// The functions of a line's target. They need not link yet: helpers may follow.
void add_functions(const CommandLine& line, const Words& words, const std::string& typed,
                   Candidates& candidates) {
  LinkRequest request;
  request.components = find_arguments(line, words);
  if (request.components.size() > 1) request.components.resize(1);
  request.first_is_root = LinkRequest::FirstIsRoot::Yes;
  const std::optional<Plan> plan = plan_so_far(request);
  if (!plan) return;
  for (std::string& name : complete_function(list_exported_functions(*plan), typed))
    candidates.push_back({std::move(name), ""});
}

void add_choices(std::string_view choices, Candidates& candidates) {
  while (!choices.empty()) {
    const std::size_t end = choices.find('|');
    candidates.push_back({std::string(choices.substr(0, end)), ""});
    choices.remove_prefix(end == std::string_view::npos ? choices.size() : end + 1);
  }
}

// Names and aliases of what is installed. What cannot be read has none.
void add_extensions(bool commands_only, Candidates& candidates) {
  const Result<std::vector<Installed>> all = list_installed("");
  if (!all) return;
  for (const auto& [one, is_projects] : *all) {
    if (commands_only && !one.command) continue;
    candidates.push_back({one.name, sanitize_text(one.description)});
    if (one.command)
      for (const std::string& alias : one.command->aliases)
        candidates.push_back({alias, sanitize_text(one.description)});
  }
}

// Type names of options say what a value is: words between bars, or a kind in capitals.
void add_values(const CommandLine& line, const OptionInfo& option, const Words& words,
                const std::string& typed, Candidates& candidates) {
  const std::string& type = option.type_name;
  if (type == "CODE")
    for (const std::string_view code : all_diagnostic_codes())
      candidates.push_back({std::string(code), ""});
  else if (type == "UNIT")
    add_plan_names(line, words, "UNIT", candidates);
  else if (type == "[CONSUMER:]IMPORT")
    add_plan_names(line, words, "IMPORT", candidates);
  else if (type == "FUNC" || type == "CALL")
    add_functions(line, words, typed, candidates);
  else if (type.starts_with(kExtensionType))
    add_extensions(false, candidates);
  else if (type == "COMPONENT" || type == "SOURCE" || type == "FILE" || type == "FILE|DIR" ||
           type == "TARGET" || type == "A B")
    add_paths(typed, candidates);
  else if (type.find('|') != std::string::npos && type.find_first_of("[=:") == std::string::npos)
    add_choices(type, candidates);
}

// Candidates for the last word of a verb's line.
Candidates complete_verb(const CommandLine& line, const Words& before, const std::string& typed) {
  Candidates candidates;
  const std::size_t mark = typed.find('=');
  std::optional<OptionInfo> flag;
  if (!before.empty()) flag = line.find_flag(before.back());
  if (std::find(before.begin(), before.end(), "--") != before.end()) return candidates;
  if (flag && flag->takes_value) {
    add_values(line, *flag, before, typed, candidates);
  } else if (typed.starts_with("--") && mark != std::string::npos) {
    flag = line.find_flag(typed.substr(0, mark));
    if (flag) add_values(line, *flag, before, typed.substr(mark + 1), candidates);
    for (Candidate& candidate : candidates) candidate.text.insert(0, typed.substr(0, mark + 1));
  } else if (typed.starts_with('-')) {
    add_flags(line, candidates);
  } else if (const std::optional<OptionInfo> argument =
                 find_argument(line, find_arguments(line, before).size())) {
    add_values(line, *argument, before, typed, candidates);
  }
  return candidates;
}

// Sorted, without repeats, and only what begins with the typed text.
Candidates select(Candidates candidates, const std::string& typed) {
  std::erase_if(candidates,
                [&](const Candidate& candidate) { return !candidate.text.starts_with(typed); });
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.text < b.text; });
  const auto same = [](const Candidate& a, const Candidate& b) { return a.text == b.text; };
  candidates.erase(std::unique(candidates.begin(), candidates.end(), same), candidates.end());
  return candidates;
}

Candidates list_verbs(const Session& session) {
  Candidates candidates;
  for (const Verb& verb : session.verbs)
    if (!verb.help.empty()) candidates.push_back({std::string(verb.name), std::string(verb.help)});
  return candidates;
}

}  // namespace

std::vector<Candidate> complete_words(Session& session, const Words& words) {
  const std::string typed = words.empty() ? "" : words.back();
  Words before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  CommandLine globals("", "tenon");
  GlobalFlags ignored;
  add_global_flags(globals, ignored);
  const Words arguments = find_arguments(globals, before);
  if (arguments.empty()) {
    Candidates candidates = complete_verb(globals, before, typed);
    if (candidates.empty()) {
      candidates = list_verbs(session);
      add_extensions(true, candidates);
    }
    return select(std::move(candidates), typed);
  }
  const auto verb = std::find_if(session.verbs.begin(), session.verbs.end(),
                                 [&](const Verb& row) { return row.name == arguments.front(); });
  if (verb == session.verbs.end()) return {};
  before.erase(before.begin(), std::find(before.begin(), before.end(), arguments.front()) + 1);
  Candidates candidates;
  session.describe = [&](const CommandLine& line) {
    // "tenon pack types": `types` is part of the name and no argument.
    const std::string& name = line.name();
    if (std::count(name.begin(), name.end(), ' ') > 1) before.erase(before.begin());
    candidates = complete_verb(line, before, typed);
  };
  verb->run(session, before);
  session.describe = nullptr;
  if (verb->name == "help" && candidates.empty() && before.empty())
    candidates = list_verbs(session);
  return select(std::move(candidates), typed);
}

}  // namespace tenon::cli
