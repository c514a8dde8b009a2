// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryModel
import Foundation
import Testing

/// A real log of a failed build, and what it must be taken for.
struct LogCase: Sendable, CustomTestStringConvertible {
    /// What stands above the log.
    struct Expected: Decodable, Sendable {
        struct End: Decodable, Sendable {
            let exit: Int?
            let signal: Int?
            let limit: String?
        }

        let how: String
        let kind: String
        let tool: String
        let runtime: String
        let project: String
        let upstreams: [String]
        let attempt: String?
        let stage: Stage
        let end: End
        let reason: ReasonCode
        let fault: Fault
        let text: String?
        let file: String?
        let line: Int?
        let names: [String]
        let cause: String?
    }

    let name: String
    let expected: Expected
    let log: String
    var testDescription: String { name }

    init(path: String) throws {
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let mark = try #require(text.firstRange(of: "\n-----\n"))
        expected = try JSONDecoder().decode(Expected.self, from: Data(text[..<mark.lowerBound].utf8))
        log = String(text[mark.upperBound...])
    }

    /// Where the attempt ran.
    var places: AttemptPaths {
        guard let attempt = expected.attempt else {
            return AttemptPaths(
                source: "/canary/.source", build: "/canary/.build", prefix: "/canary/\(expected.project)",
                home: "/canary/.home", temporary: "/canary/.tmp",
                upstreamPrefix: Dictionary(uniqueKeysWithValues: expected.upstreams.map { ($0, "/canary/\($0)") }))
        }
        let folder = "/srv/canary/attempts/\(attempt)"
        let prefixes = expected.upstreams.map { ($0, "/srv/canary/prefixes/\($0)/c04d11ab") }
        return AttemptPaths(
            source: folder + "/source", build: folder + "/build",
            prefix: "/srv/canary/prefixes/\(expected.project)/7f3a9c51", home: folder + "/home",
            temporary: folder + "/tmp", upstreamPrefix: Dictionary(uniqueKeysWithValues: prefixes))
    }

    var cause: AttemptEnd.Cause {
        if let limit = expected.end.limit.flatMap(ReasonCode.init(rawValue:)) { return .limit(limit, expected.stage) }
        let status = expected.end.signal.map { CanaryModel.ExitStatus.signal($0) } ?? .code(expected.end.exit ?? 1)
        return .stageFailed(expected.stage, status)
    }

    /// What the log, perhaps with something around it, is taken for.
    func outcome(of log: String? = nil) -> Outcome {
        Diagnosis.outcome(
            of: AttemptEnd(cause: cause, stages: [], logBytes: 0), log: LogExcerpt(log ?? self.log),
            names: PathNames(places))
    }

    /// All cases of the corpus, by name.
    static let all: [LogCase] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Corpus").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".log") }.sorted().compactMap { try? LogCase(path: "\(folder)/\($0)") }
    }()
}

@Suite("Corpus of real logs")
struct CorpusTests {
    @Test func `the corpus is complete`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Corpus").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".log") }
        #expect(LogCase.all.count == files.count)
        #expect(LogCase.all.count >= 500)
    }

    @Test func `the table of kinds and tools says what the corpus covers`() throws {
        let kinds = Dictionary(grouping: LogCase.all, by: \.expected.kind)
        let rows = kinds.sorted { $0.key < $1.key }.map { kind, cases in
            let tools = Dictionary(grouping: cases, by: \.expected.tool).sorted {
                ($0.key.lowercased(), $0.key) < ($1.key.lowercased(), $1.key)
            }
            let counts = tools.map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
            return "| \(kind) | \(cases.count) | \(counts) |"
        }
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/reasons.md"), encoding: .utf8)
        let table = text.split(separator: "\n").drop { $0 != "| kind | logs | tools |" }.prefix { $0.hasPrefix("|") }
        #expect(table.dropFirst(2).joined(separator: "\n") == rows.joined(separator: "\n"))
    }

    @Test(arguments: LogCase.all) func `a real log gives the expected reason, first error and names`(_ sample: LogCase)
    {
        let outcome = sample.outcome()
        #expect(outcome.reason == sample.expected.reason)
        #expect(outcome.fault == sample.expected.fault)
        #expect(outcome.stage == sample.expected.stage)
        #expect(outcome.firstError?.text == sample.expected.text)
        #expect(outcome.firstError?.file == sample.expected.file)
        #expect(outcome.firstError?.line == sample.expected.line)
        #expect(outcome.firstError?.names.map { "\($0.kind.rawValue) \($0.name)" } ?? [] == sample.expected.names)
    }

    @Test func `cases of one cause share a fingerprint, and no others do`() {
        let cases = Dictionary(grouping: LogCase.all) { $0.outcome().fingerprint ?? "" }
        for (_, group) in cases {
            let causes = Set(group.map { $0.expected.cause ?? $0.name })
            #expect(causes.count == 1, "\(group.map(\.name)) share a fingerprint")
        }
        let causes = Dictionary(grouping: LogCase.all) { "\($0.expected.stage) \($0.expected.cause ?? $0.name)" }
        for (cause, group) in causes {
            #expect(Set(group.map { $0.outcome().fingerprint }).count == 1, "\(cause) has several fingerprints")
        }
    }

    @Test(arguments: LogCase.all) func `another attempt on a different machine has the same fingerprint`(
        _ sample: LogCase
    ) {
        let places = sample.places
        let root = sample.expected.attempt == nil ? "/canary/" : "/srv/canary/"
        let moved = sample.log.replacing(root, with: "/mnt/state/a1\(root)")
        let other = AttemptPaths(
            source: "/mnt/state/a1" + places.source, build: "/mnt/state/a1" + places.build,
            prefix: "/mnt/state/a1" + places.prefix, home: "/mnt/state/a1" + places.home,
            temporary: "/mnt/state/a1" + places.temporary,
            upstreamPrefix: places.upstreamPrefix.mapValues { "/mnt/state/a1" + $0 })
        let outcome = Diagnosis.outcome(
            of: AttemptEnd(cause: sample.cause, stages: [], logBytes: 0), log: LogExcerpt(moved),
            names: PathNames(other))
        #expect(outcome.reason == sample.expected.reason)
        #expect(outcome.fingerprint == sample.outcome().fingerprint)
    }

    @Test(
        arguments: LogCase.all.filter {
            $0.log.contains("\nFAILED: ") && $0.expected.stage == .build && $0.name != "step-ninja-then-script"
        })
    func `the output of passing steps before and after changes nothing`(_ sample: LogCase) {
        let chatter = """
            [1/900] Running selftest
            reader.cpp:7:1: error: printed on purpose
            /usr/bin/ld: a.cpp:3: undefined reference to `on_purpose'
            CMake Error at on/purpose.cmake:1 (message):
              printed on purpose

            sh: 1: purpose: not found
            error: 0 errors, 3 warnings
            [2/900] Building CXX object error.cpp.o

            """
        let outcome = sample.outcome(of: chatter + sample.log + chatter)
        #expect(outcome.reason == sample.expected.reason)
        #expect(outcome.firstError?.text == sample.expected.text)
        #expect(outcome.firstError?.line == sample.expected.line)
    }

    @Test(arguments: LogCase.all) func `a log that is cut off and damaged anywhere still gives an outcome of its stage`(
        _ sample: LogCase
    ) {
        var random = SplitMix(state: UInt64(sample.log.utf8.count))
        for _ in 0..<4 {
            var bytes = Array(sample.log.utf8)
            for _ in 0..<Int.random(in: 0...20, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let part = Bool.random(using: &random) ? bytes[cut...] : bytes[..<cut]
            let outcome = sample.outcome(of: String(decoding: part, as: UTF8.self))
            #expect(outcome.stage == sample.expected.stage)
            #expect(outcome.fingerprint?.count ?? 18 == 18)
            #expect(outcome.firstError?.text.count ?? 1 <= 500)
            #expect(outcome.firstError?.text.isEmpty != true)
        }
    }

    @Test(arguments: LogCase.all) func `lines that end with a carriage return are read the same`(_ sample: LogCase) {
        let outcome = sample.outcome(of: sample.log.replacing("\n", with: "\r\n"))
        #expect(outcome.reason == sample.expected.reason)
        #expect(outcome.firstError?.text == sample.expected.text)
    }
}
