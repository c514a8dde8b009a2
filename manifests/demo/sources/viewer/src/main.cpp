// SPDX-License-Identifier: Apache-2.0
#include <imageio/image.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const int width = argc > 1 ? std::atoi(argv[1]) : 16;
    const int height = argc > 2 ? std::atoi(argv[2]) : 16;
    const imageio::Image image = imageio::gradient(width, height);
    std::fputs(imageio::toPgm(image).c_str(), stdout);
    return image.pixels.empty() ? 1 : 0;
}
