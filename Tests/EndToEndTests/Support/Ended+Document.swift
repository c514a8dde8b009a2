// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

extension Ended {
    /// The JSON document on standard output, checked against the contract.
    func document(location: SourceLocation = #_sourceLocation) throws -> JSON {
        guard let document = try? JSONDecoder().decode(JSON.self, from: data) else {
            Issue.record("no JSON: \(testDescription)", sourceLocation: location)
            throw NoDocument()
        }
        let problems = Contract.problems(of: document)
        #expect(problems == [], sourceLocation: location)
        return document
    }

    private struct NoDocument: Error {}
}

/// The text of a file; empty if it cannot be read.
func contents(_ path: String) -> String { text(path) ?? "" }

/// The ids of living processes whose environment or command line mentions `path`.
func processes(mentioning path: String) -> [pid_t] {
    let needle = Data(path.utf8)
    return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }.filter {
        pid in
        guard pid != getpid(), !contents("/proc/\(pid)/stat").contains(") Z ") else { return false }
        return ["environ", "cmdline"].contains { file in
            FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")?.range(of: needle) != nil
        }
    }
}
