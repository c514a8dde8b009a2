// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <fmt/format.h>

static const Check check("fmt", [] {
    require(fmt::format("{:>4}|{:.2f}", 7, 0.5) == "   7|0.50", "the text is wrong");
    return "version " + std::to_string(FMT_VERSION);
});
