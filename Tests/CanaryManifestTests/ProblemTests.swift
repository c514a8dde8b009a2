// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryManifest

/// Each file of `Fixtures/problems` holds the files of a stack and, behind `=== problems`, all that is to be said.
@Suite struct `Problems` {
    @Test(arguments: Fixtures.names(in: "problems"))
    func `a bad stack gets exactly its diagnostics`(fixture: String) throws {
        let text = try Fixtures.text("problems/\(fixture)")
        let (files, expected) = try Self.split(text)
        let actual = try TestStack(files).problems()
        #expect(!actual.isEmpty)
        #expect(actual == expected)
        if ProcessInfo.processInfo.environment["CANARY_UPDATE_FIXTURES"] != nil, actual != expected {
            let inputs = text.prefix(upTo: try #require(text.range(of: "=== problems\n")).upperBound)
            try (inputs + actual).write(
                to: Fixtures.folder.appending(path: "problems/\(fixture)"), atomically: true, encoding: .utf8)
        }
    }

    @Test func `every fixture of problems is found`() {
        #expect(Fixtures.names(in: "problems").count == 30)
    }

    @Test func `a missing folder says what to do`() throws {
        let loaded = ManifestLoader(folder: "/nowhere/manifests/", now: TestStack.now).load()
        #expect(loaded.stack == nil)
        #expect(
            loaded.diagnostics.map(\.description) == [
                "/nowhere/manifests:1:1: error: no such folder\n"
                    + "  hint: `--stack DIR` names the folder that holds `stack.yaml`"
            ])
    }

    @Test func `a missing stack file does not hide the projects`() throws {
        let stack = try TestStack(["projects/a.yaml": "project: a\n"])
        try FileManager.default.removeItem(atPath: "\(stack.folder)/stack.yaml")
        #expect(
            stack.problems() == """
                manifests/projects/a.yaml:1:1: error: expected `repository` or `source`, found neither
                  hint: `repository:` is a URL or an absolute path, `source:` a folder of the stack's own repository
                manifests/stack.yaml:1:1: error: no such file
                  hint: `--stack DIR` names the folder that holds it

                """)
    }

    @Test func `a stack without projects is warned of`() throws {
        let stack = try TestStack([:])
        try FileManager.default.removeItem(atPath: "\(stack.folder)/projects")
        #expect(
            stack.problems() == """
                manifests/stack.yaml:1:1: warning: the stack has no projects
                  hint: describe one in `manifests/projects/NAME.yaml`

                """)
        #expect(stack.load().stack != nil)
    }

    @Test func `a diagnostic carries severity, place and hint`() {
        let diagnostic = Diagnostic(
            severity: .warning, path: "a/b.yaml", line: 3, column: 7, message: "odd", hint: "look")
        #expect(diagnostic.description == "a/b.yaml:3:7: warning: odd\n  hint: look")
    }

    private static func split(_ text: String) throws -> ([String: String], String) {
        var files: [String: String] = [:]
        for section in text.split(separator: "=== ", omittingEmptySubsequences: true) {
            let end = try #require(section.firstIndex(of: "\n"))
            files[String(section[..<end])] = String(section[section.index(after: end)...])
        }
        let problems = try #require(files["problems"])
        files["problems"] = nil
        return (files, problems)
    }
}
