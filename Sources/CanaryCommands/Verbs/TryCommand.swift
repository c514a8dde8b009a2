// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryBisection
import CanaryDaemon
import CanaryEngine
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary try`.
struct TryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Build the downstreams of unmerged changes, and separate new failures from old ones.",
        discussion: """
            Builds the changed projects and everything downstream of them, each on its last known good inputs plus the \
            changes. Changes no verdict. The answers:

              fine            it passes
              yours           it fails with the change, and passes at its merge base
              pre-existing    it fails at the merge base too
              flaky           it fails and passes on the same inputs
              infrastructure  it could not be built, for infrastructure reasons
              untestable      it has never passed, or one of its upstreams does not build

            Exits with 1 if an answer is `yours`. If a daemon holds the state folder, it becomes a request to the daemon,
            which is followed.
            """)

    @Argument(help: ArgumentHelp("A project and a ref of its repository; can be repeated.", valueName: "project=ref"))
    var changes: [String]

    @Option(name: .long, help: "Only this variant; can be repeated.")
    var variant: [String] = []

    @Option(name: .long, help: "Only this lane; can be repeated. (default: head)")
    var lane: [Lane] = []

    @Flag(name: .long, help: "If a daemon holds the state folder, queue the request there and return at once.")
    var detach = false

    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack()
        var request = TryRequest(changes: try OptionPair.dictionary(changes, option: "try", form: "PROJECT=REF"))
        request.variants = variant
        if !lane.isEmpty { request.lanes = lane }
        request.overrides = try overrides.overrides()
        if !stateLock.noWait, StateLock.isServed(common.stateFolder) {
            let daemon = try DaemonRequest(stack: stack, state: common.stateFolder)
            let body = RequestBody.attempt(request)
            guard let record = try await daemon.follow(body, origin: "try", detach: detach, stateLock, common) else {
                return
            }
            guard let tried = RequestResult(record.result)?.tried else { throw ExitCode.infrastructure }
            return try report(tried)
        }
        let tried = try await stateLock.interruptible { [request] stop in
            let session = try await StateSession.open(
                stack: stack, verb: "try", options: stateLock, stop: stop, common: common)
            return try await session.engine.attempt(request, stop: stop) { job, number, count in
                if !common.quiet { Console.note("\(job): building with the changes (\(number) of \(count))") }
            }
        }
        try report(tried)
    }

    private func report(_ tried: TryReport) throws {
        Console.result(common.json ? try document(tried).json() : text(tried.answers))
        let words = Set(tried.answers.map(\.word))
        if words.contains(.yours) { throw ExitCode.breakage }
        if words.contains(.infrastructure) { throw ExitCode.infrastructure }
    }

    private func document(_ tried: TryReport) -> TryDocument {
        TryDocument(
            changes: tried.changes.mapValues(\.revision), bases: tried.changes.compactMapValues(\.base),
            answers: tried.answers.map {
                TryDocument.Answer(
                    job: $0.job, answer: $0.word.rawValue, detail: $0.detail, run: $0.run, outcome: $0.outcome,
                    revisions: $0.revisions)
            })
    }

    private func text(_ answers: [TryAnswer]) -> String {
        guard !answers.isEmpty else { return "no job depends on these changes" }
        var table = Table(header: ["job", "answer", "why"])
        for answer in answers {
            let error = answer.word == .fine ? nil : answer.outcome?.firstError.map { ": \($0.spoken)" }
            table.add([answer.job.description, answer.word.rawValue, answer.detail + (error ?? "")])
        }
        return table.text
    }
}
