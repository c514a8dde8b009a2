// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <OSL/oslcomp.h>
#include <OSL/oslexec.h>
#include <OSL/oslquery.h>

static const Check check("osl", [] {
    OSL::ShadingSystem system;
    OSL::OSLQuery query;
    require(!query.open("no such shader"), "it opened what is not there");
    require(!query.geterror().empty(), "it gave no reason");
    return "version " + std::string(OSL_LIBRARY_VERSION_STRING);
});
