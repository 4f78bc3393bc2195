// The public functions: a WIT in, texts out.
#include "tenon/bindgen.h"

#include <utility>

#include "bindgen/host_cpp.h"
#include "bindgen/host_model.h"
#include "support/files.h"
#include "support/try.h"

namespace tenon {

Result<std::vector<GeneratedFile>> generate_host_cpp(const BindgenOptions& options) {
  const RealFiles files;
  TENON_TRY(const bindgen::HostModel model, bindgen::read_host_model(files, options));
  TENON_TRY(std::string text, bindgen::print_host_cpp(model));
  return std::vector<GeneratedFile>{{model.snake + "_host.h", std::move(text)}};
}

}  // namespace tenon
