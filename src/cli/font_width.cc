#include "cli/font_width.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace tenon::cli {

namespace {

// Advances of the ASCII characters from the space on, in thousandths of the font's size, as of
// DejaVu Sans 2.37: the widest of the sans fonts in common use, so that text set in another is no
// wider.
constexpr std::array<std::uint16_t, 95> kRegularAdvance = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838,
};

constexpr std::array<std::uint16_t, 95> kBoldAdvance = {
    348,  456, 521, 838, 696, 1002, 872, 306,  457, 457, 523, 838, 380, 415,  380, 365,
    696,  696, 696, 696, 696, 696,  696, 696,  696, 696, 400, 400, 838, 838,  838, 580,
    1000, 774, 762, 734, 830, 683,  683, 821,  837, 372, 372, 775, 637, 995,  837, 850,
    733,  850, 770, 720, 682, 812,  774, 1103, 771, 724, 725, 457, 365, 457,  838, 500,
    500,  675, 716, 593, 716, 678,  435, 716,  712, 343, 343, 665, 343, 1042, 712, 687,
    716,  716, 493, 595, 478, 712,  652, 924,  645, 652, 582, 712, 365, 712,  838,
};

// Any other character: a full-width one is as wide as it is high.
constexpr std::size_t kOtherAdvance = 1000;

}  // namespace

int measure_text(std::string_view text, int size, FontWeight weight) {
  const auto& advances = weight == FontWeight::Bold ? kBoldAdvance : kRegularAdvance;
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < ' ' + advances.size())
      width += advances[byte - ' '];
    else if ((byte & 0xc0U) != 0x80)  // not a later byte of a UTF-8 character
      width += kOtherAdvance;
  }
  return static_cast<int>((width * static_cast<std::size_t>(size) + 999) / 1000);
}

}  // namespace tenon::cli
