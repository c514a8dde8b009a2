// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace stage {

/// How bright the checker texture of `size` by `size` pixels is, 0 to 1.
float textureBrightness(int size);

}  // namespace stage
