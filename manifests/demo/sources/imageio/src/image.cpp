// SPDX-License-Identifier: Apache-2.0
#include "imageio/image.h"

#include <sstream>

IMAGEIO_NAMESPACE_BEGIN

Image gradient(int width, int height) {
    Image image{width, height, {}};
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column)
            image.pixels.push_back(half::fromFloat(width > 1 ? static_cast<float>(column) / (width - 1) : 0.0f));
    return image;
}

float average(const Image& image) {
    float sum = 0;
    for (const half::Half pixel : image.pixels) sum += half::toFloat(pixel);
    return image.pixels.empty() ? 0 : sum / static_cast<float>(image.pixels.size());
}

std::string toPgm(const Image& image) {
    std::ostringstream text;
    text << "P2\n" << image.width << ' ' << image.height << "\n255\n";
    for (const half::Half pixel : image.pixels) text << static_cast<int>(half::toFloat(pixel) * 255) << '\n';
    return text.str();
}

IMAGEIO_NAMESPACE_END
