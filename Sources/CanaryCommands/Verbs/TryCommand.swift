// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryBisection
import CanaryEngine
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

            Exits with 1 if an answer is `yours`.
            """)

    @Argument(help: ArgumentHelp("A project and a ref of its repository; can be repeated.", valueName: "project=ref"))
    var changes: [String]

    @Option(name: .long, help: "Only this variant; can be repeated.")
    var variant: [String] = []

    @Option(name: .long, help: "Only this lane; can be repeated. (default: head)")
    var lane: [Lane] = []

    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack()
        let refs = try OptionPair.dictionary(changes, option: "try", form: "PROJECT=REF")
        let overrides = try self.overrides.overrides()
        let (tryRun, answers) = try await stateLock.interruptible { stop in
            let session = try await StateSession.open(
                stack: stack, verb: "try", options: stateLock, stop: stop, common: common)
            let tryRun = try await TryRun.make(of: refs, overrides: overrides, in: session.engine, stop: stop)
            var answers: [TryAnswer] = []
            let jobs = try tryRun.jobs(variants: variant, lanes: lane.isEmpty ? [.head] : lane)
            for (index, job) in jobs.enumerated() {
                if !common.quiet { Console.note("\(job): building with the changes (\(index + 1) of \(jobs.count))") }
                answers.append(try await tryRun.answer(for: job))
            }
            return (tryRun, answers)
        }
        Console.result(common.json ? try document(tryRun, answers).json() : text(answers))
        let words = Set(answers.map(\.word))
        if words.contains(.yours) { throw ExitCode.breakage }
        if words.contains(.infrastructure) { throw ExitCode.infrastructure }
    }

    private func document(_ tryRun: TryRun, _ answers: [TryAnswer]) -> TryDocument {
        TryDocument(
            changes: tryRun.changes.mapValues(\.revision), bases: tryRun.changes.compactMapValues(\.base),
            answers: answers.map {
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
