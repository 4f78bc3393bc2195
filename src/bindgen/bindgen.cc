// The public functions: they read the WIT and return texts.
#include "tenon/bindgen.h"

#include <utility>

#include "bindgen/host_header.h"
#include "bindgen/host_model.h"
#include "bindgen/host_skeleton.h"
#include "support/files.h"
#include "support/try.h"

namespace tenon {

Result<std::vector<GeneratedFile>> generate_host_cpp(const BindgenOptions& options) {
  const RealFiles files;
  TENON_TRY(const bindgen::HostModel model, bindgen::read_host_model(files, options));
  TENON_TRY(std::string text, bindgen::print_host_cpp(model));
  return std::vector<GeneratedFile>{{model.snake + "_host.h", std::move(text)}};
}

Result<std::vector<GeneratedFile>> generate_host_c(const BindgenOptions& options) {
  const RealFiles files;
  TENON_TRY(const bindgen::HostModel model, bindgen::read_host_model(files, options));
  return std::vector<GeneratedFile>{{model.snake + "_host.h", bindgen::print_host_c(model)}};
}

Result<std::vector<GeneratedFile>> make_host_skeleton(const BindgenOptions& options,
                                                      HostLanguage language) {
  const RealFiles files;
  TENON_TRY(const bindgen::HostModel model, bindgen::read_host_model(files, options));
  return bindgen::print_host_skeleton(model, options, language, files);
}

}  // namespace tenon
