// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryRunner

@Suite("Files of an image", .timeLimit(.minutes(5)))
struct ImageFilesTests {
    @Test(arguments: RunnerKind.containers)
    func `stages see what exists and is not hidden`(_ kind: RunnerKind) async throws {
        try await RunnerFixture.with(kind) { bench in
            let running = try #require(bench.engine)
            func seen(hiding globs: [String]) async throws -> Set<String> {
                try await running.engine.images.files(
                    among: [
                        "/opt/aswf/lib/libImath.so", "/opt/aswf/lib/libother.so", "/opt/aswf/../aswf/lib", "/nowhere",
                        "/opt/$(touch /opt/bad)", "-e",
                    ], visibleIn: ContainerSpec(image: running.image, hidden: globs))
            }
            let all: Set = ["/opt/aswf/lib/libImath.so", "/opt/aswf/lib/libother.so", "/opt/aswf/../aswf/lib"]
            #expect(try await seen(hiding: []) == all)
            #expect(try await seen(hiding: ["lib*/libImath*"]) == all.subtracting(["/opt/aswf/lib/libImath.so"]))
            #expect(try await seen(hiding: ["lib*"]).isEmpty)
        }
    }

    @Test(arguments: [
        ("/usr/local/lib/libImath.so.29", true), ("/usr/local/lib64/libImath.so", true),
        ("/usr/local/lib/cmake/Imath/ImathConfig.cmake", true), ("/usr/local/lib/x/libImath.so", false),
        ("/usr/local/lib/libOpenEXR.so", false), ("/usr/lib/libImath.so", false), ("/usr/local", false),
        ("/usr/local-2/lib/libImath.so", false),
    ])
    func `globs hide as a shell would expand them`(_ path: String, _ isHidden: Bool) {
        let globs = ["lib*/libImath*", "lib*/cmake/Imath"]
        #expect(ContainerImages.isHidden(path, by: globs, below: "/usr/local") == isHidden)
    }
}
