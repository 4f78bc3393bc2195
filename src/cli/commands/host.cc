// `tenon host`: what there is to do with host bundles.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands/verbs.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct Action {
  std::string_view name;
  std::string_view help;
  int (*run)(Session& session, Words words);
};

constexpr std::array<Action, 1> kActions = {
    {{"new", "Write a folder that builds a bundle", host_new_command}}};

}  // namespace

int host_command(Session& session, Words words) {
  std::string name;
  if (!words.empty() && !words.front().starts_with('-')) {
    name = words.front();
    const auto* const action = std::ranges::find(kActions, name, &Action::name);
    words.erase(words.begin());
    if (action != kActions.end()) return action->run(session, std::move(words));
    words.clear();
  }
  CLI::App app("Make host bundles: native libraries whose functions components import",
               "tenon host");
  std::string unused;
  app.add_option("action", unused, "What to do")->type_name("new");
  app.footer("Examples:\n  tenon host new sqlite --wit sqlite.wit\n  tenon host new --help");
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  return report(session,
                {make_usage_problem(
                    name.empty() ? std::string("`tenon host` needs to know what to do")
                                 : fmt::format("`tenon host` cannot `{}`", sanitize_text(name)),
                    {"`tenon host new`"})});
}

}  // namespace tenon::cli
