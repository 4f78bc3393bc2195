// The same as generated.cc, by typed calls.
#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <span>

int main(int, char** argv) {
  tenon::CompositionBuilder builder;
  builder.add_component("service", argv[1]);
  const tenon::Result<tenon::Composition> linked = builder.build();
  if (!linked) return 1;
  const auto add =
      linked->function<std::uint32_t(std::uint32_t, std::uint32_t)>("bench:lists/sink", "add");
  const auto bytes_of =
      linked->function<std::uint32_t(std::span<const std::uint8_t>)>("bench:lists/sink", "bytes");
  if (!add || !bytes_of) return 1;
  const std::array<std::uint8_t, 3> bytes = {1, 2, 3};
  const tenon::CallResult<std::uint32_t> sum = (*add)(1, 2), size = (*bytes_of)(bytes);
  if (!sum || !size) return 1;
  std::printf("%u %u\n", *sum, *size);
  return 0;
}
