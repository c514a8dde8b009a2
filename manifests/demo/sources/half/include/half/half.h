// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace half {

/// A number of 16 bits: 1 sign, 5 exponent, 10 mantissa.
struct Half {
    std::uint16_t bits = 0;
};

/// The nearest half towards zero; too large becomes infinity, too small becomes zero.
Half fromFloat(float value);

/// The same number as a float.
float toFloat(Half value);

}  // namespace half
