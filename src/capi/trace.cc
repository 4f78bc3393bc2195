#include "capi/trace.h"

#include <nlohmann/json.hpp>

#include "render/json.h"

namespace tenon::capi {

namespace {

std::string_view name_of(TraceCall::Event event) {
  switch (event) {
    case TraceCall::Event::Ended:
      return "ended";
    case TraceCall::Event::Suspended:
      return "suspended";
    case TraceCall::Event::Dropped:
      return "dropped";
  }
  return "";
}

std::string_view name_of(TraceCall::Side side) {
  switch (side) {
    case TraceCall::Side::Both:
      return "both";
    case TraceCall::Side::Client:
      return "client";
    case TraceCall::Side::Server:
      return "server";
  }
  return "";
}

}  // namespace

std::string print_trace(const TraceCall& call) {
  render::JsonValue json = {{"event", name_of(call.event)},
                            {"side", name_of(call.side)},
                            {"number", call.number},
                            {"consumer", call.consumer},
                            {"provider", call.provider},
                            {"function", call.function},
                            {"arguments", call.arguments},
                            {"result", render::text_or_null(call.result)},
                            {"failure", nullptr},
                            {"start_ns", call.start.time_since_epoch().count()},
                            {"duration_ns", call.duration.count()},
                            {"depth", call.depth},
                            {"bytes", call.bytes},
                            {"handles", call.handles},
                            {"restarts", call.restarts},
                            {"traceparent", print_traceparent(call.context)}};
  if (call.failure) json["failure"] = call.failure->message;
  return render::dump_json_line(json);
}

}  // namespace tenon::capi
