// `tenon swap`: replaces units of a running service.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/control_socket.h"
#include "cli/input_output.h"
#include "cli/swaps.h"
#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::cli {

namespace {

// Reads `UNIT=FILE`. The service can have another working folder, so the path is made absolute.
Result<SwapUnit> read_unit(const std::string& word) {
  const std::size_t sign = word.find('=');
  if (sign == 0 || sign == std::string::npos || sign + 1 == word.size())
    return make_usage_problem(
        fmt::format("`{}` does not name a unit and a file", sanitize_text(word)),
        {"write `UNIT=FILE`, such as `tax=tax.wasm`"});
  std::error_code failed;
  const std::string path = std::filesystem::absolute(word.substr(sign + 1), failed).string();
  if (failed || !is_utf8(path))
    return make_usage_problem(
        fmt::format("the path of `{}` cannot be sent to the service", sanitize_text(word)),
        {"use an absolute path in UTF-8"});
  return SwapUnit{.name = word.substr(0, sign), .path = path};
}

Result<SwapLosses> swap(const std::string& service, const SwapRequest& request) {
  const std::string folder = find_control_folder();
  if (folder.empty()) return refuse_missing_folder();
  const Result<JsonValue> answer =
      ask_service(folder, service, make_swap_json(request), Patience::Endless);
  if (!answer) return answer.error();
  return read_swap_answer(*answer);
}

}  // namespace

int swap_command(Session& session, Words words) {
  CommandLine line("Replace units of a running service", "tenon swap");
  std::string service;
  std::vector<std::string> units;
  bool loses_handles = false;
  SwapRequest request;
  line.add_option("service", service, "Name of the service: see `tenon serve --status`")
      .type_name("SERVICE");
  line.add_option("units", units, "Units and the files that replace them").type_name("UNIT=FILE");
  line.add_flag("--lose-handles", loses_handles,
                "Swap even if resources or streams of the units are in use");
  line.add_flag("--whole-domains", request.options.whole_domains,
                "Other units in the domains of the replaced ones may lose their state");
  line.add_flag("--dry-run", request.options.is_trial,
                "Check the new units and show what would be lost, but change nothing");
  line.set_footer(
      "Calls in progress end in the old units, and new calls wait for the new ones. If the new "
      "units\n"
      "do not fit or do not start, the old ones go on. Several units are replaced together or not\n"
      "at all.\n\n"
      "Examples:\n"
      "  tenon swap shop tax=tax.wasm --dry-run\n"
      "  tenon swap shop tax=tax.wasm cart=cart.wasm --lose-handles");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  Diagnostics problems;
  if (service.empty() || units.empty())
    problems.push_back(make_usage_problem("`tenon swap` needs a service and a unit",
                                          {"`tenon swap SERVICE UNIT=FILE`"}));
  for (const std::string& word : units) {
    Result<SwapUnit> unit = read_unit(word);
    if (unit)
      request.units.push_back(*std::move(unit));
    else
      problems.push_back(std::move(unit).error().front());
  }
  if (!problems.empty()) return report(session, problems);
  if (loses_handles) request.options.handles = SwapHandles::MakeStale;
  const Result<SwapLosses> losses = swap(service, request);
  if (!losses) return report(session, losses.error());
  std::vector<std::string> names;
  for (const SwapUnit& unit : request.units) names.push_back(unit.name);
  print_result(fmt::format("{} {}\n{}", request.options.is_trial ? "would swap" : "swapped",
                           quote_names(names), render_losses(*losses)));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
