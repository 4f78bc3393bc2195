// libnats, which is loaded when the first NATS address is used. Everything else works without it.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>

#include "tenon/result.h"

namespace tenon::remote {

#define TENON_NATS_FUNCTIONS(X)              \
  X(natsConnection_Close)                    \
  X(natsConnection_Connect)                  \
  X(natsConnection_Destroy)                  \
  X(natsConnection_FlushTimeout)             \
  X(natsConnection_GetMaxPayload)            \
  X(natsConnection_Publish)                  \
  X(natsConnection_PublishMsg)               \
  X(natsConnection_PublishRequest)           \
  X(natsConnection_QueueSubscribe)           \
  X(natsConnection_Subscribe)                \
  X(natsMsgHeader_Get)                       \
  X(natsMsgHeader_Set)                       \
  X(natsMsg_Create)                          \
  X(natsMsg_Destroy)                         \
  X(natsMsg_GetData)                         \
  X(natsMsg_GetDataLength)                   \
  X(natsMsg_GetReply)                        \
  X(natsMsg_GetSubject)                      \
  X(natsMsg_IsNoResponders)                  \
  X(natsOptions_Create)                      \
  X(natsOptions_Destroy)                     \
  X(natsOptions_LoadCATrustedCertificates)   \
  X(natsOptions_LoadCertificatesChain)       \
  X(natsOptions_SetClosedCB)                 \
  X(natsOptions_SetDisconnectedCB)           \
  X(natsOptions_SetExpectedHostname)         \
  X(natsOptions_SetMaxReconnect)             \
  X(natsOptions_SetNKeyFromSeed)             \
  X(natsOptions_SetName)                     \
  X(natsOptions_SetReconnectWait)            \
  X(natsOptions_SetReconnectedCB)            \
  X(natsOptions_SetSecure)                   \
  X(natsOptions_SetSendAsap)                 \
  X(natsOptions_SetTimeout)                  \
  X(natsOptions_SetURL)                      \
  X(natsOptions_SetUserCredentialsFromFiles) \
  X(natsOptions_SetWriteDeadline)            \
  X(natsOptions_UseGlobalMessageDelivery)    \
  X(natsStatus_GetText)                      \
  X(natsSubscription_Destroy)                \
  X(natsSubscription_Drain)                  \
  X(natsSubscription_SetOnCompleteCB)

// The functions, by their names.
struct NatsLibrary {
#define TENON_NATS_MEMBER(name) decltype(&::name) name = nullptr;
  TENON_NATS_FUNCTIONS(TENON_NATS_MEMBER)  // NOLINT(readability-identifier-naming)
#undef TENON_NATS_MEMBER
};

// Loads it once. Thread: any. Errors: a sentence that says why it cannot be used, and what to do.
[[nodiscard]] Result<const NatsLibrary*, std::string> load_nats();

}  // namespace tenon::remote
