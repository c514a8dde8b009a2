// SPDX-License-Identifier: Apache-2.0
#include "stage/texture.h"

#include <imageio/image.h>

IMAGEIO_NAMESPACE_USING

namespace stage {

float textureBrightness(int size) {
    const Image image = gradient(size, size);
    return average(image);
}

}  // namespace stage
