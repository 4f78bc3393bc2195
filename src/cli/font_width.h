// How wide text is in a picture, without a font at hand.
#pragma once

#include <string_view>

namespace tenon::cli {

enum class FontWeight { Regular, Bold };

// Width in pixels, rounded up, of UTF-8 text set in a sans font of `size` pixels. An upper bound
// for the sans fonts in common use.
[[nodiscard]] int measure_text(std::string_view text, int size, FontWeight weight);

}  // namespace tenon::cli
