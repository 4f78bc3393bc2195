#include <string>

#include "capi/composition.h"
#include "render/graph.h"
#include "render/json.h"
#include "render/picture.h"
#include "render/render_plan.h"

using namespace tenon;

namespace {

// Stores the text that is made of a plan.
template <class F>
tenon_error* print(const tenon_plan* plan, char** text, F&& make) {
  return capi::guard([&]() -> tenon_error* {
    if (text == nullptr) return capi::make_misuse("the place for the text is NULL");
    *text = nullptr;
    if (tenon_error* const misuse = capi::find_misuse(plan, "plan")) return misuse;
    return capi::store(Result<std::string>(make(plan->plan)), text,
                       [](const std::string& made) { return capi::copy_text(made); });
  });
}

}  // namespace

void tenon_plan_delete(tenon_plan* plan) {
  if (plan != nullptr && plan->is_alive()) delete plan;
}

tenon_error* tenon_plan_json(const tenon_plan* plan, char** json) {
  return print(plan, json, [](const Plan& of) { return render::render_plan_json(of); });
}

tenon_error* tenon_plan_text(const tenon_plan* plan, char** text) {
  return print(plan, text, [](const Plan& of) { return render::render_plan(of, {}); });
}

tenon_error* tenon_plan_svg(const tenon_plan* plan, char** svg) {
  return print(plan, svg, [](const Plan& of) -> Result<std::string> {
    return render::render_graph_svg(render::make_graph(of, {}));
  });
}
