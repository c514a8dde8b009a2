// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryManifest
import CanaryModel
import CanaryText
import Foundation

/// `canary check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the manifests.",
        discussion: """
            Reads the stack, its projects and its images, and prints all problems at once as \
            `path:line:column: error: ...`. Accesses neither repositories nor the state folder.
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        let loaded = ManifestLoader(folder: common.stack, runtime: common.runtime, now: Date()).load()
        if common.json {
            Console.result(try CheckDocument(loaded).json())
        } else {
            loaded.diagnostics.forEach { Console.note($0.description) }
        }
        guard let stack = loaded.stack else { throw ExitCode.badInput }
        if !common.json {
            let projects = stack.graph.projects.count.counting("project")
            Console.result("`\(stack.name)` is fine: \(projects), \(stack.jobs.count.counting("job"))")
        }
    }
}

/// `canary.check/1`.
private struct CheckDocument: Document {
    struct Problem: Encodable {
        let severity: String
        let path: String
        let line: Int
        let column: Int
        let message: String
        let hint: Nullable<String>
    }

    let schema = "canary.check/1"
    let ok: Bool
    let stack: Nullable<String>
    let problems: [Problem]

    init(_ loaded: LoadedManifests) {
        ok = loaded.stack != nil
        stack = Nullable(loaded.stack?.name)
        problems = loaded.diagnostics.map { diagnostic in
            Problem(
                severity: diagnostic.severity.rawValue, path: diagnostic.path, line: diagnostic.line,
                column: diagnostic.column, message: diagnostic.message, hint: Nullable(diagnostic.hint))
        }
    }
}
