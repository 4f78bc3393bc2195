// Functions and types of the C API.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/typed_port.h"
#include "capi/object.h"
#include "capi/values.h"
#include "tenon/function.h"
#include "tenon/tenon_c.h"

struct tenon_type final : tenon::capi::Object<tenon::capi::Mark::Type> {
  explicit tenon_type(const tenon::Type& of);

  struct Part {
    std::string label;
    std::unique_ptr<tenon_type> type;  // null: no payload
  };
  // Made when they are asked for, because types can be recursive. Thread: any.
  [[nodiscard]] const std::vector<Part>& parts() const;

  tenon::Type type;
  std::string name;
  std::string wit;

 private:
  mutable std::once_flag is_made_;
  mutable std::vector<Part> parts_;
};

struct tenon_function final : tenon::capi::Object<tenon::capi::Mark::Function> {
  explicit tenon_function(tenon::Function found);

  // The port and the form of the values of its calls.
  struct Callable {
    std::shared_ptr<tenon::api::TypedPort> port;
    tenon::capi::FunctionForm form;
  };

  tenon::Function function;
  std::string wit;
  std::vector<tenon_type::Part> params;
  std::unique_ptr<tenon_type> result;  // null: there is none
  std::shared_ptr<const Callable> callable;
  tenon::Diagnostics problems;  // why there is no `callable`
};
