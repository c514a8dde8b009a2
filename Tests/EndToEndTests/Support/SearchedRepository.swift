// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

/// A checkout with a straight history, and `canary bisect command` there.
struct SearchedRepository {
    let forge: MiniForge
    /// The commits by number, 0 the first.
    let commits: [String]
    var path: String { "\(forge.root)/work" }

    /// Creates a history of `count` commits after the first; `state` says what the file `state` holds at each.
    init(_ forge: MiniForge, count: Int, state: (Int) -> String) {
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
        self.init(forge, stream: stream, marks: count + 1)
    }

    /// Creates a history from a `git fast-import` stream with marks from 1 on, and checks out `main`.
    init(_ forge: MiniForge, stream: String, marks: Int) {
        self.forge = forge
        commits = TestRepository("\(forge.root)/work").load(stream, marks: marks)
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
