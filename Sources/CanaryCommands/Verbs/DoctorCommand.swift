// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryManifest
import CanaryModel
import CanaryNotifications
import CanaryProcesses
import CanaryText
import Foundation

/// `canary doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check that everything a run needs works.",
        discussion: """
            Checks the manifests, git, the runtime and its limits, the state folder and its disk, the clock, the database, \
            what an earlier process left behind, and every remote. Changes nothing.

            `--self-test` tests the program instead: on a stack of its own in a temporary folder it kills runs and \
            collections at random moments, and checks that nothing is lost and that the next run is right. It only needs git.

            EXIT STATUS:
              0    no error; there may be warnings
              2    the command line is wrong
              3    an error
            """)

    @Flag(name: .long, help: "Instead, kill runs on a temporary stack and check that nothing is lost; under a minute.")
    var selfTest = false

    @Option(name: .long, help: "The seed of `--self-test`, to repeat the same moments.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard seed == nil || selfTest else { throw ValidationError("`--seed` needs `--self-test`") }
    }

    func run() async throws {
        let checks = selfTest ? try await selfTestChecks() : try await examine()
        if common.json { Console.result(try DoctorDocument(checks).json()) }
        if checks.contains(where: { $0.level == .error }) { throw ExitCode.infrastructure }
    }

    private func examine() async throws -> [HealthCheck] {
        let loaded = ManifestLoader(folder: common.stack, runtime: common.runtime, now: Date()).load()
        Secrets.take((loaded.stack?.notify ?? []).compactMap(\.secretVariable))
        let doctor = Doctor(
            stack: loaded.stack, folder: common.stackFolder, state: common.stateFolder,
            runtime: common.runtime ?? loaded.stack?.runtime ?? .auto, now: Date())
        let checks = [manifests(loaded)] + (await doctor.examine())
        if !common.json { checks.forEach { Console.result($0.line) } }
        return checks
    }

    private func manifests(_ loaded: LoadedManifests) -> HealthCheck {
        guard let stack = loaded.stack else {
            let count = loaded.diagnostics.count { $0.severity == .error }
            return HealthCheck(
                "manifests", .error, "the manifests in `\(common.stack)` have \(count.counting("problem"))",
                hint: "`canary check` lists them")
        }
        let projects = stack.graph.projects.count.counting("project")
        guard !loaded.diagnostics.isEmpty else { return .ok("manifests", "`\(stack.name)`, \(projects)") }
        return HealthCheck(
            "manifests", .warning, "`\(stack.name)`, \(projects), \(loaded.diagnostics.count.counting("warning"))",
            hint: "`canary check` lists them")
    }

    private func selfTestChecks() async throws -> [HealthCheck] {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        if !common.quiet { Console.note("self-test with seed \(seed)") }
        let isJSON = common.json
        return try await SelfTest(seed: seed).run { check in
            if !isJSON { Console.result(check.line) }
        }
    }
}

extension HealthCheck {
    /// One line, and a second one for the hint.
    fileprivate var line: String {
        let start = level.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
        let title = name.count < 10 ? name.padding(toLength: 11, withPad: " ", startingAt: 0) : "\(name)  "
        let indent = String(repeating: " ", count: 20)
        return "\(start)\(title)\(text)" + (hint.map { "\n\(indent)hint: \($0)" } ?? "")
    }
}

/// `canary.doctor/1`.
private struct DoctorDocument: Document {
    struct Entry: Encodable {
        let check: String
        let level: String
        let text: String
        let hint: Nullable<String>
    }

    let schema = "canary.doctor/1"
    let ok: Bool
    let checks: [Entry]

    init(_ checks: [HealthCheck]) {
        ok = !checks.contains { $0.level == .error }
        self.checks = checks.map { check in
            Entry(check: check.name, level: check.level.rawValue, text: check.text, hint: Nullable(check.hint))
        }
    }
}
