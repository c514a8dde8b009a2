// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@testable import CanaryDiagnosis

/// One cause, and the logs that compilers, linkers and build tools print for it.
struct FailureGroup: Sendable, CustomTestStringConvertible {
    struct Log: Sendable {
        let how: String
        let text: String
    }

    let name: String
    let stage: Stage
    let logs: [Log]
    var testDescription: String { name }

    init(path: String) throws {
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let parts = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self).split(
            separator: "\n=== ")
        stage = try #require(parts.first.flatMap { Stage(rawValue: String($0)) })
        logs = parts.dropFirst().compactMap { part in
            part.split(at: "\n").map { Log(how: String($0.before), text: String($0.after)) }
        }
    }

    private static let paths = AttemptPaths(
        source: "/canary/.source", build: "/canary/.build", prefix: "/canary/openexr", home: "/canary/.home",
        temporary: "/canary/.tmp", upstreamPrefix: ["imath": "/canary/imath"])

    func outcome(of log: Log) -> Outcome {
        let end = AttemptEnd(cause: .stageFailed(stage, .code(1)), stages: [], logBytes: 0)
        return Diagnosis.outcome(of: end, log: LogExcerpt(log.text), names: PathNames(Self.paths))
    }

    var fingerprints: Set<String?> { Set(logs.map { outcome(of: $0).fingerprint }) }

    static let all: [FailureGroup] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fingerprints").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted().compactMap { try? FailureGroup(path: "\(folder)/\($0)") }
    }()
}

@Suite("Fingerprints of provoked failures")
struct FingerprintGroupTests {
    @Test func `the groups are complete`() {
        #expect(FailureGroup.all.count >= 80)
        #expect(FailureGroup.all.map(\.logs.count).reduce(0, +) >= 500)
    }

    @Test(arguments: FailureGroup.all) func `one cause has one fingerprint in all compilers and linkers`(
        _ group: FailureGroup
    ) {
        let seen = Dictionary(grouping: group.logs) { group.outcome(of: $0).fingerprint ?? "none" }
        let texts = seen.values.compactMap(\.first).map { "\($0.how): \(group.outcome(of: $0).firstError?.text ?? "")" }
        #expect(seen.count == 1 && seen["none"] == nil, "\(texts)")
    }

    @Test func `two causes have two`() {
        var owners: [String: String] = [:]
        for group in FailureGroup.all {
            for fingerprint in group.fingerprints.compactMap(\.self) {
                let owner = owners.updateValue(group.name, forKey: fingerprint)
                #expect(owner == nil, "\(group.name) and \(owner ?? "") share a fingerprint")
            }
        }
    }
}
