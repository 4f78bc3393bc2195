// Names fit for a terminal: declared for programs too, in tenon/text.h.
#pragma once

#include "tenon/text.h"
