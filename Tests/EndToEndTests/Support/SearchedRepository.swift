// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A checkout with a straight history, and `canary bisect command` there.
struct SearchedRepository {
    let forge: MiniForge
    /// The commits by number, 0 the first.
    let commits: [String]
    var path: String { "\(forge.root)/work" }

    /// Makes a history of `count` commits behind the first; `state` says what the file `state` holds at each.
    init(_ forge: MiniForge, count: Int, state: (Int) -> String) async throws {
        self.forge = forge
        var stream = ""
        for number in 0...count {
            stream += "commit refs/heads/main\nmark :\(number + 1)\n"
            stream += "author Ada <ada@canary.invalid> \(1_700_000_000 + 60 * number) +0000\n"
            stream += "committer A <a@canary.invalid> \(1_700_000_000 + 60 * number) +0000\n"
            let subject = "change \(number)"
            stream += "data \(subject.utf8.count)\n\(subject)\n"
            for (name, content) in ["state": state(number) + "\n", "number": "\(number)\n"] {
                stream += "M 100644 inline \(name)\ndata \(content.utf8.count)\n\(content)\n"
            }
        }
        stream += "done\n"
        commits = try await Self.importing(stream, into: "work", of: forge, marks: count + 1)
    }

    /// Makes a history of a `git fast-import` stream with marks from 1 on, and checks out `main`.
    init(_ forge: MiniForge, stream: String, marks: Int) async throws {
        self.forge = forge
        commits = try await Self.importing(stream + "done\n", into: "work", of: forge, marks: marks)
    }

    private static func importing(
        _ stream: String, into name: String, of forge: MiniForge, marks: Int
    ) async throws -> [String] {
        let path = "\(forge.root)/\(name)"
        try await forge.git("init", "--quiet", "--initial-branch=main", path)
        try forge.write("logs/stream", stream)
        try await forge.git(
            "fast-import", "--quiet", "--done", "--export-marks=\(forge.root)/logs/marks", in: path,
            input: "\(forge.root)/logs/stream")
        try await forge.git("checkout", "--quiet", "main", in: path)
        let lines = text("\(forge.root)/logs/marks").split(separator: "\n").map { $0.split(separator: " ") }
        let known = Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), String($0[1])) })
        return try (1...marks).map { try #require(known[":\($0)"]) }
    }

    /// Starts a search from the first commit to `HEAD`, unless `options` say otherwise.
    func start(_ options: [String] = [], good: String? = nil, _ command: String...) throws -> Program {
        try forge.start(
            bare: ["bisect", "command", "--repository", path, "--good", good ?? commits[0], "--json"] + options
                + ["--"] + command)
    }

    /// Searches with a shell script from the first commit to `HEAD`; the document.
    func search(
        _ script: String, _ options: String..., expecting status: Int = 0, location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        try await start(options, "sh", "-c", script).end(location: location).expect(status, location: location)
            .document(location: location)
    }
}
