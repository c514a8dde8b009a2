// SPDX-License-Identifier: Apache-2.0
#include "half/half.h"

#include <cmath>
#include <cstring>

namespace half {

Half fromFloat(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const int exponent = static_cast<int>((bits >> 23) & 0xffu) - 127 + 15;
    if (exponent <= 0) return Half{sign};
    if (exponent >= 31) return Half{static_cast<std::uint16_t>(sign | 0x7c00u)};
    const std::uint32_t mantissa = (bits >> 13) & 0x3ffu;
    return Half{static_cast<std::uint16_t>(sign | (static_cast<std::uint32_t>(exponent) << 10) | mantissa)};
}

float toFloat(Half value) {
    const int exponent = (value.bits >> 10) & 0x1f;
    const float mantissa = static_cast<float>(value.bits & 0x3ff) / 1024.0f;
    const float sign = (value.bits & 0x8000) != 0 ? -1.0f : 1.0f;
    if (exponent == 0) return sign * std::ldexp(mantissa, -14);
    if (exponent == 31) return sign * INFINITY;
    return sign * std::ldexp(1.0f + mantissa, exponent - 15);
}

}  // namespace half
