// The states of the public builder and of the composition that it creates.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link/link.h"
#include "link/request.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon {

struct CompositionBuilder::State {
  link::Request request;
  RealFiles files;
  link::PhaseClock clock;
  std::vector<std::string> paths;  // of components and manifests
  Executor* executor = nullptr;    // null: whoever waits
  std::string plan_cache;          // folder; empty: none

  struct Component {
    Bytes bytes;
    Diagnostics notes;
  };

  // A composition that is a unit of another one.
  struct Nested {
    link::ComposedParts composed;
    std::string root;  // the domain of the root
    Diagnostics notes;
  };

  // Begins a link: gives the request its name.
  void begin();
  // Whether the user agreed to what the manifests request, with folders where they are now.
  Result<void> agree();
  Result<link::PlannedLink> plan(resolve::Policy::Product product = resolve::Policy::Product::Run);
  Result<Component> compose(const ComposeOptions& options);
  Result<Nested> compose_nested();

  // An invalid name is a problem of the plan.
  void add(link::UnitRequest unit);
  void add_middleware(const std::string& name, const Middleware& middleware);
  // Adds what a manifest or a `.wac` file says.
  void adopt(link::Request read);
  link::DomainOverrides& overrides_of(std::string_view domain);
  void filter(std::string_view unit, resolve::Filter::Kind kind, std::string_view item,
              Location where);
};

struct Composition::State {
  std::shared_ptr<link::Running> running;
  BuildOptions options;
  std::vector<PhaseTime> times;

  Result<void> swap(std::vector<link::UnitRequest> units, const SwapOptions& swap_options) const {
    // Returns when the units have started.
    const std::shared_ptr<link::Running> held = running;
    return link::swap_units(*held, std::move(units), swap_options, RealFiles(), options);
  }
};

}  // namespace tenon
