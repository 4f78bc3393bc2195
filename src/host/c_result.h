// The half of make_c_signature that decides about the result: what the return value of the C
// function means, and which C value each part of the WIT result comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/c_notation.h"
#include "host/c_signature.h"
#include "host/c_types.h"
#include "tenon/result.h"

namespace tenon::host {

// Collects the problems of one signature.
class SignatureProblems final {
 public:
  explicit SignatureProblems(const CSignatureParts& parts) : parts_(parts) {}

  // Reports a problem in the `[[function]]` entry.
  void complain(const Location& where, std::string_view message, const std::string& hint);
  // Reports a WIT type that plain C cannot express.
  void refuse(std::string_view reason);

  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] Diagnostics take() && { return std::move(problems_); }

 private:
  const CSignatureParts& parts_;
  Diagnostics problems_;
};

// The C side of one part of the result: the return value, or a pointer argument.
struct ResultSource {
  CTarget target;
  bool is_returned = false;
  bool is_room = false;
  bool is_dropped_on_error = false;
  std::optional<std::uint32_t> argument = {};  // its position; absent: a new argument is added
};

// The parts of an entry that concern the result.
struct ResultEntry {
  bool has_arguments = false;  // else the arguments for the result are added by its type
  std::vector<ResultSource> sources = {};
  std::optional<ResultSource> error = {};
  std::optional<CReturnSpec> returned = {};
};

// Fills in `returned`, `places` and `outcome` of a signature whose arguments are made, and the
// places of these arguments.
void make_c_result(const CSignatureParts& parts, ResultEntry entry, CShapes& shapes,
                   SignatureProblems& problems, CSignature& signature);

}  // namespace tenon::host
