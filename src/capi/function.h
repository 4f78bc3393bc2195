// Functions and types of the C API.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
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
  std::string resource;  // of a handle, with its interface
  std::string owner;     // of the resource

 private:
  mutable std::once_flag is_made_;
  mutable std::vector<Part> parts_;
};

struct tenon_function final : tenon::capi::Object<tenon::capi::Mark::Function> {
  // One that the program can call.
  explicit tenon_function(tenon::Function found);
  // One that a unit imports, which only that unit can call.
  tenon_function(std::string imported_by, std::string of_interface, std::string named,
                 tenon::FunctionType of_type);

  // The port and the form of the values of its calls.
  struct Callable {
    std::shared_ptr<tenon::api::TypedPort> port;
    tenon::capi::FunctionForm form;
  };
  // The type as C sees it.
  struct Description {
    std::string wit;
    std::vector<tenon_type::Part> params;
    std::unique_ptr<tenon_type> result;  // null: there is none
  };
  // Made when it is first asked for. Thread: any.
  [[nodiscard]] const Description& description() const;

  std::string unit;  // that imports it; empty: it is not an import
  std::string interface;
  std::string name;
  tenon::FunctionType type;
  std::optional<tenon::Function> function;  // absent: it is an import
  std::shared_ptr<const Callable> callable;
  tenon::Diagnostics problems;  // why there is no `callable`

 private:
  mutable std::once_flag is_described_;
  mutable Description description_;
};
