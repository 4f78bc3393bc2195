#include "remote/passed_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace tenon::remote::passed_socket_test {
namespace {

using State = PassedSocket::State;

class PassedSockets : public testing::Test {
 protected:
  PassedSockets() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    from_ = Descriptor(pair[0]);
    to_ = Descriptor(pair[1]);
  }

  Descriptor from_{-1};
  Descriptor to_{-1};
};

TEST_F(PassedSockets, AreConnected) {
  EXPECT_EQ(receive_socket(to_.number()).state, State::Nothing);
  const Descriptor own = pass_socket(from_.number());
  ASSERT_TRUE(own.is_open());
  const PassedSocket received = receive_socket(to_.number());
  ASSERT_EQ(received.state, State::Message);
  ASSERT_TRUE(received.socket.is_open());
  EXPECT_NE(::fcntl(received.socket.number(), F_GETFD) & FD_CLOEXEC, 0);
  char byte = 0;
  EXPECT_EQ(::send(own.number(), "a", 1, 0), 1);
  EXPECT_EQ(::recv(received.socket.number(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'a');
  EXPECT_EQ(receive_socket(to_.number()).state, State::Nothing);
}

TEST_F(PassedSockets, AMessageCanBeWithoutOne) {
  EXPECT_EQ(::send(from_.number(), "x", 1, 0), 1);
  const PassedSocket received = receive_socket(to_.number());
  EXPECT_EQ(received.state, State::Message);
  EXPECT_FALSE(received.socket.is_open());
}

TEST_F(PassedSockets, EndWithTheOtherSide) {
  EXPECT_TRUE(from_.close());
  EXPECT_EQ(receive_socket(to_.number()).state, State::End);
  EXPECT_FALSE(pass_socket(to_.number()).is_open());
  EXPECT_EQ(errno, EPIPE);
}

// A process that takes none does not make the other one wait.
TEST_F(PassedSockets, AreNotQueuedForever) {
  std::vector<Descriptor> own;
  errno = 0;
  while (own.size() < 4096) {
    Descriptor socket = pass_socket(from_.number());
    if (!socket.is_open()) break;
    own.push_back(std::move(socket));
  }
  EXPECT_GT(own.size(), 4U);
  EXPECT_LT(own.size(), 4096U);
  EXPECT_TRUE(errno == EAGAIN || errno == EMFILE || errno == ETOOMANYREFS) << errno;
}

}  // namespace
}  // namespace tenon::remote::passed_socket_test
