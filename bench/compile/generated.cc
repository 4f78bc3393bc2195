// A program that calls the service of bench/guests by generated C++. tools/library_figures.py compiles it, and typed.cc.
#include <tenon/builder.h>
#include <tenon/composition.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "../gen/sink.h"

int main(int, char** argv) {
  tenon::CompositionBuilder builder;
  builder.add_component("service", argv[1]);
  const tenon::Result<tenon::Composition> linked = builder.build();
  if (!linked) return 1;
  const tenon::Result<sink::instance> found = sink::instance::find(*linked);
  if (!found) return 1;
  const std::array<std::uint8_t, 3> bytes = {1, 2, 3};
  const tenon::CallResult<std::uint32_t> sum = found->sink.add(1, 2),
                                         size = found->sink.bytes(bytes);
  if (!sum || !size) return 1;
  std::printf("%u %u\n", *sum, *size);
  return 0;
}
