// The forms in which the binary of a unit is nested in a composed component: as it is, without its
// custom sections, or by reference.
//
// By reference, the unit keeps everything but its core modules, at any depth. The composed component
// imports each distinct module once, and an alias takes the place of each definition. A module whose
// imports or exports have types that refer to other types (of the GC proposal) stays where it is.
//
//   (component $root
//     (import "tenon-m0" (core module $m0 ...))
//     (component $cart
//       (alias outer $root $m0 (core module))      ;; was (core module ...)
//       (core instance (instantiate 0 ...))
//       ...))
//
// The bytes of the root then depend on the types of the modules and not on their code, so a unit
// whose code changed needs no new root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "binary/component.h"
#include "tenon/result.h"

namespace tenon::compose {

// Copies a component without its custom sections (names, producers, ...) at any depth, including
// those of its core modules.
// Errors: read-truncated, read-malformed (a section that reaches beyond its end), read-limit
//         (limits::kNestingDepth).
[[nodiscard]] Result<std::vector<std::uint8_t>> strip_custom_sections(
    std::span<const std::uint8_t> component);

// A core module of a unit.
struct CoreModule {
  std::string digest;              // SHA-256 of its bytes, hexadecimal
  binary::ByteSpan bytes;          // in the unit's binary, where it occurs first
  std::vector<std::uint8_t> type;  // core:moduletype; equal for modules that differ only inside

  bool operator==(const CoreModule&) const = default;
};

// A component whose core modules are references.
struct ReferenceForm {
  // An alias, whose target `refer` fills in.
  struct Alias {
    std::size_t offset = 0;    // of the number of scopes, in `bytes`; the index follows
    std::uint32_t depth = 0;   // of the alias within the unit
    std::uint32_t module = 0;  // position in `modules`
  };
  std::vector<std::uint8_t> bytes;
  std::vector<Alias> aliases;
  std::vector<CoreModule> modules;  // distinct, in the order in which they occur
};

// Errors: read-, as of read_component and read_module.
[[nodiscard]] Result<ReferenceForm> make_reference_form(std::span<const std::uint8_t> component);

// Whether the bytes of an alias are within those of its form, for forms that were read from a file.
[[nodiscard]] bool has_place(const ReferenceForm& form, const ReferenceForm::Alias& alias);

// The bytes of a form for a place in a composed component.
// scopes: from the unit to the root; 1 if the root nests the unit.
// root_modules: the index of each module in the root.
[[nodiscard]] std::vector<std::uint8_t> place_form(const ReferenceForm& form, std::uint32_t scopes,
                                                   std::span<const std::uint32_t> root_modules);

}  // namespace tenon::compose
