// Swaps of units of a running composition: for `--watch`, and for `tenon swap`, which asks a service to
// swap (control_socket.h).
#pragma once

#include <string>
#include <vector>

#include "render/json.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

using namespace render;

// "`a`, `b`"
[[nodiscard]] std::string quote_names(const std::vector<std::string>& names);

// One line for each loss, with a line feed; empty if there are none.
[[nodiscard]] std::string render_losses(const SwapLosses& losses);

// A swap as it goes over the control socket.
struct SwapRequest {
  std::vector<SwapUnit> units;  // with absolute paths
  SwapOptions options;
};
[[nodiscard]] JsonValue make_swap_json(const SwapRequest& request);
// Swaps on behalf of a client. Returns `{lost}`, or `{problems}`. Thread: any, of a composition that several
// threads use.
[[nodiscard]] JsonValue swap_as_asked(Composition& composition, const JsonValue& request);
// "swapped `tax`", with a line feed, for the output of the service; empty if nothing was swapped.
[[nodiscard]] std::string render_swapped(const JsonValue& request, const JsonValue& answer);
// Reads the answer of a service. Errors: those of the swap.
[[nodiscard]] Result<SwapLosses> read_swap_answer(const JsonValue& answer);

}  // namespace tenon::cli
