// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <openvdb/openvdb.h>

static const Check check("openvdb", [] {
    openvdb::initialize();
    auto grid = openvdb::FloatGrid::create(0);
    grid->getAccessor().setValue(openvdb::Coord(1, 2, 3), 4);
    require(grid->activeVoxelCount() == 1, "a voxel is lost");
    require(float(openvdb::math::half(1.5f)) == 1.5f, "half loses bits");
    return std::string("version ") + openvdb::getLibraryVersionString();
});
