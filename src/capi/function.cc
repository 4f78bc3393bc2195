#include "capi/function.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "abi/flat_types.h"
#include "host/native_values.h"
#include "support/diagnostics.h"
#include "tenon/detail/call_port.h"
#include "tenon/value.h"

using namespace tenon;
using capi::find_misuse;
using capi::FunctionForm;
using capi::guard;
using capi::make_error;
using capi::make_misuse;
using Callable = tenon_function::Callable;
using At = detail::ValuesAt;

namespace {

Result<std::shared_ptr<const Callable>> make_callable(const Function& function) {
  Result<std::shared_ptr<detail::CallPort>> port = function.make_port();
  if (!port) return std::move(port).error();
  // A composition makes no other ports.
  auto typed = std::static_pointer_cast<api::TypedPort>(*std::move(port));
  Result<FunctionForm> form = FunctionForm::make(typed->shape(), typed->owner());
  if (!form) return std::move(form).error();
  return std::shared_ptr<const Callable>(
      std::make_shared<const Callable>(Callable{std::move(typed), *std::move(form)}));
}

// Whether a result fits in a tenon_value without memory of its own.
bool fits_alone(const abi::FunctionLayout& layout) {
  if (!layout.result) return true;
  const std::uint8_t kind = host::native_kind(layout.layouts[*layout.result].kind);
  return kind <= TENON_CHAR || kind == TENON_ENUM || kind == TENON_FLAGS || kind == TENON_STREAM ||
         kind == TENON_FUTURE;
}

tenon_error* refuse(const Callable& callable, Diagnostics problems) {
  return make_error(detail::refuse_call(callable.port->name(), std::move(problems)));
}

// A call of numbers alone, without a buffer. Nothing: an argument is not of its type.
std::optional<tenon_error*> call_with_scalars(const Callable& callable,
                                              std::span<const tenon_value> args,
                                              tenon_value* result) {
  const FunctionForm& form = callable.form;
  if (args.size() != form.param_numbers.size()) return std::nullopt;
  std::array<std::uint64_t, abi::kMaxFlatParams> flat;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!form.param_numbers[i]->fits(args[i])) return std::nullopt;
    flat[i] = args[i].of.u;
  }
  detail::CallFrame frame;
  frame.flat_params = std::span(flat).first(args.size());
  CallResult<void> called =
      callable.port->call(capi::signature_of<At::Flat, At::Flat>(callable.form), frame);
  if (!called) return make_error(std::move(called).error());
  if (form.result_number && result != nullptr) form.result_number->store(frame.result, *result);
  return nullptr;
}

// Stores the result of a call that ended well.
tenon_error* store_result(const Callable& callable, std::uint32_t address,
                          call::ArenaBuffer& buffer, tenon_arena& arena, tenon_value& result) {
  const std::optional<tenon_value> read = capi::read_result(callable.form, address, buffer, arena);
  if (!read)
    return refuse(callable, {make_diagnostic(Code::ValueTooLarge,
                                             "the result takes more memory than a call may")});
  result = *read;
  return nullptr;
}

// Whether the program keeps the objects that it passed as own.
bool is_refused(const CallResult<void>& called) {
  return !called && called.error().kind == CallFailure::Kind::BadCall;
}

// A call on a thread that cannot enter the composition.
tenon_error* refuse_entry(const FunctionForm& form, std::span<const tenon_value> args,
                          const CallFailure& failure) {
  if (!is_refused(failure)) capi::drop_params(form, args);
  return make_error(failure);
}

tenon_error* call_with_buffer(const Callable& callable, std::span<const tenon_value> args,
                              tenon_arena* arena, tenon_value* result) {
  const FunctionForm& form = callable.form;
  const bool is_number = form.result_number.has_value();
  if (arena == nullptr && result != nullptr && !fits_alone(form.layout()))
    return make_misuse("`arena` is NULL, and the result needs memory");
  capi::PassedObjects passed;
  const detail::PortEntry entry(*callable.port);
  if (!entry.is_in()) return refuse_entry(form, args, entry.failure());
  auto& buffer = static_cast<call::ArenaBuffer&>(callable.port->empty_buffer());
  detail::CallFrame frame;
  CallResult<void> called;
  std::array<std::uint64_t, abi::kMaxFlatParams> flat;
  if (const auto memory = capi::put_with_view(form, args, flat)) {
    const abi::FunctionLayout& layout = form.layout();
    frame.flat_params = std::span(flat).first(layout.layouts[layout.params].flat.count());
    called =
        callable.port->call_with_view(*memory,
                                      is_number ? capi::signature_of<At::Flat, At::Flat>(form)
                                                : capi::signature_of<At::Flat, At::Buffer>(form),
                                      frame);
  } else {
    Result<std::uint32_t> params = capi::write_params(form, args, buffer, passed);
    if (!params) return refuse(callable, std::move(params).error());
    frame.params = *params;
    passed.begin_call();
    called = callable.port->call(is_number ? capi::signature_of<At::Buffer, At::Flat>(form)
                                           : capi::signature_of<At::Buffer, At::Buffer>(form),
                                 frame);
  }
  if (is_refused(called)) passed.take_back();
  if (!called) return make_error(std::move(called).error());
  if (is_number && result != nullptr) form.result_number->store(frame.result, *result);
  if (is_number || !form.layout().result) return nullptr;
  if (result == nullptr) {
    capi::drop_handles(form, buffer.arena());
    return nullptr;
  }
  std::optional<tenon_arena> unused;  // for a result that has no parts
  return store_result(callable, static_cast<std::uint32_t>(frame.result), buffer,
                      arena != nullptr ? *arena : unused.emplace(), *result);
}

}  // namespace

namespace tenon::capi {

// A call that was started. It keeps itself until it has ended.
class CallInProgress final : public std::enable_shared_from_this<CallInProgress> {
 public:
  CallInProgress(std::shared_ptr<const Callable> callable, tenon_call_done done, void* user)
      : callable_(std::move(callable)),
        call_(callable_->port->make_call()),
        driver_(call_->driver()),
        done_(done),
        user_(user) {}

  void start(std::span<const tenon_value> args) {
    const detail::PortEntry entry(*callable_->port);
    if (!entry.is_in())
      return finish(refuse_entry(callable_->form, args, entry.failure()), nullptr);
    detail::CallFrame frame;
    Result<std::uint32_t> params = write_params(callable_->form, args, buffer(), passed_);
    if (!params) {
      call_->give_up();
      return finish(refuse(*callable_, std::move(params).error()), nullptr);
    }
    frame.params = *params;
    passed_.begin_call();
    self_ = shared_from_this();
    try {
      call_->start(capi::signature_of<At::Buffer, At::Buffer>(callable_->form), frame,
                   [this] { take_outcome(); });
    } catch (...) {
      self_.reset();  // it is not in progress
      throw;
    }
  }

  // Thread: any.
  void cancel() {
    if (driver_ == nullptr) return;
    driver_->make_post([call = weak_from_this()] {
      if (const auto kept = call.lock(); kept != nullptr && !kept->has_ended_)
        kept->call_->cancel();
    })();
  }
  bool wait(std::optional<std::chrono::steady_clock::time_point> deadline) {
    if (!has_ended_ && driver_ != nullptr)
      driver_->run_until([this] { return has_ended_.load(); }, deadline);
    return has_ended_;
  }

 private:
  [[nodiscard]] call::ArenaBuffer& buffer() {
    return static_cast<call::ArenaBuffer&>(call_->buffer());
  }

  void take_outcome() {
    const std::shared_ptr<CallInProgress> self = std::move(self_);
    std::optional<tenon_arena> arena;
    tenon_value result = {};
    tenon_error* const error = guard([&] { return take_result(arena.emplace(), result); });
    const bool has_result = error == nullptr && callable_->form.layout().result.has_value();
    finish(error, has_result ? &result : nullptr);
  }
  tenon_error* take_result(tenon_arena& arena, tenon_value& result) {
    detail::CallFrame frame;
    passed_.take_back();
    CallResult<void> outcome = call_->take_outcome(frame);
    if (!is_refused(outcome)) passed_.give_up();
    if (!outcome) return make_error(std::move(outcome).error());
    if (!callable_->form.layout().result) return nullptr;
    if (done_ == nullptr) {
      drop_handles(callable_->form, buffer().arena());
      return nullptr;
    }
    return store_result(*callable_, static_cast<std::uint32_t>(frame.result), buffer(), arena,
                        result);
  }
  void finish(tenon_error* error, const tenon_value* result) {
    has_ended_ = true;
    if (done_ != nullptr)
      done_(user_, error, result);
    else
      tenon_error_delete(error);
  }

  const std::shared_ptr<const Callable> callable_;
  PassedObjects passed_;
  const std::unique_ptr<detail::StartedCall> call_;
  const std::shared_ptr<detail::Driver> driver_;
  const tenon_call_done done_;
  void* const user_;
  std::atomic<bool> has_ended_ = false;
  std::shared_ptr<CallInProgress> self_;  // while it is in progress
};

}  // namespace tenon::capi

using capi::CallInProgress;

namespace {

// Calls a function with what calls need.
template <class F>
tenon_error* with_callable(const tenon_function* function, const tenon_value* args, size_t nargs,
                           F&& call) {
  return guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(function, "function")) return misuse;
    if (args == nullptr && nargs != 0) return make_misuse("`args` is NULL");
    if (function->callable == nullptr)
      return make_error(detail::refuse_call(function->name, function->problems));
    // The callee can call the program, which can delete the function.
    const std::shared_ptr<const Callable> callable = function->callable;
    return call(callable);
  });
}

// The elements of a JSON array, as texts. No tree is made of it: deleting one takes memory.
Result<std::vector<ArgumentText>> split_array(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  if (first == json.npos || json[first] != '[' || !nlohmann::json::accept(json))
    return make_diagnostic(Code::ValueSyntax, "the arguments are not a JSON array");
  std::vector<ArgumentText> texts;
  std::size_t begin = first + 1;
  const auto add = [&](std::size_t end) {
    const std::string_view element = json.substr(begin, end - begin);
    if (element.find_first_not_of(" \t\r\n") == element.npos) return;  // of an empty array
    texts.push_back({std::string(element), ArgumentText::Form::Json,
                     fmt::format("argument {}", texts.size() + 1)});
  };
  // Brackets match, because the text is valid.
  std::size_t depth = 0;
  bool is_string = false;
  for (std::size_t at = first; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      is_string = !is_string;
    } else if (!is_string) {
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      if (depth == 1 && c == ',') {
        add(at);
        begin = at + 1;
      } else if (depth == 0) {
        add(at);
        break;
      }
    }
  }
  return texts;
}

}  // namespace

struct tenon_task final : capi::Object<capi::Mark::Task> {
  explicit tenon_task(std::shared_ptr<CallInProgress> started) : call(std::move(started)) {}
  std::shared_ptr<CallInProgress> call;
};

tenon_type::tenon_type(const Type& of)
    : type(of),
      name(of.resource().empty() ? of.name() : of.resource()),
      wit(of.wit()),
      resource(of.resource_path()),
      owner(of.owner()) {}

const std::vector<tenon_type::Part>& tenon_type::parts() const {
  std::call_once(is_made_, [this] {
    std::vector<Part> made;  // a call that fails leaves nothing for the next one
    const auto add = [&](std::string label, const std::optional<Type>& part) {
      made.push_back({std::move(label), part ? std::make_unique<tenon_type>(*part) : nullptr});
    };
    for (const TypeField& field : type.fields()) add(field.label, field.type);
    for (const TypeCase& part : type.cases()) add(part.label, part.type);
    for (const Type& element : type.elements()) add({}, element);
    if (type.kind() == TypeKind::Enum || type.kind() == TypeKind::Flags)
      for (const std::string& label : type.labels()) add(label, std::nullopt);
    if (const std::optional<Type> key = type.key()) add("key", key);
    const std::optional<Type> element =
        type.kind() == TypeKind::Option ? std::nullopt : type.element();
    if (element) add(type.kind() == TypeKind::Map ? "value" : "", element);
    parts_ = std::move(made);
  });
  return parts_;
}

tenon_function::tenon_function(Function found)
    : interface(found.interface()),
      name(found.name()),
      type(found.type()),
      function(std::move(found)) {
  (void)description();  // so that the functions that return it need no memory
  Result<std::shared_ptr<const Callable>> made = make_callable(*function);
  if (made)
    callable = *std::move(made);
  else
    problems = std::move(made).error();
}

tenon_function::tenon_function(std::string imported_by, std::string of_interface, std::string named,
                               FunctionType of_type)
    : unit(std::move(imported_by)),
      interface(std::move(of_interface)),
      name(std::move(named)),
      type(std::move(of_type)),
      problems{make_diagnostic(
          Code::ApiUsage, "`{}` is an import of `{}`, which the program cannot call", name, unit)} {
}

const tenon_function::Description& tenon_function::description() const {
  std::call_once(is_described_, [this] {
    Description made{.wit = type.wit(name), .params = {}, .result = nullptr};
    for (const TypeField& param : type.params())
      made.params.push_back({param.label, std::make_unique<tenon_type>(param.type)});
    if (const std::optional<Type> of = type.result())
      made.result = std::make_unique<tenon_type>(*of);
    description_ = std::move(made);
  });
  return description_;
}

namespace {

// The description of a function; null if there is none, or no memory to make it.
const tenon_function::Description* describe(const tenon_function* function) {
  if (function == nullptr || !function->is_alive()) return nullptr;
  return capi::guard_or(static_cast<const tenon_function::Description*>(nullptr),
                        [&] { return &function->description(); });
}

}  // namespace

void tenon_function_delete(tenon_function* function) {
  if (function != nullptr && function->is_alive()) delete function;
}

const char* tenon_function_unit(const tenon_function* function) {
  return function != nullptr && function->is_alive() ? function->unit.c_str() : "";
}

const char* tenon_function_interface(const tenon_function* function) {
  return function != nullptr && function->is_alive() ? function->interface.c_str() : "";
}

const char* tenon_function_name(const tenon_function* function) {
  return function != nullptr && function->is_alive() ? function->name.c_str() : "";
}

const char* tenon_function_wit(const tenon_function* function) {
  const tenon_function::Description* const described = describe(function);
  return described != nullptr ? described->wit.c_str() : "";
}

int tenon_function_is_async(const tenon_function* function) {
  return function != nullptr && function->is_alive() && function->type.is_async() ? 1 : 0;
}

size_t tenon_function_param_count(const tenon_function* function) {
  const tenon_function::Description* const described = describe(function);
  return described != nullptr ? described->params.size() : 0;
}

const char* tenon_function_param_name(const tenon_function* function, size_t index) {
  if (index >= tenon_function_param_count(function)) return nullptr;
  return function->description().params[index].label.c_str();
}

const tenon_type* tenon_function_param_type(const tenon_function* function, size_t index) {
  if (index >= tenon_function_param_count(function)) return nullptr;
  return function->description().params[index].type.get();
}

const tenon_type* tenon_function_result_type(const tenon_function* function) {
  const tenon_function::Description* const described = describe(function);
  return described != nullptr ? described->result.get() : nullptr;
}

int tenon_type_kind(const tenon_type* type) {
  if (type == nullptr || !type->is_alive()) return 0;
  const TypeKind kind = type->type.kind();
  if (kind == TypeKind::ErrorContext || kind == TypeKind::Dynamic) return 0;
  return host::native_kind(kind);
}

const char* tenon_type_name(const tenon_type* type) {
  return type != nullptr && type->is_alive() ? type->name.c_str() : "";
}

const char* tenon_type_wit(const tenon_type* type) {
  return type != nullptr && type->is_alive() ? type->wit.c_str() : "";
}

const char* tenon_type_resource(const tenon_type* type) {
  return type != nullptr && type->is_alive() ? type->resource.c_str() : "";
}

const char* tenon_type_owner(const tenon_type* type) {
  return type != nullptr && type->is_alive() ? type->owner.c_str() : "";
}

size_t tenon_type_part_count(const tenon_type* type) {
  if (type == nullptr || !type->is_alive()) return 0;
  return capi::guard_or<size_t>(0, [&] { return type->parts().size(); });
}

const char* tenon_type_part_label(const tenon_type* type, size_t index) {
  if (index >= tenon_type_part_count(type)) return nullptr;
  return type->parts()[index].label.c_str();
}

const tenon_type* tenon_type_part(const tenon_type* type, size_t index) {
  if (index >= tenon_type_part_count(type)) return nullptr;
  return type->parts()[index].type.get();
}

uint32_t tenon_type_length(const tenon_type* type) {
  return type != nullptr && type->is_alive() ? type->type.length().value_or(0) : 0;
}

tenon_error* tenon_function_call(tenon_function* function, const tenon_value* args, size_t nargs,
                                 tenon_arena* arena, tenon_value* result) {
  // The result may be in the place of an argument.
  tenon_value returned = {};
  tenon_value* const wanted = result != nullptr ? &returned : nullptr;
  tenon_error* const error =
      with_callable(function, args, nargs, [&](const auto& callable) -> tenon_error* {
        if (arena != nullptr)
          if (tenon_error* const misuse = find_misuse(arena, "arena")) return misuse;
        const std::span<const tenon_value> values(args, nargs);
        if (callable->form.has_scalars)
          if (const auto called = call_with_scalars(*callable, values, wanted)) return *called;
        return call_with_buffer(*callable, values, arena, wanted);
      });
  if (result != nullptr) *result = returned;
  return error;
}

tenon_error* tenon_function_call_flat(tenon_function* function, const uint64_t* params,
                                      size_t nparams, uint64_t* result) {
  // The result may be in the place of a parameter.
  std::uint64_t returned = 0;
  tenon_error* const error = guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(function, "function")) return misuse;
    if (params == nullptr && nparams != 0) return make_misuse("`params` is NULL");
    const std::shared_ptr<const Callable> callable = function->callable;  // as `with_callable`
    if (callable == nullptr)
      return make_error(detail::refuse_call(function->name, function->problems));
    if (!callable->form.is_flat)
      return refuse(*callable,
                    {make_diagnostic(Code::TypeUnsupportedValue,
                                     "`{}` has values that are not flat", function->name)});
    const abi::FunctionLayout& layout = callable->form.layout();
    if (const std::size_t count = layout.layouts[layout.params].flat.count(); nparams != count)
      return refuse(*callable,
                    {make_diagnostic(Code::ValueType, "`{}` has {} flat {}, not {}", function->name,
                                     count, count == 1 ? "parameter" : "parameters", nparams)});
    detail::CallFrame frame;
    frame.flat_params = {params, nparams};
    CallResult<void> called =
        callable->port->call(capi::signature_of<At::Flat, At::Flat>(callable->form), frame);
    if (!called) return make_error(std::move(called).error());
    returned = frame.result;
    return nullptr;
  });
  if (result != nullptr) *result = returned;
  return error;
}

tenon_error* tenon_function_call_json(tenon_function* function, const char* args, size_t size,
                                      char** result) {
  if (result == nullptr) return make_misuse("`result` is NULL");
  *result = nullptr;
  return guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(function, "function")) return misuse;
    if (args == nullptr) return make_misuse("`args` is NULL");
    if (!function->function)
      return make_error(detail::refuse_call(function->name, function->problems));
    const Result<std::vector<ArgumentText>> texts = split_array({args, size});
    if (!texts) return make_error(texts.error());
    const Result<std::vector<Value>> values = parse_arguments(*texts, function->type);
    if (!values) return make_error(values.error());
    const Function target = *function->function;  // as `with_callable`
    CallResult<std::optional<Value>> called = target.call(*values);
    if (!called) return make_error(std::move(called).error());
    *result = capi::copy_text(*called ? print_json(**called) : std::string("null"));
    return nullptr;
  });
}

tenon_error* tenon_function_start(tenon_function* function, const tenon_value* args, size_t nargs,
                                  tenon_call_done done, void* user, tenon_task** task) {
  if (task != nullptr) *task = nullptr;
  return with_callable(function, args, nargs, [&](const auto& callable) -> tenon_error* {
    const auto call = std::make_shared<CallInProgress>(callable, done, user);
    std::unique_ptr<tenon_task> handle;
    if (task != nullptr) handle = std::make_unique<tenon_task>(call);
    call->start({args, nargs});
    if (task != nullptr) *task = handle.release();
    return nullptr;
  });
}

void tenon_task_cancel(tenon_task* task) {
  if (task == nullptr || !task->is_alive()) return;
  capi::guard_or(0, [&] {
    const std::shared_ptr<CallInProgress> call = task->call;  // `done` can delete the task
    call->cancel();
    return 0;
  });
}

int tenon_task_wait(tenon_task* task, uint64_t nanoseconds) {
  if (task == nullptr || !task->is_alive()) return 0;
  return capi::guard_or(0, [&] {
    std::optional<std::chrono::steady_clock::time_point> deadline;
    if (nanoseconds != UINT64_MAX)
      deadline = std::chrono::steady_clock::now() +
                 std::chrono::nanoseconds(std::min<std::uint64_t>(nanoseconds, INT64_MAX / 4));
    const std::shared_ptr<CallInProgress> call = task->call;  // `done` can delete the task
    return call->wait(deadline) ? 1 : 0;
  });
}

void tenon_task_delete(tenon_task* task) {
  if (task != nullptr && task->is_alive()) delete task;
}
