// The half of a C signature that makes the result: see c_signature.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/c_shape.h"
#include "host/c_signature.h"
#include "host/c_words.h"

namespace tenon::host {

// A pointer argument that the function writes to.
struct COutWord {
  CTarget target = {};
  bool is_room = false;
  bool is_dropped_on_error = false;
  std::uint32_t argument = 0;  // its position
};

// The parts of an entry that concern the result.
struct COutcomeWords {
  bool has_arguments = false;  // else the arguments for the result are added by its type
  std::vector<COutWord> outs;
  std::optional<COutWord> error;
  std::optional<CReturnText> returned = {};
};

// Receives problems. of_entry: the problem is in host.toml; else in the WIT, without a hint.
using CProblemSink =
    std::function<void(bool of_entry, const std::string& reason, const std::string& hint)>;

// Fills in `returned`, `places`, `outcome` of the signature, and the places of its arguments.
void make_c_outcome(const CSignatureParts& parts, const COutcomeWords& words, CShapes& shapes,
                    const CProblemSink& report, CSignature& made);

}  // namespace tenon::host
