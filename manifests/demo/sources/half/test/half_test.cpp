// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <initializer_list>

#include "half/half.h"

int main() {
    for (const float value : {0.0f, 1.0f, -2.5f, 1024.0f}) {
        const float back = half::toFloat(half::fromFloat(value));
        if (back != value) {
            std::fprintf(stderr, "%f came back as %f\n", value, back);
            return 1;
        }
    }
    return 0;
}
