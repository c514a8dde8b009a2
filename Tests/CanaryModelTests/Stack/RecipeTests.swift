// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@Suite("Recipe") struct RecipeTests {
    @Test func `the short form expands to exactly this`() {
        let recipe = CMakeOptions(options: ["USE_PYTHON": "OFF", "OIIO_BUILD_TESTS": "OFF"]).recipe(network: false)
        #expect(
            recipe.stages == [
                StageScript(
                    stage: .configure,
                    run: #"cmake -S "$CANARY_SOURCE" -B . -G Ninja -DCMAKE_BUILD_TYPE=Release "#
                        + #"-DCMAKE_INSTALL_PREFIX="$CANARY_PREFIX" -DCMAKE_INSTALL_LIBDIR=lib "#
                        + "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DFETCHCONTENT_FULLY_DISCONNECTED=ON "
                        + "-DOIIO_BUILD_TESTS='OFF' -DUSE_PYTHON='OFF'"),
                StageScript(stage: .build, run: #"cmake --build . --parallel "$CANARY_JOBS""#),
                StageScript(stage: .install, run: "cmake --install ."),
            ])
        #expect(!recipe.network)
    }

    @Test func `tests run when asked for, and the network lets downloads in`() {
        let recipe = CMakeOptions(test: true).recipe(network: true)
        #expect(recipe.network)
        #expect(recipe.stages.map(\.stage) == [.configure, .build, .install, .test])
        #expect(
            recipe.stages.last?.run == "ctest --output-on-failure --no-tests=error --output-junit canary-tests.xml "
                + #"--parallel "$CANARY_JOBS""#)
        #expect(recipe.stages.first?.run.contains("FETCHCONTENT") == false)
    }

    @Test func `the options of a project override all earlier ones`() throws {
        let recipe = CMakeOptions(options: ["CMAKE_BUILD_TYPE": "Debug"]).recipe(network: false)
        let run = try #require(recipe.stages.first?.run)
        let first = try #require(run.range(of: "-DCMAKE_BUILD_TYPE=Release"))
        let last = try #require(run.range(of: "-DCMAKE_BUILD_TYPE='Debug'"))
        #expect(first.lowerBound < last.lowerBound)
    }

    @Test func `the options of a variant override those of the project`() {
        let base = CMakeOptions(options: ["A": "1", "B": "1"], test: true)
        #expect(
            base.overlaid(options: ["B": "2"], test: nil) == CMakeOptions(options: ["A": "1", "B": "2"], test: true))
        #expect(base.overlaid(options: [:], test: false).test == false)
    }

    @Test(arguments: [
        "", "plain", "a b", "it's", "'", "''", "a'; touch hacked; '", "$(touch hacked)", "`touch hacked`", "$HOME",
        "a;b", "\\", "\\'", "\"", "*", "-x", "~", "line\nbreak", "'\u{301}; touch hacked; '", "\u{301}'", "ÄÖ", "\r\n'",
        "<>|&!#",
    ])
    func `an option's value reaches the program whole, whatever it holds`(value: String) throws {
        let folder = TemporaryFolder()
        folder.write("bin/cmake", #"for a in "$@"; do case "$a" in -DVALUE=*) printf %s "$a";; esac; done"#)
        let script = try #require(CMakeOptions(options: ["VALUE": value]).recipe(network: false).stages.first).run
        let ran = Program.run(
            ["CANARY_SOURCE=s", "CANARY_PREFIX=p", "sh", "-euc", #"cmake() { sh bin/cmake "$@"; }; "# + script],
            in: folder.path)
        #expect(ran.status == 0)
        #expect(ran.output.utf8.elementsEqual("-DVALUE=\(value)".utf8))
        #expect(!FileManager.default.fileExists(atPath: folder("hacked")))
    }

    @Test func `scripts are put in the order of their stages`() {
        let scripts = [Stage.test, .configure, .install].map { StageScript(stage: $0, run: $0.rawValue) }
        #expect(Recipe(stages: scripts, network: false).stages.map(\.stage) == [.configure, .install, .test])
    }

    @Test func `a recipe is cut off after a stage`() {
        let whole = CMakeOptions(test: true).recipe(network: true)
        #expect(whole.until(.fetch).stages.isEmpty)
        #expect(whole.until(.build).stages.map(\.stage) == [.configure, .build])
        #expect(whole.until(.build).network)
        #expect(whole.until(.test) == whole)
        #expect(whole.until(.inspect) == whole)
    }
}
