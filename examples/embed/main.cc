// Hosts plugins: links the given components, each in a domain of its own, and makes calls.
//
//   embed COMPONENT... -- CALL...
//
// The first component is the root. Calls are written in WAVE, such as `add(1, 2)`. After a call
// that fails, the program continues with the next one, and its exit code is 1.
#include <tenon/tenon.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

int report(const tenon::Diagnostics& problems) {
  std::fputs(tenon::print_diagnostics(problems).c_str(), stderr);
  return 1;
}

tenon::Result<tenon::Composition> link(const std::vector<std::string>& components) {
  tenon::CompositionBuilder builder;
  tenon::Diagnostics problems;
  for (const std::string& component : components) {
    tenon::Result<std::vector<std::string>> names = builder.add_argument(component);
    if (!names)
      problems.insert(problems.end(), names.error().begin(), names.error().end());
    else if (&component == &components.front() && !names->empty())
      builder.set_root(names->front());
  }
  if (!problems.empty()) return problems;
  builder.isolate_all();
  return builder.build();
}

int make_call(const tenon::Composition& plugins, std::string_view text) {
  const tenon::Result<tenon::WaveCall> call = tenon::parse_wave_call(text);
  if (!call) return report(call.error());
  const tenon::Result<tenon::Function> function = plugins.find_function(*call);
  if (!function) return report(function.error());
  const tenon::Result<std::vector<tenon::Value>> arguments =
      tenon::parse_wave_arguments(*call, function->type());
  if (!arguments) return report(arguments.error());
  const tenon::CallResult<std::optional<tenon::Value>> result = function->call(*arguments);
  if (!result) {
    const tenon::CallFailure& failure = result.error();
    return report(failure.problems.empty() ? tenon::Diagnostics{tenon::failure_diagnostic(failure)}
                                           : failure.problems);
  }
  if (*result) std::printf("%s\n", tenon::print_wave(**result).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto mark = std::find(words.begin(), words.end(), "--");
  if (mark == words.begin() || mark == words.end()) {
    std::fputs("usage: embed COMPONENT... -- CALL...\n", stderr);
    return 2;
  }
  const tenon::Result<tenon::Composition> plugins = link({words.begin(), mark});
  if (!plugins) return report(plugins.error());
  int code = 0;
  for (auto call = mark + 1; call != words.end(); ++call)
    code = std::max(code, make_call(*plugins, *call));
  return code;
}
