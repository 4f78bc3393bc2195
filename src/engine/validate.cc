#include "engine/validate.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/seam.h"

namespace tenon::engine {

namespace {

using namespace std::string_view_literals;

// component ::= magic version layer section*            (Binary.md, "Component Definitions")
constexpr std::string_view kComponentPreamble = "\0asm\x0d\0\1\0"sv;
constexpr std::uint8_t kCoreModuleSection = 1;

bool is_component(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kComponentPreamble.size() &&
         std::ranges::equal(bytes.first(kComponentPreamble.size()), kComponentPreamble, {}, {},
                            [](char one) { return static_cast<std::uint8_t>(one); });
}

// What stands before a module's bytes in a component that holds nothing else.
std::vector<std::uint8_t> header_of_wrapper(std::size_t module_bytes) {
  std::vector<std::uint8_t> header(kComponentPreamble.begin(), kComponentPreamble.end());
  header.push_back(kCoreModuleSection);
  // LEB128
  std::size_t rest = module_bytes;
  for (; rest >= 0x80; rest >>= 7) header.push_back(static_cast<std::uint8_t>(rest | 0x80));
  header.push_back(static_cast<std::uint8_t>(rest));
  return header;
}

}  // namespace

Result<void> validate_component(std::span<const std::uint8_t> component) {
  const tenon_engine_slice_t bytes = to_slice(component);
  if (tenon_engine_problem_t* problem = tenon_engine_validate(&bytes)) {
    return take_problem(Code::ReadInvalid, problem);
  }
  return {};
}

// The engine's crate validates components alone, and the engine's own validator says where only in
// its text: so the module is put in a component.
Result<void> validate_module(std::span<const std::uint8_t> module) {
  if (is_component(module)) {
    Diagnostic refused =
        make_diagnostic(Code::ReadInvalid, "a component, where a core module is needed");
    refused.where.offset = 4;
    return refused;
  }
  std::vector<std::uint8_t> wrapper = header_of_wrapper(module.size());
  const std::size_t header_bytes = wrapper.size();
  wrapper.insert(wrapper.end(), module.begin(), module.end());
  Result<void> valid = validate_component(wrapper);
  if (valid) return {};
  Diagnostic refused = std::move(valid).error().front();
  if (refused.where.offset)
    refused.where.offset =
        std::max<std::uint64_t>(*refused.where.offset, header_bytes) - header_bytes;
  return refused;
}

}  // namespace tenon::engine
