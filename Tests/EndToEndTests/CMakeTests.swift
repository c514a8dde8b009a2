// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("real CMake projects")
struct CMakeTests {
    private static let library = [
        "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.20)
        project(base LANGUAGES CXX)
        add_library(base SHARED base.cpp)
        target_include_directories(base PUBLIC $<INSTALL_INTERFACE:include>)
        install(TARGETS base EXPORT baseTargets)
        install(FILES base.h DESTINATION include)
        install(EXPORT baseTargets FILE baseConfig.cmake DESTINATION lib/cmake/base)

        """, "base.h": "#pragma once\n#define BASE_SYMBOL 1\nint base();\n",
        "base.cpp": "int base() { return 42; }\n",
    ]

    private static let application = [
        "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.20)
        project(app LANGUAGES CXX)
        find_package(base REQUIRED CONFIG)
        add_executable(app app.cpp)
        target_link_libraries(app base)
        install(TARGETS app)
        enable_testing()
        add_test(NAME answer COMMAND app)

        """, "app.cpp": "#include <base.h>\nint main() { return base() + BASE_SYMBOL == 43 ? 0 : 1; }\n",
    ]

    @Test func `a changed comment stops at the library, a removed macro breaks the application, with file and line`()
        async throws
    {
        try await MiniForge.with { forge in
            let base = forge.repository("base")
            base.commit(Self.library)
            try forge.manifest("base", ["cmake: {}", "provides: {packages: [base]}"])
            forge.repository("app").commit(Self.application)
            try forge.manifest("app", on: ["base"], ["cmake: {test: true}"])
            let green = try await forge.run()
            #expect(
                green.job("app@local/head")["attempts"][0]["stages"].all("stage") == [
                    "configure", "build", "install", "test",
                ])

            base.commit(["base.cpp": "int base() { return 42; }  // the answer\n"])
            let comment = try await forge.run()
            #expect(comment["builds"].all("project") == ["base"])
            #expect(comment.job("app@local/head")["reason"]["code"] == "cut-off")

            base.commit(["base.h": "#pragma once\nint base();\n"])
            let red = try await forge.run(expecting: 1).job("app@local/head")
            #expect(red["result"] == "failed" && red["stage"] == "build" && red["reasonCode"] == "build.compiler")
            #expect(red["firstError"]["file"] == "app.cpp" && red["firstError"]["line"] == 2)
            #expect(red["firstError"]["text"].text?.contains("BASE_SYMBOL") == true)

            base.commit(["base.h": Self.library["base.h"], "base.cpp": "int base() { return 41; }\n"])
            let test = try await forge.run(expecting: 1).job("app@local/head")
            #expect(test["stage"] == "test" && test["reasonCode"] == "test.failed" && test["verdict"] == "suspected")
        }
    }

    @Test func `a missing package is named`() async throws {
        try await MiniForge.with { forge in
            forge.repository("app").commit(Self.application)
            try forge.manifest("app", ["cmake: {options: {X: \"it's $HOME\"}}"])
            let job = try await forge.run(expecting: 1).job("app@local/head")
            #expect(job["stage"] == "configure" && job["reasonCode"] == "configure.missing-package")
            let plan = try await forge.canary("plan", "--verbose").expect(0)
            #expect(plan.output.contains("-DX='it'\\''s $HOME'"), "\(plan.output)")
        }
    }
}
