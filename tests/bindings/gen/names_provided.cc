// Made by `tenon bindgen cpp`. Do not edit.
#include "names_provided.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

// demo:names/std@1.0.0
namespace names_provided::std_ {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:names/std@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  {
    tenon::HostResourceParts parts = tenon::HostResource<exports_>("demo:names/std@1.0.0", "exports").parts();
    parts.consumers = consumers;
    add(&parts.functions, "[constructor]exports",
        [to](const tenon::Caller& caller) { return to->make_exports(caller); });
    add(&parts.functions, "[static]exports.operator",
        [to](const tenon::Caller& caller, ::names_provided::std_::exports_& exports) { return to->exports_operator(caller, exports); });
    add(&parts.functions, "[method]exports.all",
        [](const tenon::Caller& caller, ::names_provided::std_::exports_& self) { return self.all(caller); });
    add(&parts.functions, "[method]exports.get",
        [](const tenon::Caller& caller, ::names_provided::std_::exports_& self, std::vector<std::shared_ptr<::names_provided::std_::exports_>> exports) { return self.get(caller, std::move(exports)); });
    builder.add_host_resource(std::move(parts));
  }
  add(nullptr, "fail",
      [to](const tenon::Caller& caller, ::names_provided::std_::error error, ::names_provided::std_::error other) { return to->fail(caller, std::move(error), std::move(other)); });
  add(nullptr, "auto",
      [to](const tenon::Caller& caller, std::uint8_t self_, ::names_provided::std_::union_ this_, ::names_provided::std_::class_ made) { return to->auto_(caller, self_, std::move(this_), std::move(made)); });
  add(nullptr, "exports-operator",
      [to](const tenon::Caller& caller) { return to->exports_operator_(caller); });
  add(nullptr, "make-exports",
      [to](const tenon::Caller& caller) { return to->make_exports_(caller); });
}
}  // namespace names_provided::std_

// demo:names/tenon@1.0.0
namespace names_provided::tenon_ {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:names/tenon@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "create",
      [to](const tenon::Caller& caller) { return to->create(caller); });
  add(nullptr, "function-flags",
      [to](const tenon::Caller& caller) { return to->function_flags(caller); });
  add(nullptr, "run",
      [to](const tenon::Caller& caller, ::names_provided::tenon_::flags labels) { return to->run(caller, std::move(labels)); });
}
}  // namespace names_provided::tenon_

// demo:names/instance@1.0.0
namespace names_provided::instance_ {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:names/instance@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "run",
      [to](const tenon::Caller& caller, ::names_provided::std_::exports_& e) { return to->run(caller, e); });
  add(nullptr, "module-name",
      [to](const tenon::Caller& caller) { return to->module_name(caller); });
}
}  // namespace names_provided::instance_

// first:kit/types@1.0.0
namespace names_provided::first_kit_types {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("first:kit/types@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "make",
      [to](const tenon::Caller& caller) { return to->make(caller); });
}
}  // namespace names_provided::first_kit_types

// second:kit/types@1.0.0
namespace names_provided::second_kit_types {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("second:kit/types@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "make",
      [to](const tenon::Caller& caller, ::names_provided::first_kit_types::error fault) { return to->make(caller, std::move(fault)); });
}
}  // namespace names_provided::second_kit_types

// inline
namespace names_provided::inline_ {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("inline", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "fill",
      [to](const tenon::Caller& caller, ::names_provided::inline_::inline_ inline_) { return to->fill(caller, std::move(inline_)); });
}
}  // namespace names_provided::inline_

// Items of the world itself.
namespace names_provided::world {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "alone",
      [to](const tenon::Caller& caller, std::string_view string) { return to->alone(caller, string); });
}
}  // namespace names_provided::world
