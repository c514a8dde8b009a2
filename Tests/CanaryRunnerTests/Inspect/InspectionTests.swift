// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryFiles
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryModel
@testable import CanaryRunner

@Suite("Inspection") final class InspectionTests {
    private let temporary = TemporaryFolder()
    private var state: StateFolder { StateFolder(path: temporary("state")) }
    private var base: String { state.prefix(of: "base", key: "k1") }
    private var own: String { state.prefix(of: "app", key: "k2") }
    private var attempt: AttemptFolder { state.attempt("a1") }

    private func order(container: ContainerSpec? = nil, upstreams: [String] = ["base"]) -> WorkOrder {
        WorkOrder(
            attempt: "a1", environment: "e", project: "app", revision: "r", prefixKey: "k2", variant: "local",
            lane: .head, recipe: Recipe(stages: [], network: false),
            upstreams: upstreams.map { .init(project: $0, key: "k1") }, sourceDateEpoch: 0, jobs: 1,
            limits: AttemptLimits(), container: container)
    }

    private func end(_ cause: AttemptEnd.Cause = .completed) -> AttemptEnd {
        let status = cause == .stageFailed(.configure, .code(1)) ? 1 : 0
        let configure = StageRun(
            stage: .configure, startedAt: .distantPast, endedAt: .distantPast, exit: .code(status), logOffset: 0)
        return AttemptEnd(cause: cause, stages: [configure], logBytes: 0)
    }

    private func report(
        after cause: AttemptEnd.Cause = .completed, packages: [String] = ["base"], optional: Bool = false,
        container: ContainerSpec? = nil, upstreams: [String] = ["base"]
    ) async throws -> Inspection.Report {
        let requirement = ExpandedRecipe.Requirement(project: "base", packages: packages, proof: [], optional: optional)
        return try await Inspection(
            of: order(container: container, upstreams: upstreams), in: state, requirements: [requirement],
            containers: nil
        ).report(after: end(cause))
    }

    /// Installs a library and its package, as an upstream or as a decoy.
    private func install(_ version: Int, into prefix: String, soname: Bool = true) throws {
        try Folder.make(prefix + "/lib/cmake/base")
        let source = temporary.write("base.c", "int base(void) { return \(version); }\n")
        let library = "\(prefix)/lib/libbase.so.\(version)"
        shell(["gcc", "-shared", "-o", library, source] + (soname ? ["-Wl,-soname,libbase.so.\(version)"] : []))
        let config = """
            add_library(base SHARED IMPORTED)
            set_target_properties(base PROPERTIES IMPORTED_LOCATION "\(library)")

            """
        try Data(config.utf8).write(to: URL(fileURLWithPath: prefix + "/lib/cmake/base/baseConfig.cmake"))
    }

    /// Configures, builds and installs a library that is linked with `base` as `lines` find it.
    private func make(_ lines: String) throws {
        temporary.write("state/attempts/a1/source/app.c", "int base(void);\nint app(void) { return base(); }\n")
        let text = """
            cmake_minimum_required(VERSION 3.20)
            project(app C)
            add_library(app SHARED app.c)
            install(TARGETS app)
            \(lines)
            target_link_libraries(app base)

            """
        temporary.write("state/attempts/a1/source/CMakeLists.txt", text)
        let options = ["-G", "Ninja", "-DCMAKE_INSTALL_PREFIX=\(own)", "-DCMAKE_INSTALL_LIBDIR=lib"]
        cmake(["-S", attempt.source, "-B", attempt.build] + options, variables: ["CMAKE_PREFIX_PATH": base])
        cmake(["--build", attempt.build])
        cmake(["--install", attempt.build])
    }

    @Test func `an upstream that is found and linked is consumed`() async throws {
        try install(2, into: base)
        try make("find_package(base REQUIRED)")
        let report = try await report()
        #expect(report.outcome == nil && report.note == nil)
        let base = Consumption.Upstream(
            project: "base", headers: 0, libraries: ["libbase.so.2"], hasPrograms: false, elsewhere: [])
        #expect(report.consumption == Consumption(upstreams: [base], hasHeaders: true, hasLibraries: true))
    }

    @Test func `an older copy that was found first is reported, unless configuring itself failed`() async throws {
        try install(2, into: base)
        try install(1, into: temporary("decoy"))
        try make("find_package(base REQUIRED PATHS \(temporary("decoy")) NO_DEFAULT_PATH)")
        let outcome = try #require(try await report(optional: true).outcome)
        #expect(outcome.result == .error && outcome.stage == .inspect && outcome.fault == .environment)
        #expect(outcome.reason == .inspectWrongUpstream && outcome.fingerprint?.count == 18)
        let text = "`base_DIR` is `\(temporary("decoy/lib/cmake/base"))`, which is not in the prefix of `base`"
        #expect(outcome.firstError?.text == text)
        // A stage that failed has failed; what is found may say why.
        for cause in [AttemptEnd.Cause.stageFailed(.build, .code(1)), .stageFailed(.test, .signal(11))] {
            let report = try await report(after: cause, optional: true)
            #expect(report.outcome == nil && report.note?.hasPrefix(text) == true)
        }
        for cause in [
            AttemptEnd.Cause.stageFailed(.configure, .code(1)), .cancelled(.build), .limit(.limitAttempt, .build),
            .infrastructure(.environmentEngine, .build, detail: "gone"),
        ] {
            #expect(try await report(after: cause) == Inspection.Report(outcome: nil, note: nil))
        }
        let note = try #require(try await report().note)
        #expect(
            note.contains("`prefix:lib/libapp.so` needs `libbase.so.1`, another version") && note.contains("hint: "))
    }

    @Test func `with a copy that the project builds itself, the upstream is not consumed`() async throws {
        try install(2, into: base)
        temporary.write("state/attempts/a1/source/bundled/base.c", "int base(void) { return 1; }\n")
        temporary.write(
            "state/attempts/a1/source/bundled/CMakeLists.txt", "project(base C)\nadd_library(base STATIC base.c)\n")
        try make(
            """
            set(CMAKE_POSITION_INDEPENDENT_CODE ON)
            include(FetchContent)
            FetchContent_Declare(base SOURCE_DIR ${CMAKE_SOURCE_DIR}/bundled)
            FetchContent_MakeAvailable(base)
            """)
        let outcome = try #require(try await report().outcome)
        #expect(outcome.reason == .inspectUnusedUpstream && outcome.result == .error)
        #expect(outcome.firstError?.text.contains("a copy of `base` in `bundled` is built") == true)
        #expect(try await report(optional: true).outcome == nil)
    }

    @Test(arguments: [true, false])
    func `a library linked from elsewhere is reported`(_ soname: Bool) async throws {
        try install(2, into: base)
        try install(2, into: temporary("decoy"), soname: soname)
        // Found in the prefix, and linked from elsewhere: by path, or by the folder in its RUNPATH.
        try make(
            """
            find_package(base REQUIRED)
            set_target_properties(base PROPERTIES IMPORTED_LOCATION \(temporary("decoy"))/lib/libbase.so.2)
            set_target_properties(app PROPERTIES INSTALL_RPATH "\(temporary("decoy"))/lib")
            """)
        let outcome = try #require(try await report().outcome)
        #expect(outcome.reason == .inspectWrongUpstream)
        let text = try #require(outcome.firstError?.text)
        #expect(text == "`\(temporary("decoy/lib/libbase.so.2"))` was linked, which is not in the prefix of `base`")
        #expect(try await report().note?.contains("`prefix:lib/libapp.so` ") == true)
        #expect(try await report(after: .stageFailed(.test, .code(1))).outcome == nil, "nothing may be installed yet")
    }

    // MARK: - Where there is nothing to inspect

    @Test func `a project without a cache says that nothing is proved`() async throws {
        try Folder.make(attempt.build)
        let report = try await report()
        #expect(
            report.outcome == nil
                && report.note?.hasPrefix("no CMakeCache.txt, no record of a compiler: consumption of `base` is not")
                    == true
        )
        #expect(try await self.report(after: .stageFailed(.build, .code(1))).note == nil)
        #expect(try await self.report(upstreams: []).note == nil)
    }

    @Test func `an upstream without packages is reported as not proved`() async throws {
        temporary.write("state/attempts/a1/build/CMakeCache.txt", "CMAKE_PROJECT_NAME:STATIC=app\n")
        let report = try await report(packages: [])
        #expect(report.outcome == nil && report.note?.contains("consumption of `base` is not proved") == true)
        #expect(try await self.report(packages: [], optional: true).note == nil)
    }

    @Test(arguments: ["build/out", "source", "source/build"])
    func `a cache is found where recipes create it`(_ folder: String) async throws {
        temporary.write("state/attempts/a1/\(folder)/CMakeCache.txt", "base_DIR:PATH=/usr/lib/cmake/base\n")
        #expect(try await report().outcome?.reason == .inspectWrongUpstream)
    }

    @Test func `a cache that is a link, a pipe or a folder is none`() async throws {
        temporary.write("elsewhere", "base_DIR:PATH=/usr/lib/cmake/base\n")
        try Folder.make(attempt.build)
        let cache = attempt.build + "/CMakeCache.txt"
        for make in [
            { symlink(self.temporary("elsewhere"), cache) }, { mkfifo(cache, 0o644) }, { mkdir(cache, 0o755) },
        ] {
            #expect(make() == 0)
            #expect(try await report().note?.hasPrefix("no CMakeCache.txt") == true)
            Folder.remove(cache)
        }
    }

    @Test func `in a container paths are those of its stages`() async throws {
        try install(2, into: base)
        let container = ContainerSpec(image: "i")
        let cache = "state/attempts/a1/build/CMakeCache.txt"
        temporary.write(cache, "base_DIR:PATH=/canary/base/lib/cmake/base\n")
        try Folder.make(own + "/lib")
        let source = temporary.write("app.c", "int base(void);\nint app(void) { return base(); }\n")
        shell([
            "gcc", "-shared", "-o", own + "/lib/libapp.so", source, base + "/lib/libbase.so.2",
            "-Wl,-rpath,/canary/base/lib:/opt/decoy",
        ])
        let report = try await report(container: container)
        #expect(report.outcome == nil && report.note == nil)
        #expect(report.consumption?.upstreams.first?.libraries == ["libbase.so.2"])
        for elsewhere in ["/usr/local/lib/cmake/base", base + "/lib/cmake/base"] {
            temporary.write(cache, "base_DIR:PATH=\(elsewhere)\n")
            #expect(try await self.report(container: container).outcome?.reason == .inspectWrongUpstream)
        }
    }
}
