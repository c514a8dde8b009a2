// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

/// Ways to build without the upstream that was built, and ways to build with it that look like those.
@Suite("what a green build consumed")
struct FalseGreenTests {
    /// A build that passes all of its stages.
    private struct Consumer {
        /// What it is called.
        let name: String
        /// What is wrong with it; nil when it consumes its upstream.
        let reason: String?
        /// Its `CMakeLists.txt` behind the line of its project; `SYSTEM` stands for a folder of the image.
        let lines: String
        /// Other files of it.
        var files: [String: String] = [:]
        /// Its recipe.
        var recipe = ["cmake: {}"]

        static let wrong = "inspect.wrong-upstream"
        static let unused = "inspect.unused-upstream"
        static let finds = "find_package(up REQUIRED CONFIG)\n"
        static let builds = "add_library(user SHARED user.c)\ninstall(TARGETS user)\n"
        static let make =
            ["stages:"]
            + [
                "- {stage: configure, run: 'cmake -S \"$CANARY_SOURCE\" -DCMAKE_INSTALL_PREFIX=\"$CANARY_PREFIX\"'}",
                "- {stage: build, run: 'cmake --build .'}", "- {stage: install, run: 'cmake --install .'}",
            ].map { "  " + $0 }
        static let copy = [
            "copy/CMakeLists.txt": """
            project(own C)
            add_library(own STATIC up.c)
            set_target_properties(own PROPERTIES POSITION_INDEPENDENT_CODE ON)
            target_include_directories(own PUBLIC .)
            """, "copy/up.h": "int up(void);\n", "copy/up.c": "int up(void) { return 3; }\n",
        ]
        static let plain = ["user.c": "int user(void) { return 0; }\n"]

        /// Compiled by hand, without CMake.
        static func compiled(_ flags: String) -> [String] {
            let compile =
                "cc -shared -fPIC -MMD -MF user.d -o \"$CANARY_PREFIX/lib/libuser.so\" \"$CANARY_SOURCE/user.c\" \(flags)"
            return ["stages:", "  - {stage: build, run: 'mkdir -p \"$CANARY_PREFIX/lib\"; \(compile)'}"]
        }
    }

    private static let wrongWays = [
        Consumer(
            name: "quiet", reason: Consumer.unused,
            lines: "find_package(up QUIET CONFIG)\n\(Consumer.builds)", files: Consumer.plain),
        Consumer(
            name: "never-asked", reason: Consumer.unused, lines: Consumer.builds, files: Consumer.plain),
        Consumer(
            name: "headers-before", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_include_directories(user BEFORE PRIVATE SYSTEM/include)
                target_link_libraries(user PRIVATE up)
                """),
        Consumer(
            name: "headers-of-make", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_include_directories(user BEFORE PRIVATE SYSTEM/include)
                target_link_libraries(user PRIVATE up)
                """, recipe: Consumer.make),
        Consumer(
            name: "headers-in-odd-folder", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_include_directories(user SYSTEM BEFORE PRIVATE SYSTEM/odd)
                target_link_libraries(user PRIVATE up)
                """),
        Consumer(
            name: "archive", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)
                target_include_directories(user PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                target_link_libraries(user PRIVATE SYSTEM/lib/libup.a)
                """),
        Consumer(
            name: "archive-by-name", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)
                target_include_directories(user PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                target_link_directories(user PRIVATE SYSTEM/static)
                target_link_libraries(user PRIVATE -lup)
                """, recipe: Consumer.make),
        Consumer(
            name: "shared", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)
                target_include_directories(user PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                target_link_libraries(user PRIVATE SYSTEM/lib/libup.so)
                """),
        Consumer(
            name: "only-a-test", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_link_libraries(user PRIVATE up)
                add_executable(check user.c main.c)
                target_include_directories(check PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                target_link_libraries(check PRIVATE SYSTEM/lib/libup.a)
                """, files: ["main.c": "int main(void) { return 0; }\n"]),
        Consumer(
            name: "vendored", reason: Consumer.unused,
            lines: "\(Consumer.finds)add_subdirectory(copy)\n\(Consumer.builds)target_link_libraries(user PRIVATE own)",
            files: Consumer.copy),
        Consumer(
            name: "vendored-library", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)add_library(own STATIC copy/up.c)
                set_target_properties(own PROPERTIES OUTPUT_NAME up POSITION_INDEPENDENT_CODE ON)
                \(Consumer.builds)target_link_libraries(user PRIVATE own)
                target_include_directories(user PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                """, files: Consumer.copy),
        Consumer(
            name: "fetched", reason: Consumer.unused,
            lines: """
                include(FetchContent)
                FetchContent_Declare(own SOURCE_DIR ${CMAKE_SOURCE_DIR}/copy)
                FetchContent_MakeAvailable(own)
                \(Consumer.builds)target_link_libraries(user PRIVATE own)
                """, files: Consumer.copy),
        Consumer(
            name: "of-another-upstream", reason: Consumer.wrong,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_link_libraries(user PRIVATE up)
                target_include_directories(user BEFORE PRIVATE $ENV{CANARY_UPSTREAM_OTHER}/include)
                """),
        Consumer(
            name: "superbuild", reason: Consumer.wrong,
            lines: """
                include(ExternalProject)
                ExternalProject_Add(inner SOURCE_DIR ${CMAKE_SOURCE_DIR}/inner INSTALL_COMMAND ""
                    CMAKE_ARGS -Dup_DIR=SYSTEM/lib/cmake/up)
                install(CODE "")
                """,
            files: [
                "inner/CMakeLists.txt": """
                cmake_minimum_required(VERSION 3.20)
                project(inner C)
                \(Consumer.finds)add_library(inner SHARED ../user.c)
                target_link_libraries(inner PRIVATE up)
                """
            ]),
        Consumer(
            name: "by-hand", reason: Consumer.wrong, lines: "",
            recipe: Consumer.compiled("-I SYSTEM/include -L \"$CANARY_UPSTREAM_UP/lib\" -lup")),
    ]

    private static let rightWays = [
        Consumer(
            name: "found", reason: nil,
            lines: "\(Consumer.finds)\(Consumer.builds)target_link_libraries(user PRIVATE up)"),
        Consumer(
            name: "found-by-make", reason: nil,
            lines: "\(Consumer.finds)\(Consumer.builds)target_link_libraries(user PRIVATE up)", recipe: Consumer.make),
        Consumer(
            name: "headers-alone", reason: nil,
            lines: """
                \(Consumer.finds)\(Consumer.builds)
                target_include_directories(user PRIVATE $<TARGET_PROPERTY:up,INTERFACE_INCLUDE_DIRECTORIES>)
                """, files: ["user.c": "#include <up.h>\nint user(void) { return 0; }\n"]),
        Consumer(
            name: "program-alone", reason: nil,
            lines: """
                find_program(UPGEN upgen REQUIRED)
                add_custom_command(OUTPUT made.c COMMAND ${UPGEN} > made.c VERBATIM)
                add_library(user SHARED made.c)
                install(TARGETS user)
                """),
        Consumer(
            name: "by-name", reason: nil,
            lines: """
                find_library(UP up REQUIRED)
                get_filename_component(LIB ${UP} DIRECTORY)
                \(Consumer.builds)target_include_directories(user PRIVATE ${LIB}/../include)
                target_link_directories(user PRIVATE ${LIB})
                target_link_libraries(user PRIVATE -lup)
                """),
        Consumer(
            name: "own-names", reason: nil,
            lines: """
                \(Consumer.finds)\(Consumer.builds)target_link_libraries(user PRIVATE up)
                target_include_directories(user PRIVATE own)
                """,
            files: [
                "user.c": "#include <up.h>\n#include \"version.h\"\nint user(void) { return up(); }\n",
                "own/version.h": "\n",
            ]),
        Consumer(
            name: "by-hand-right", reason: nil, lines: "",
            recipe: Consumer.compiled("-I \"$CANARY_UPSTREAM_UP/include\" -L \"$CANARY_UPSTREAM_UP/lib\" -lup")),
    ]

    private static let up = [
        "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.20)
        project(up C)
        add_library(up SHARED up.c)
        target_include_directories(up PUBLIC $<INSTALL_INTERFACE:include>)
        install(TARGETS up EXPORT upTargets)
        install(FILES up.h version.h DESTINATION include)
        install(PROGRAMS upgen DESTINATION bin)
        install(EXPORT upTargets FILE upConfig.cmake DESTINATION lib/cmake/up)
        """, "up.h": "int up(void);\n", "version.h": "\n", "up.c": "int up(void) { return 2; }\n",
        "upgen": "#!/bin/sh\necho 'int made(void) { return 0; }'\n",
    ]

    /// Makes what an image has of the library.
    private func makeSystem(_ forge: MiniForge) async throws {
        for folder in ["include", "odd"] { try forge.write("system/\(folder)/up.h", "int up(void);\n") }
        try forge.write("system/up.c", "int up(void) { return 1; }\n")
        try forge.write(
            "system/lib/cmake/up/upConfig.cmake",
            """
            add_library(up SHARED IMPORTED)
            set_target_properties(up PROPERTIES IMPORTED_LOCATION \(forge.root)/system/lib/libup.so
                INTERFACE_INCLUDE_DIRECTORIES \(forge.root)/system/include)
            """)
        let make = """
            mkdir -p static; cc -fPIC -c up.c; ar rc lib/libup.a up.o; cp lib/libup.a static
            cc -shared -Wl,-soname,libup.so -o lib/libup.so up.o
            """
        try await forge.shell(make, in: "system").expect(0)
    }

    @Test func `is what was built for it, or it is not green`() async throws {
        try await MiniForge.with { forge in
            try await makeSystem(forge)
            forge.repository("up").commit(Self.up)
            try forge.manifest("up", ["cmake: {}", "provides: {packages: [up]}"])
            forge.repository("other").commit([
                "CMakeLists.txt": """
                cmake_minimum_required(VERSION 3.20)
                project(other C)
                install(FILES up.h DESTINATION include)
                """, "up.h": "int up(void);\n",
            ])
            try forge.manifest("other", ["cmake: {}"])
            let consumers = Self.wrongWays + Self.rightWays
            for consumer in consumers { try add(consumer, to: forge) }
            let run = try await forge.run(expecting: 3)
            for consumer in consumers {
                let job = run.job("\(consumer.name)@local/head")
                let told = "\(consumer.name): \(job["firstError"]["text"].text ?? "nothing")"
                #expect(job["result"].text == (consumer.reason == nil ? "passed" : "error"), "\(told)")
                #expect(job["reasonCode"].text == consumer.reason, "\(told)")
            }
            try await checkTables(run, forge)
        }
    }

    /// What `show` says about two of them.
    private func checkTables(_ run: JSON, _ forge: MiniForge) async throws {
        for (name, row) in [
            ("found", "up 1 libup.so no -"), ("headers-before", "up 0 libup.so no \(forge.root)/system/include/up.h"),
        ] {
            let attempt = run.job("\(name)@local/head")["attempts"][0]["attempt"].text ?? "?"
            let shown = try await forge.canary("show", attempt).expect(0).output
            let rows = shown.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(rows.contains(row), "\(shown)")
            if name == "found" { #expect(rows.contains("other 0 - no -"), "it offers a copy that nobody took") }
            let consumed = try await forge.canary("show", attempt, "--json").document()["consumed"]
            #expect(consumed.all("project") == ["other", "up"] && consumed[1]["libraries"].items.count == 1)
        }
    }

    private func add(_ consumer: Consumer, to forge: MiniForge) throws {
        let system = "\(forge.root)/system"
        var files = ["user.c": "#include <up.h>\nint user(void) { return up(); }\n"]
        files["CMakeLists.txt"] = "cmake_minimum_required(VERSION 3.20)\nproject(user C)\n\(consumer.lines)\n"
            .replacing("SYSTEM/", with: "\(system)/")
        forge.repository(consumer.name).commit(files.merging(consumer.files) { $1 })
        try forge.manifest(
            consumer.name, on: ["up", "{project: other, optional: true}"],
            consumer.recipe.map { $0.replacing("SYSTEM/", with: "\(system)/") })
    }
}
