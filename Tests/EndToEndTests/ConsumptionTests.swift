// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("proof of consumption")
struct ConsumptionTests {
    private static let base = [
        "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.20)
        project(base C)
        add_library(base SHARED base.c)
        target_include_directories(base PUBLIC $<INSTALL_INTERFACE:include>)
        install(TARGETS base EXPORT baseTargets)
        install(FILES base.h DESTINATION include)
        install(EXPORT baseTargets FILE baseConfig.cmake DESTINATION lib/cmake/base)

        """, "base.h": "int base(void);\n", "base.c": "int base(void) { return 2; }\n",
    ]

    /// A library that uses `base` as `lines` find it.
    private static func user(_ lines: String) -> [String: String] {
        let text = """
            cmake_minimum_required(VERSION 3.20)
            project(user C)
            add_library(user SHARED user.c)
            install(TARGETS user)
            \(lines)
            target_link_libraries(user PUBLIC base)

            """
        return ["CMakeLists.txt": text, "user.c": "#include <base.h>\nint user(void) { return base(); }\n"]
    }

    /// Makes the library at a branch head, and one that is not ours below `decoy`; `header` is what that declares.
    private func prepare(_ forge: MiniForge, decoy header: String = "int base(void);\n") async throws {
        forge.repository("base").commit(Self.base)
        try forge.manifest("base", ["cmake: {}", "provides: {packages: [base]}"])
        try forge.write("decoy/include/base.h", header)
        try forge.write("decoy/base.c", "int base(void) { return 1; }\n")
        try await forge.shell("gcc -shared -Wl,-soname,libbase.so -o libbase.so base.c", in: "decoy").expect(0)
        try forge.write(
            "decoy/lib/cmake/base/baseConfig.cmake",
            """
            add_library(base SHARED IMPORTED)
            set_target_properties(base PROPERTIES IMPORTED_LOCATION \(forge.root)/decoy/libbase.so
                INTERFACE_INCLUDE_DIRECTORIES \(forge.root)/decoy/include)

            """)
    }

    private func add(
        _ name: String, to forge: MiniForge, on upstream: String = "base", _ files: [String: String]
    ) async throws {
        forge.repository(name).commit(files)
        try forge.manifest(name, on: [upstream], ["cmake: {}"])
    }

    @Test func `a copy from elsewhere is an environment error of a build that passes, and a note of one that fails`()
        async throws
    {
        try await MiniForge.with { forge in
            try await prepare(forge, decoy: "#define OLD 1\nint base(void);\n")
            let hint = "find_package(base REQUIRED CONFIG HINTS \(forge.root)/decoy NO_DEFAULT_PATH)"
            try await add("right", to: forge, Self.user("find_package(base REQUIRED CONFIG)"))
            try await add("green", to: forge, Self.user(hint))
            let breaks = ["user.c": "#include <base.h>\n#ifdef OLD\n#error too old\n#endif\nint user;\n"]
            try await add("red", to: forge, Self.user(hint).merging(breaks) { $1 })
            let run = try await forge.run(expecting: 1)
            #expect(run.job("right@local/head")["result"] == "passed")
            let green = run.job("green@local/head")
            #expect(green["result"] == "error" && green["stage"] == "inspect" && green["fault"] == "environment")
            #expect(green["reasonCode"] == "inspect.wrong-upstream" && green["verdict"] == "unknown")
            #expect(green["firstError"]["text"].text?.contains("`base_DIR` is `\(forge.root)/decoy/") == true)
            #expect(green["attempts"].items.count == 1, "neither rerun nor retried: it would end the same way")
            let red = run.job("red@local/head")
            #expect(red["result"] == "failed" && red["fault"] == "change" && red["reasonCode"] == "build.compiler")
            let shown = try await forge.canary("show", red["attempts"][0]["attempt"].text ?? "?").expect(0)
            #expect(shown.output.contains("`base_DIR` is `\(forge.root)/decoy/"))
            let key = run.job("green@local/head")["key"].text ?? "?"
            #expect(!forge.exists("state/prefixes/green/\(key)"), "nothing may be built upon it")
        }
    }

    @Test func `a copy bundled with the project is an upstream that was not consumed`() async throws {
        try await MiniForge.with { forge in
            try await prepare(forge)
            var files = Self.user(
                """
                set(CMAKE_POSITION_INDEPENDENT_CODE ON)
                include(FetchContent)
                FetchContent_Declare(base SOURCE_DIR ${CMAKE_SOURCE_DIR}/bundled)
                FetchContent_MakeAvailable(base)
                """)
            files["bundled/CMakeLists.txt"] = """
                project(base C)
                add_library(base STATIC base.c)
                target_include_directories(base PUBLIC .)

                """
            files["bundled/base.h"] = Self.base["base.h"]
            files["bundled/base.c"] = Self.base["base.c"]
            try await add("bundled", to: forge, files)
            try await add("optional", to: forge, on: "{project: base, optional: true}", files)
            files["CMakeLists.txt"] = files["CMakeLists.txt"]?.replacing("FetchContent_MakeAvailable(base)", with: "")
                .replacing("include(FetchContent)", with: "find_package(base REQUIRED)\nadd_subdirectory(bundled)")
                .replacing("FetchContent_Declare(base SOURCE_DIR ${CMAKE_SOURCE_DIR}/bundled)", with: "")
                .replacing("PUBLIC base)", with: "PUBLIC bundled)")
            files["bundled/CMakeLists.txt"] = files["bundled/CMakeLists.txt"]?.replacing("(base ", with: "(bundled ")
                .replacing("project(bundled", with: "project(base")
            try await add("both", to: forge, files)
            let run = try await forge.run(expecting: 3)
            for name in ["bundled", "both"] {
                let job = run.job("\(name)@local/head")
                #expect(job["result"] == "error" && job["reasonCode"] == "inspect.unused-upstream")
                #expect(job["firstError"]["text"].text?.hasPrefix("a copy of `base` in `bundled` is built") == true)
            }
            #expect(run.job("optional@local/head")["result"] == "passed")
        }
    }

    @Test func `a library linked from elsewhere is found after the install`() async throws {
        try await MiniForge.with { forge in
            try await prepare(forge)
            try await add(
                "user", to: forge,
                Self.user(
                    """
                    find_package(base REQUIRED CONFIG)
                    target_link_libraries(user PRIVATE \(forge.root)/decoy/libbase.so)
                    set_target_properties(user PROPERTIES INSTALL_RPATH \(forge.root)/decoy)
                    """))
            let job = try await forge.run(expecting: 3).job("user@local/head")
            #expect(job["reasonCode"] == "inspect.wrong-upstream")
            let text = job["firstError"]["text"].text ?? ""
            #expect(text == "`\(forge.root)/decoy/libbase.so` was linked, which is not in the prefix of `base`")
            #expect(
                job["attempts"][0]["stages"].all("stage") == ["configure", "build", "install"],
                "all that the recipe has passed")
        }
    }

    @Test func `an upstream of an upstream must not come from elsewhere either`() async throws {
        try await MiniForge.with { forge in
            try await prepare(forge)
            try await add("mid", to: forge, Self.user("find_package(base REQUIRED CONFIG)"))
            let hint = "find_package(base REQUIRED CONFIG HINTS \(forge.root)/decoy NO_DEFAULT_PATH)"
            try await add("top", to: forge, on: "mid", Self.user(hint))
            let job = try await forge.run(expecting: 3).job("top@local/head")
            #expect(job["reasonCode"] == "inspect.wrong-upstream")
        }
    }

    @Test func `what was compiled and linked proves consumption, whatever CMake calls it`() async throws {
        try await MiniForge.with { forge in
            try await prepare(forge)
            let finds = """
                find_path(BASE_INCLUDE_DIR base.h REQUIRED)
                find_library(BASE_LIBRARY base REQUIRED)
                add_library(base INTERFACE)
                target_include_directories(base INTERFACE ${BASE_INCLUDE_DIR})
                target_link_libraries(base INTERFACE ${BASE_LIBRARY})
                """
            try await add("user", to: forge, Self.user(finds))
            #expect(try await forge.run().job("user@local/head")["result"] == "passed")
        }
    }

    @Test func `a project without CMake passes and says that nothing is proved`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", "provides: {packages: [base]}")
            try forge.project("user", on: ["base"])
            let run = try await forge.run()
            func shown(_ name: String) async throws -> Ended {
                let attempt = run.job("\(name)@local/head")["attempts"][0]["attempt"].text ?? "?"
                return try await forge.canary("show", attempt).expect(0)
            }
            #expect(
                try await shown("user").output.contains(": consumption of `base` is not proved")
            )
            #expect(try await !shown("base").output.contains("CMakeCache"))
        }
    }
}
