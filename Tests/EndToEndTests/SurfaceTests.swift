// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("what two builds install")
struct SurfaceTests {
    private static let configuration = """
        #ifndef INCLUDED_CONFIG_H
        #define INCLUDED_CONFIG_H 1
        #define @PROJ_NAME@_X 1
        #define @PROJ_NAME@_VERSION "@PROJECT_VERSION@"
        #endif

        """

    private static let library = [
        "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.20)
        project(Imath VERSION 3.1.0 LANGUAGES CXX)
        include(CMakePackageConfigHelpers)
        set(PROJ_NAME IMATH)
        configure_file(Config.h.in Config.h @ONLY)
        add_library(Imath SHARED imath.cpp)
        install(TARGETS Imath EXPORT ImathTargets)
        install(FILES ${CMAKE_CURRENT_BINARY_DIR}/Config.h DESTINATION include/Imath)
        install(EXPORT ImathTargets FILE ImathConfig.cmake NAMESPACE Imath:: DESTINATION lib/cmake/Imath)
        write_basic_package_version_file(ImathConfigVersion.cmake COMPATIBILITY SameMajorVersion)
        install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ImathConfigVersion.cmake DESTINATION lib/cmake/Imath)

        """, "Config.h.in": configuration, "imath.cpp": "namespace Imath { int one() { return 1; } }\n",
    ]

    @Test func `a removed macro is found even if a template creates its name`() async throws {
        try await MiniForge.with { forge in
            let imath = forge.repository("imath")
            imath.commit(Self.library)
            try forge.manifest("imath", ["cmake: {}"])
            let old = try #require(try await forge.run().job("imath@local/head")["key"].text)
            let dropped = Self.configuration.replacing("#define @PROJ_NAME@_X 1\n", with: "")
            let second = imath.commit([
                "Config.h.in": dropped,
                "CMakeLists.txt": Self.library["CMakeLists.txt"]?.replacing("3.1.0", with: "3.2.0"),
                "imath.cpp": "namespace Imath { int two() { return 2; } }\n",
            ])
            let job = try await forge.run().job("imath@local/head")
            let new = try #require(job["key"].text)

            let shown = try await forge.document("show", old, new)
            #expect(shown["schema"] == "canary.show/1" && shown["kind"] == "surface")
            #expect(shown["from"]["key"] == .text(old) && shown["to"]["revision"] == .text(second))
            #expect(
                shown["went"] == [
                    ["kind": "macro", "name": "IMATH_X", "from": "Imath/Config.h: 1", "to": nil],
                    ["kind": "symbol", "name": "_ZN5Imath3oneEv", "from": nil, "to": nil],
                ])
            #expect(shown["came"].all("name") == ["_ZN5Imath3twoEv"] && shown["incomplete"] == [])
            #expect(shown["changed"][0] == ["kind": "package", "name": "Imath", "from": "3.1.0", "to": "3.2.0"])
            #expect(shown["changed"].all("kind").contains("header") && !shown["changed"].all("kind").contains("target"))

            let text = try await forge.canary("show", String(old.prefix(8)), job["attempts"][0]["attempt"].text ?? "")
                .expect(0).output
            #expect(text.contains("removed (2)\n  macro    IMATH_X  (Imath/Config.h: 1)\n"), "\(text)")
            #expect(text.contains("IMATH_VERSION  (Imath/Config.h: \"3.1.0\" -> \"3.2.0\")"), "\(text)")

            // What is known of a tree does not go with it.
            try FileManager.default.removeItem(atPath: "\(forge.state)/prefixes")
            #expect(try await forge.document("show", old, new) == shown)
            let same = try await forge.canary("show", old, old).expect(0)
            #expect(same.output.contains("nothing that they install was removed, added or changed"))
        }
    }

    @Test func `builds that cannot be compared are refused, with the reason`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left")
            let first = try await forge.run()
            let (good, other) = (
                first.job("base@local/head")["key"].text ?? "", first.job("left@local/head")["key"].text ?? ""
            )
            base.commit(["build.sh": "exit 1\n"])
            let red = try await forge.run(expecting: 1).job("base@local/head")["key"].text ?? ""
            let cases = [
                ([good, red], "the build `\(red.prefix(10))` of `base` installed nothing"),
                ([good, other], "is a build of `base`, but `\(other)` is a build of `left`"),
                ([good, first["run"].text ?? ""], "is not a build"),
                ([good, "nobody"], "no run, attempt, build, episode or search matches `nobody`"),
            ]
            for (ids, message) in cases {
                let words = ["show", "--stack", forge.manifests, "--state", forge.state] + ids
                let refused = try await forge.start(bare: words).end().expect(2)
                #expect(refused.errors.contains(message), "\(refused.errors)")
            }
        }
    }

    @Test func `long lists are shortened, except with --verbose`() async throws {
        try await MiniForge.with { forge in
            let lines = (10..<50).map { "#define MACRO_\($0)\n" }.joined()
            let base = try forge.project("base", files: ["api.h": "keep\n\(lines)"])
            let old = try await forge.run().job("base@local/head")["key"].text ?? ""
            base.commit(["api.h": "keep\n"])
            let new = try await forge.run().job("base@local/head")["key"].text ?? ""
            let short = try await forge.canary("show", old, new).expect(0).output
            #expect(short.contains("MACRO_29") && !short.contains("MACRO_30"))
            #expect(
                short.contains("removed (40)") && short.contains("... and 20 more; `--verbose` lists them"), "\(short)")
            let long = try await forge.canary("show", old, new, "--verbose").expect(0).output
            #expect(long.contains("MACRO_49") && !long.contains("more"))
        }
    }
}
