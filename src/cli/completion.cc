// How completion works: global flags are skipped to find the verb, then the verb is run with
// Session::describe set. `parse_words` passes the declared flags to `describe` and parses nothing,
// so the verb returns before it does anything. The word before the cursor decides what is
// completed: the value of a flag, a flag, or an argument. Values that depend on components, such as
// functions, come from a plan of the components on the line.
#include "cli/completion.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/control_socket.h"
#include "cli/doc_pages.h"
#include "cli/environment.h"
#include "cli/extension_stores.h"
#include "cli/link_request.h"
#include "render/render_functions.h"
#include "support/terminal_text.h"
#include "tenon/builder.h"
#include "tenon/inspect.h"
#include "tenon/result.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;
using Candidates = std::vector<Candidate>;

// The argument that follows `count` others; nothing if the verb takes no more.
std::optional<OptionInfo> find_argument(const CommandLine& line, std::size_t count) {
  std::vector<OptionInfo> arguments = line.options();
  std::erase_if(arguments, [](const OptionInfo& option) { return !option.is_argument; });
  // A single argument can be a list, or be repeated by mistake.
  if (arguments.size() == 1) return arguments.front();
  if (count >= arguments.size()) return std::nullopt;
  return arguments[count];
}

void add_flags(const CommandLine& line, Candidates& candidates) {
  for (const OptionInfo& option : line.options())
    if (!option.is_argument)
      for (const std::string& name : option.names) candidates.push_back({name, option.description});
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

// The plan of the components on the line so far; nothing if they have problems.
std::optional<Plan> make_partial_plan(const LinkRequest& request) {
  Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return std::nullopt;
  builder->allow_unresolved();
  Result<Plan> plan = builder->plan();
  if (!plan) return std::nullopt;
  return *std::move(plan);
}

bool is_path_type(std::string_view type) {
  return type == "COMPONENT" || type == "SOURCE" || type == "FILE" || type == "FILE|DIR" ||
         type == "TARGET" || type == "A B";
}

// The components on the line so far: its arguments, without functions and their values, and those of
// `--with`.
LinkRequest find_request(const CommandLine& line, const Words& words) {
  LinkRequest request;
  for (const std::string& argument : find_arguments(line, words)) {
    const auto option = find_argument(line, request.components.size());
    if (option && is_path_type(option->type_name) &&
        (option->is_list || request.components.empty()))
      request.components.push_back(argument);
  }
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--with") request.helpers.push_back(words[i + 1]);
  return request;
}

// The units of these components. A wire is often written because the plan fails without it; then they
// are read one by one, and have the names of their files.
std::vector<PlanUnit> find_units(const LinkRequest& request) {
  if (std::optional<Plan> plan = make_partial_plan(request)) return std::move(plan->units);
  std::vector<PlanUnit> units;
  Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return units;
  for (const std::string& file : builder->files()) {
    Result<Inspection> inspection = inspect_file(file);
    if (!inspection) continue;
    PlanUnit& unit = units.emplace_back();
    unit.name = fs::path(file).stem().string();
    unit.imports = std::move(inspection->imports);
    unit.exports = std::move(inspection->exports);
  }
  return units;
}

// Adds the names of units after `head`.
void add_units(const std::vector<PlanUnit>& units, const std::string& head,
               Candidates& candidates) {
  for (const PlanUnit& unit : units)
    candidates.push_back({head + unit.name, unit.version.value_or("")});
}

void add_imports(const std::vector<PlanUnit>& units, std::string_view tail,
                 Candidates& candidates) {
  for (const PlanUnit& unit : units)
    for (const PlanItem& item : unit.imports)
      candidates.push_back({item.name + std::string(tail), unit.name});
}

// UNIT:ITEM
void add_exports(const std::vector<PlanUnit>& units, const std::string& typed,
                 Candidates& candidates) {
  for (const PlanUnit& unit : units) {
    const std::string head = unit.name + ":";
    if (!typed.starts_with(head)) {
      candidates.push_back({head, unit.version.value_or("")});
      continue;
    }
    for (const PlanItem& item : unit.exports) candidates.push_back({head + item.name, ""});
  }
}

// IMPORT=UNIT, or lists of units after `=` or alone. list: what separates the units.
void add_chosen_units(const std::vector<PlanUnit>& units, const std::string& typed,
                      std::string_view marks, Candidates& candidates) {
  const std::size_t mark = typed.find_last_of(marks);
  if (mark == std::string::npos && marks.starts_with('='))
    add_imports(units, "=", candidates);
  else
    add_units(units, mark == std::string::npos ? "" : typed.substr(0, mark + 1), candidates);
}

// Adds the names of running services.
void add_services(Candidates& candidates) {
  if (const auto names = list_services(find_control_folder()))
    for (const std::string& name : *names) candidates.push_back({name, ""});
}

// Adds the names of the host bundles that a link would find.
void add_bundles(Candidates& candidates) {
  if (const auto places = list_host_bundles(make_host_search({})))
    for (const HostPlace& place : *places)
      candidates.push_back({place.name, sanitize_text(place.description)});
}

// Adds the values of flags and arguments that name units or their items. Returns false for others.
bool add_link_values(const CommandLine& line, std::string_view type, const Words& words,
                     const std::string& typed, Candidates& candidates) {
  const auto units = [&] { return find_units(find_request(line, words)); };
  if (type == "UNIT")
    add_units(units(), "", candidates);
  else if (type == "[CONSUMER:]IMPORT")
    add_imports(units(), "", candidates);
  else if (type == "[CONSUMER:]IMPORT=PROVIDER[:EXPORT]")
    add_chosen_units(units(), typed, "=", candidates);
  else if (type == "[CONSUMER:]IMPORT=A,B")
    add_chosen_units(units(), typed, "=,", candidates);
  else if (type == "[=UNIT,..]")
    add_chosen_units(units(), typed, ",", candidates);
  else if (type == "IFACE=URL")
    add_imports(units(), "=", candidates);
  else if (type == "UNIT:ITEM" || type == "UNIT:ITEM[=NAME]")
    add_exports(units(), typed, candidates);
  else
    return false;
  return true;
}

bool has_word(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Adds the functions of the target. The target does not need to link yet: `--with` can follow.
void add_functions(const CommandLine& line, const Words& words, const std::string& typed,
                   Candidates& candidates) {
  LinkRequest request = find_request(line, words);
  request.first_is_root = LinkRequest::FirstIsRoot::Yes;
  const std::optional<Plan> plan = make_partial_plan(request);
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

// Adds the names and aliases of installed extensions. A store that cannot be read adds none.
void add_extensions(bool commands_only, Candidates& candidates) {
  const Result<std::vector<InstalledExtension>> all = list_installed("");
  if (!all) return;
  for (const auto& [extension, is_projects] : *all) {
    if (commands_only && !extension.command) continue;
    candidates.push_back({extension.name, sanitize_text(extension.description)});
    if (extension.command)
      for (const std::string& alias : extension.command->aliases)
        candidates.push_back({alias, sanitize_text(extension.description)});
  }
}

// Adds the values of an option. Its type name decides: words between bars are choices, a word in
// capitals is a kind of value.
void add_values(const CommandLine& line, const OptionInfo& option, const Words& words,
                const std::string& typed, Candidates& candidates) {
  const std::string& type = option.type_name;
  if (type == "CODE")
    for (const std::string_view code : all_diagnostic_codes())
      candidates.push_back({std::string(code), ""});
  else if (add_link_values(line, type, words, typed, candidates))
    return;
  else if (type == "SERVICE" || (line.find_flag("--status") && has_word(words, "--status")))
    add_services(candidates);
  else if (type == "FUNC" || type == "CALL")
    add_functions(line, words, typed, candidates);
  else if (type.starts_with(kExtensionType))
    add_extensions(false, candidates);
  else if (is_path_type(type))
    add_paths(typed, candidates);
  else if (type == "BUNDLE" || type == "[NAME=]DIR") {
    add_bundles(candidates);
    add_paths(typed, candidates);
  } else if (type.find('|') != std::string::npos && type.find_first_of("[=:") == std::string::npos)
    add_choices(type, candidates);
}

// The candidates for `typed`, the last word of a verb's line.
Candidates complete_verb(const CommandLine& line, const Words& before, const std::string& typed) {
  Candidates candidates;
  const std::size_t mark = typed.find('=');
  std::optional<OptionInfo> flag;
  if (!before.empty()) flag = line.find_flag(before.back());
  if (has_word(before, "--")) return candidates;
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

// Keeps the candidates that begin with the typed text, sorted and without duplicates.
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

// The words that `tenon help` takes after `before`.
Candidates list_help_words(const Session& session, const Words& before) {
  Candidates candidates;
  if (before.empty()) {
    candidates = list_verbs(session);
    candidates.push_back({"topics", "Pages of the documentation"});
  } else if (before == Words{"topics"}) {
    for (TopicGroup& group : list_topics())
      for (Topic& topic : group.topics)
        candidates.push_back({std::move(topic.name), std::move(topic.about)});
  }
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
    // "tenon pack types": `types` is part of the name, not an argument.
    const std::string& name = line.name();
    if (std::count(name.begin(), name.end(), ' ') > 1) before.erase(before.begin());
    candidates = complete_verb(line, before, typed);
  };
  verb->run(session, before);
  session.describe = nullptr;
  if (verb->name == "help" && candidates.empty()) candidates = list_help_words(session, before);
  return select(std::move(candidates), typed);
}

namespace {

// bash splits words at `:` and `=` too, and replaces only the text after the last of them. It inserts a
// candidate as it is, so names that others chose are quoted; a comma, which separates units, needs no quotes.
constexpr std::string_view kBash = R"script(# bash completion for tenon
_tenon() {
  local -a words
  local line="${COMP_LINE:0:COMP_POINT}" candidate current head quoted
  read -ra words <<< "$line"
  [[ $line == *' ' ]] && words+=('')
  current="${words[${#words[@]}-1]}"
  head="${current%"${current##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    printf -v quoted %q "${candidate#"$head"}"
    COMPREPLY+=("${quoted//\\,/,}")
    [[ $candidate == *[/:=] ]] && compopt -o nospace
  done < <(tenon __complete "${words[@]:1}" 2> /dev/null)
}
complete -o default -F _tenon tenon
)script";

constexpr std::string_view kZsh = R"script(#compdef tenon
_tenon() {
  local -a names shown
  local candidate text
  while IFS=$'\t' read -r candidate text; do
    names+=("$candidate")
    shown+=("$candidate${text:+  -- $text}")
  done < <(tenon __complete "${(@)words[2,CURRENT]}" 2> /dev/null)
  if (( $#names )); then
    compadd -l -d shown -a names
  else
    _files
  fi
}
compdef _tenon tenon
)script";

constexpr std::string_view kFish = R"script(# fish completion for tenon
function __tenon_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l found (tenon __complete $words[2..-1] "$current" 2> /dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c tenon -f -a '(__tenon_complete)'
)script";

}  // namespace

std::string_view get_completion_script(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return {};
}

}  // namespace tenon::cli
