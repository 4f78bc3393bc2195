// Links two components that were never seen together, and runs the result.
#include <tenon/tenon.h>

#include <cstdio>

int main(int, char** argv) {
  tenon::CompositionBuilder builder;
  builder.add_component("app", argv[1]);
  builder.add_component("greeter", argv[2]);
  tenon::Result<tenon::Composition> linked = builder.build();
  if (!linked) {
    for (const tenon::Diagnostic& problem : linked.error()) std::puts(problem.message.c_str());
    return 1;
  }
  for (const tenon::PlanEdge& edge : linked->plan().edges)
    std::printf("%s <- %s\n", edge.import.c_str(), edge.provider.c_str());
  const tenon::CallResult<int> exit_code = linked->run_command();
  return exit_code ? *exit_code : 1;
}
