// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText
import Foundation

/// A run as SARIF 2.1.0: a result for each job that failed, a warning for each test that fails in a passed build.
///
/// Infrastructure errors are notifications of the tool, not results. Addresses are relative, as GitHub's code scanning
/// demands: to the source of the project that `uriBaseId` names, or to the state folder.
package struct SarifExport: Encodable, Sendable {
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    /// The most results of a run that code scanning accepts.
    static let resultLimit = 25_000

    /// Makes the log of `export`, written by canary `version`.
    package init(_ export: RunExport, version: String) {
        let failed = export.jobs.filter { $0.result?.isFailure ?? false }.map { Result(failed: $0, in: export) }
        let tests = export.jobs.flatMap { Result.newlyFailing($0, in: export) }
        let results = Array((failed + tests).prefix(Self.resultLimit))
        let errors = export.jobs.filter { $0.result == .error }
        let codes = Set(results.map(\.ruleId) + errors.compactMap { $0.outcome?.reason?.rawValue })
        let rules = ReasonCode.allCases.filter { codes.contains($0.rawValue) }
        let bases = Set(results.flatMap(\.locations).map(\.physicalLocation.artifactLocation.uriBaseId))
        runs = [
            Run(
                tool: Tool(driver: Driver(version: version, rules: rules.map(Rule.init))),
                automationDetails: Automation(id: "canary/\(export.record.start.id)"),
                invocations: [
                    Invocation(
                        executionSuccessful: errors.isEmpty, startTimeUtc: export.record.start.startedAt,
                        endTimeUtc: export.record.finishedAt,
                        toolExecutionNotifications: errors.map { Notification($0) })
                ],
                originalUriBaseIds: Dictionary(uniqueKeysWithValues: bases.map { ($0, Base(name: $0)) }),
                results: results)
        ]
    }

    struct Text: Encodable, Sendable {
        let text: String
    }

    struct Run: Encodable, Sendable {
        let tool: Tool
        let automationDetails: Automation
        let invocations: [Invocation]
        let originalUriBaseIds: [String: Base]
        let columnKind = "unicodeCodePoints"
        let results: [Result]
    }

    struct Automation: Encodable, Sendable {
        let id: String
    }

    struct Tool: Encodable, Sendable {
        let driver: Driver
    }

    struct Driver: Encodable, Sendable {
        let name = "canary"
        let version: String
        let rules: [Rule]
    }

    struct Rule: Encodable, Sendable {
        let id: String
        let shortDescription: Text
        let fullDescription: Text
        let help: Text

        init(_ reason: ReasonCode) {
            id = reason.rawValue
            shortDescription = Text(text: reason.sentence)
            fullDescription = Text(text: "\(reason.sentence); at fault: \(reason.fault.rawValue)")
            help = Text(text: "`canary show` with the run, and `canary log` with the attempt, say more")
        }
    }

    struct Invocation: Encodable, Sendable {
        let executionSuccessful: Bool
        let startTimeUtc: Date
        let endTimeUtc: Date?
        let toolExecutionNotifications: [Notification]
    }

    struct Notification: Encodable, Sendable {
        struct Descriptor: Encodable, Sendable {
            let id: String
        }

        let level = "error"
        let message: Text
        let descriptor: Descriptor

        init(_ job: RunJob) {
            let reason = job.outcome?.reason ?? .unknown
            let error = job.outcome?.firstError?.text ?? reason.sentence
            message = Text(text: "\(job.planned.job): \(error)")
            descriptor = Descriptor(id: reason.rawValue)
        }
    }

    struct Base: Encodable, Sendable {
        let description: Text

        init(name: String) {
            description = Text(text: name == Location.stateFolder ? "the state folder" : "the source of \(name)")
        }
    }
}
