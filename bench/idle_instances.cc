// Creates isolated instances of a small component, which wait for calls, and prints the resident
// memory of the process in bytes. The difference between two counts gives the memory per instance.
//
// Usage: idle_instances tenon|engine COUNT
#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "engine_peer.h"
#include "resident_memory.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace tenon::bench {
namespace {

using Twice = std::uint32_t(std::uint32_t);

constexpr const char* kGuest = R"((component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 16) "a small component")
    (func (export "twice") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))
  (core instance $core (instantiate $code))
  (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $core "twice")))
))";

template <class T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error()[0].message.c_str());
  std::exit(1);
}

std::size_t measure_tenon(std::uint32_t count) {
  const std::vector<std::uint8_t> guest = need(engine::wat_to_wasm("guest.wat", kGuest));
  const auto name_of = [](std::uint32_t i) { return fmt::format("u{}", i); };
  auto builder = std::make_unique<CompositionBuilder>();
  builder->add_component("root", guest);
  builder->set_root("root");
  builder->isolate_all();
  for (std::uint32_t i = 0; i < count; ++i)
    builder->add_component(name_of(i), guest, {.reachable = Reachable::Yes});
  Composition made = need(builder->build());
  builder.reset();
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto twice = need(need(made.unit(name_of(i))).function<Twice>("", "twice"));
    if (*twice(1) != 2) std::exit(1);
  }
  return resident_bytes();
}

std::size_t measure_engine(std::uint32_t count) {
  const std::vector<std::uint8_t> guest = need(engine::wat_to_wasm("guest.wat", kGuest));
  const PeerInstance first(guest);
  std::vector<std::unique_ptr<PeerInstance>> made;
  for (std::uint32_t i = 0; i < count; ++i) {
    made.push_back(first.make_another());
    if (made.back()->call("twice", 1) != 2) std::exit(1);
  }
  return resident_bytes();
}

}  // namespace
}  // namespace tenon::bench

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view who = argv[1];
  const auto count = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  if (count == 0 || (who != "tenon" && who != "engine")) return 2;
  std::printf("%zu\n", who == "tenon" ? tenon::bench::measure_tenon(count)
                                      : tenon::bench::measure_engine(count));
}
