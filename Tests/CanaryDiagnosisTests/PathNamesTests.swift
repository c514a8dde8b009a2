// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryDiagnosis

@Suite("PathNames")
struct PathNamesTests {
    private let names = PathNames(
        AttemptPaths(
            source: "/canary/.source", build: "/canary/.build", prefix: "/canary/openexr", home: "/canary/.home",
            temporary: "/canary/.tmp", upstreamPrefix: ["imath": "/canary/imath", "imath-extra": "/canary/imath-extra"])
    )

    @Test(arguments: [
        ("/canary/.source/src/a.cpp:3:1: error", "src/a.cpp:3:1: error"),
        ("/canary/imath/include/Imath/half.h", "imath:include/Imath/half.h"),
        ("/canary/imath-extra/lib/x.so", "imath-extra:lib/x.so"), ("/canary/.build/gen.h", "build:gen.h"),
        ("/canary/openexr/lib", "prefix:lib"), ("/canary/.tmp/cc1.s", "tmp:cc1.s"), ("/canary/.home/.x", "home:.x"),
        ("../.source/src/a.cpp", "src/a.cpp"), ("../../.source/src/a.cpp", "src/a.cpp"),
        ("/canary/.build/../.source/src/a.cpp", "src/a.cpp"),
        ("/canary/.source/openvdb/openvdb/../openvdb/Types.h", "openvdb/openvdb/Types.h"),
        ("/canary/imath/lib/cmake/Imath/../../../include/Imath/half.h", "imath:include/Imath/half.h"),
        ("in \"/canary/.source\" and '/canary/imath':", "in \".\" and 'imath:':"),
        ("-I/canary/imath/include -I/usr/include", "-Iimath:include -I/usr/include"),
        ("/usr/include/c++/12/map", "/usr/include/c++/12/map"), ("a/../../b", "../b"), ("cd /canary/.source/", "cd ."),
        ("and/or", "and/or"), ("", ""),
        ("/canary/imathx/y", "/canary/imathx/y"),
    ])
    func `paths of the attempt become names, others stay`(_ path: String, _ name: String) {
        #expect(names.shortened(path) == name)
    }

    @Test func `a file in a folder of the attempt is ours`() {
        #expect(names.isOurs("/canary/.source/a.cpp"))
        #expect(names.isOurs("/canary/imath/include/a.h"))
        #expect(names.isOurs("src/a.cpp"))
        #expect(!names.isOurs("/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/map"))
    }
}
