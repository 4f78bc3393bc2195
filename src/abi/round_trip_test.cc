// Property: a copy is the same value, for every pair of encodings and of places. The values are
// compared by an independent reader (test_reference.h).
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "abi/copy_program.h"
#include "abi/test_guest.h"
#include "abi/test_reference.h"
#include "abi/test_types.h"
#include "abi/test_values.h"

namespace tenon::abi::round_trip_test {
namespace {

constexpr Encoding kEncodings[] = {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16};

// The parameters of one function, in guests whose memories contain different garbage.
class Trip {
 public:
  Trip(TestTypes& t, const std::vector<types::TypeId>& params, std::mt19937& random)
      : t_(t),
        all_(t.tuple(params)),
        program_(t.program(params)),
        size_(Reference(t.types).size(all_)),
        random_(random) {}

  void run(Encoding a, Encoding b) {
    TestGuest first(a);
    const std::uint32_t at = first.allocate(size_.size, size_.align);
    RandomValues(t_.types, first, random_).write(all_, at);
    const std::string value = ValueReader(t_.types, first).read(all_, at);
    const Layout& layout = program_.layout().layouts[program_.layout().params];
    ASSERT_EQ(layout.size, size_.size);
    ASSERT_EQ(layout.align, size_.align);

    to_all(From::memory(first, at), b, value);
    ValueArena arena;
    const Result<std::uint32_t, AbiError> lifted =
        program_.lift_params(From::memory(first, at), arena);
    ASSERT_TRUE(lifted) << lifted.error().message << " " << lifted.error().path;
    EXPECT_EQ(ValueReader(t_.types, arena).read(all_, *lifted), value);
    // Own handles move out of the arena, so it can be used once.
    TestGuest last(b, 1024, 0x3c);
    FlatValue address = 0;
    ASSERT_TRUE(program_.copy_params(From::memory(arena, *lifted), To::allocated(last, address)));
    EXPECT_EQ(ValueReader(t_.types, last).read(all_, static_cast<std::uint32_t>(address)), value);

    if (!layout.flat.fits()) return;
    ASSERT_EQ(layout.flat.count(), Reference(t_.types).flat_count(all_));
    std::vector<FlatValue> flat(layout.flat.count(), 0x1234567812345678);
    TestGuest second(b);
    second.flat = flat;
    ASSERT_TRUE(program_.copy_params(From::memory(first, at), To::flat(second, flat)));
    const std::vector<CoreType> types(layout.flat.types().begin(), layout.flat.types().end());
    for (std::size_t i = 0; i < flat.size(); ++i) {
      const bool is_short = types[i] == CoreType::I32 || types[i] == CoreType::F32;
      EXPECT_TRUE(!is_short || flat[i] >> 32 == 0);
      // The high half of a 32-bit value is ignored.
      if (is_short) flat[i] |= std::uint64_t{random_()} << 32;
    }
    to_all(From::flat(second, flat), a, value);
  }

 private:
  void to_all(const From& from, Encoding encoding, const std::string& value) {
    {
      TestGuest guest(encoding, 1024, 0x5a);
      guest.moves = TestGuest::Moves::Yes;
      FlatValue address = 0;
      ASSERT_TRUE(program_.copy_params(from, To::allocated(guest, address)));
      EXPECT_EQ(ValueReader(t_.types, guest).read(all_, static_cast<std::uint32_t>(address)),
                value);
    }
    {
      TestGuest guest(encoding, 1024, 0x5a);
      std::vector<std::uint8_t> bytes(size_.size + 8, 0x77);
      guest.host_bytes = std::span(bytes).first(size_.size);
      ASSERT_TRUE(program_.copy_params(from, To::bytes(guest, guest.host_bytes)));
      const std::uint32_t at = guest.allocate(size_.size, size_.align);
      std::copy_n(bytes.begin(), size_.size, guest.bytes.begin() + at);
      EXPECT_EQ(ValueReader(t_.types, guest).read(all_, at), value);
      EXPECT_EQ(bytes[size_.size], 0x77);
    }
    const Layout& layout = program_.layout().layouts[program_.layout().params];
    if (!layout.flat.fits()) return;
    TestGuest guest(encoding, 1024, 0x5a);
    std::vector<FlatValue> flat(layout.flat.count(), UINT64_MAX);
    guest.flat = flat;
    ASSERT_TRUE(program_.copy_params(from, To::flat(guest, flat)));
    std::span<const FlatValue> rest = flat;
    EXPECT_EQ(ValueReader(t_.types, guest).read_flat(all_, rest), value);
    EXPECT_TRUE(rest.empty());
  }

  TestTypes& t_;
  types::TypeId all_;
  CopyProgram program_;
  SizeAndAlign size_;
  std::mt19937& random_;
};

TEST(RoundTrip, RandomTypesAndValues) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    TestTypes t;
    std::vector<types::TypeId> params;
    for (std::uint32_t i = 1 + seed % 3; i > 0; --i)
      params.push_back(random_type(t, random, static_cast<int>(seed % 4)));
    Trip trip(t, params, random);
    for (const Encoding a : kEncodings)
      for (const Encoding b : kEncodings) trip.run(a, b);
    if (HasFailure()) return;
  }
}

TEST(RoundTrip, NoParams) {
  std::mt19937 random(1);
  TestTypes t;
  Trip(t, {}, random).run(Encoding::Utf8, Encoding::Utf8);
}

}  // namespace
}  // namespace tenon::abi::round_trip_test
