// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <MaterialXCore/Document.h>
#include <MaterialXCore/Util.h>
#include <MaterialXFormat/XmlIo.h>

static const Check check("materialx", [] {
    auto document = MaterialX::createDocument();
    document->addNodeGraph("smoke")->addNode("constant", "colour", "color3");
    auto again = MaterialX::createDocument();
    MaterialX::readFromXmlString(again, MaterialX::writeToXmlString(document));
    require(again->getNodeGraph("smoke") != nullptr, "a graph is lost");
    return "version " + MaterialX::getVersionString();
});
