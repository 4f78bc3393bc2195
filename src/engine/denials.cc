#include "engine/denials.h"

#include "engine/seam.h"

namespace tenon::engine {

Denials::Denials() : impl_(new Impl{DenialsHandle(tenon_engine_denials_new())}) {}
Denials::~Denials() = default;

bool Denials::environment() const { return has(TENON_ENGINE_DENIED_ENVIRONMENT); }
bool Denials::file_system() const { return has(TENON_ENGINE_DENIED_FILE_SYSTEM); }
bool Denials::network() const { return has(TENON_ENGINE_DENIED_NETWORK); }
bool Denials::output() const { return has(TENON_ENGINE_DENIED_OUTPUT); }

bool Denials::has(unsigned kind) const {
  return (tenon_engine_denials_asked(impl_->handle.get()) & kind) != 0;
}

}  // namespace tenon::engine
