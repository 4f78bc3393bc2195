// A RawFunction of the C++ program, as a callee: it takes and returns encoded values.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "call/call.h"
#include "packr/encoded_values.h"
#include "packr/graph_codec.h"
#include "packr/import_call.h"
#include "tenon/host.h"

namespace tenon::link {

class RawProgramFunction final : public call::Callee {
 public:
  // name: for messages. messages: of the import of a package. codec: of a component's.
  struct Parts {
    std::shared_ptr<const RawFunction::Call> call;
    std::string name;
    std::shared_ptr<const packr::EncodedValues> messages = {};
    std::shared_ptr<const packr::GraphCodec> codec = {};
  };
  explicit RawProgramFunction(Parts parts) : parts_(std::move(parts)) {}

  // A failure is a trap of the calling guest, as that of a ProgramFunction.
  void start(call::Call& call) override;

 private:
  void start_with_message(packr::ImportCall& call) const;
  void start_with_values(call::Call& call) const;
  [[nodiscard]] HostResult<RawBytes> run(std::span<const std::uint8_t> params) const;

  Parts parts_;
};

}  // namespace tenon::link
