// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <half/half.h>
#include <imageio/export.h>

#include <string>
#include <vector>

IMAGEIO_NAMESPACE_BEGIN

/// A grey image, rows from the top.
struct Image {
    int width = 0;
    int height = 0;
    std::vector<half::Half> pixels;
};

/// A ramp from black to white.
Image gradient(int width, int height);

/// The mean of all pixels; 0 for an empty image.
float average(const Image& image);

/// The image as a plain PGM file.
std::string toPgm(const Image& image);

IMAGEIO_NAMESPACE_END
