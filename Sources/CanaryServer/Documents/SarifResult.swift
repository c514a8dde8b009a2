// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation

extension SarifExport {
    /// A finding.
    struct Result: Encodable, Sendable {
        struct Suppression: Encodable, Sendable {
            let kind = "external"
            let justification: String
        }

        let ruleId: String
        let level: String
        let message: Text
        let locations: [Location]
        let partialFingerprints: [String: String]
        let suppressions: [Suppression]

        /// The failure of `job`.
        init(failed job: RunJob, in export: RunExport) {
            let outcome = job.outcome
            let reason = outcome?.reason ?? .unknown
            let name = job.planned.job
            ruleId = reason.rawValue
            level = "error"
            message = Text(text: "\(name): \(outcome?.firstError?.text ?? reason.sentence)")
            let log = export.attempt(of: job)?.id ?? export.tests[name]?.attempt
            locations = [Location(outcome?.firstError, of: name, log: log, run: export.record.start.id)]
            partialFingerprints = Self.fingerprints([outcome?.fingerprint ?? reason.rawValue, name.description])
            suppressions = job.expectedIssue.map { [Suppression(justification: $0)] } ?? []
        }

        /// The test `test` fails in the passed build of `job`.
        private init(test: String, of job: JobID, attempt: String, run: String) {
            ruleId = ReasonCode.testFailed.rawValue
            level = "warning"
            message = Text(text: "\(job): the build passed, but the test \(test) failed, which it did not before")
            locations = [Location(nil, of: job, log: attempt, run: run)]
            partialFingerprints = Self.fingerprints([ReasonCode.testFailed.rawValue, job.description, test])
            suppressions = []
        }

        /// The tests that newly fail in the passed build of `job`, if this run built it.
        static func newlyFailing(_ job: RunJob, in export: RunExport) -> [Result] {
            guard job.result == .passed, let tests = export.tests[job.planned.job], export.isNews(tests) else {
                return []
            }
            return tests.newlyFailing.first.map {
                Result(test: $0, of: job.planned.job, attempt: tests.attempt, run: export.record.start.id)
            }
        }

        /// Code scanning reads `primaryLocationLineHash` alone.
        private static func fingerprints(_ fields: [String]) -> [String: String] {
            var hasher = FieldHasher()
            hasher.add(list: fields)
            let digest = String(hasher.finish().prefix(16))
            return ["canary/v1": digest, "primaryLocationLineHash": "\(digest):1"]
        }
    }

    /// A place in a file.
    struct Location: Encodable, Sendable {
        struct Physical: Encodable, Sendable {
            let artifactLocation: Artifact
            let region: Region?
        }

        struct Artifact: Encodable, Sendable {
            let uri: String
            let uriBaseId: String
        }

        struct Region: Encodable, Sendable {
            let startLine: Int
        }

        struct Logical: Encodable, Sendable {
            let fullyQualifiedName: String
            let kind = "module"
        }

        /// The base of the addresses of logs: no project has such a name.
        static let stateFolder = "STATE"

        let physicalLocation: Physical
        let logicalLocations: [Logical]

        /// Where `error` is; in the log of the attempt `log`, else in the run's document, if it names no file of a project.
        init(_ error: FirstError?, of job: JobID, log: String?, run: String) {
            if let found = error.flatMap({ Self.artifact($0, project: job.project) }) {
                let line = error?.line.flatMap { $0 > 0 ? Region(startLine: $0) : nil }
                physicalLocation = Physical(artifactLocation: found, region: line)
            } else {
                let path = log.map { "attempts/\($0)/log" } ?? "runs/\(run).json"
                let artifact = Artifact(uri: path, uriBaseId: Self.stateFolder)
                physicalLocation = Physical(artifactLocation: artifact, region: nil)
            }
            logicalLocations = [Logical(fullyQualifiedName: job.description)]
        }

        /// The file of an error: of the project, or of the upstream in `upstream:path`.
        private static func artifact(_ error: FirstError, project: String) -> Artifact? {
            guard let file = error.file, !file.hasPrefix("/") else { return nil }
            let upstream = file.prefixMatch(of: /([a-z][a-z0-9-]*):/)
            let path = upstream.map { file[$0.range.upperBound...] } ?? file[...]
            guard !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { return nil }
            let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":"))
            guard let uri = path.addingPercentEncoding(withAllowedCharacters: allowed) else { return nil }
            return Artifact(uri: uri, uriBaseId: upstream.map { String($0.1) } ?? project)
        }
    }
}
