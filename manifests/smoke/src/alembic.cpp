// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <Alembic/Abc/All.h>
#include <Alembic/AbcCoreOgawa/All.h>

static const Check check("alembic", [] {
    const std::string path = scratch("smoke.abc");
    {
        Alembic::Abc::OArchive archive(Alembic::AbcCoreOgawa::WriteArchive(), path);
        Alembic::Abc::OV3fProperty point(archive.getTop().getProperties(), "point");
        point.set(Imath::V3f(1, 2, 3));
    }
    Alembic::Abc::IArchive archive(Alembic::AbcCoreOgawa::ReadArchive(), path);
    Alembic::Abc::IV3fProperty point(archive.getTop().getProperties(), "point");
    require(point.getValue() == Imath::V3f(1, 2, 3), "a point came back different");
    return Alembic::AbcCoreAbstract::GetLibraryVersion();
});
