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
        commandName: "try", abstract: "Build what is below unmerged changes, and say whose a failure is.",
        discussion: """
            Builds the changed projects and all below them, each on the inputs on which it last passed, with the \
            changes laid over. Moves no verdict. The answers:

              fine            it passes
              yours           it fails, and passes where the change left its branch
              pre-existing    it fails there too
              flaky           it fails and passes on the same inputs
              infrastructure  it could not be tried
              untestable      it never passed, or what it builds on does not build

            Ends with 1 when an answer is `yours`.
            """)

    @Argument(help: ArgumentHelp("A project and a ref of its repository.", valueName: "project=ref"))
    var changes: [String]

    @Option(name: .long, help: "Only this variant; may be given more than once.")
    var variant: [String] = []

    @Option(name: .long, help: "Only this lane; may be given more than once; `head` unless given.")
    var lane: [Lane] = []

    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack()
        let refs = try OptionPair.dictionary(changes, option: "try", form: "PROJECT=REF")
        let overrides = try self.overrides.overrides()
        let (trial, answers) = try await driver.interruptible { stop in
            let opened = try await StateSession.open(
                stack: stack, verb: "try", wait: !driver.noWait, stop: stop, common: common)
            let trial = try await TryRun.make(of: refs, overrides: overrides, in: opened.engine, stop: stop)
            var answers: [TryAnswer] = []
            let jobs = try trial.jobs(variants: variant, lanes: lane.isEmpty ? [.head] : lane)
            for (index, job) in jobs.enumerated() {
                if !common.quiet { Console.note("\(job): trying (\(index + 1) of \(jobs.count))") }
                answers.append(try await trial.answer(for: job))
            }
            return (trial, answers)
        }
        Console.result(common.json ? try document(trial, answers).json() : text(answers))
        let words = Set(answers.map(\.word))
        if words.contains(.yours) { throw ExitCode.breakage }
        if words.contains(.infrastructure) { throw ExitCode.infrastructure }
    }

    private func document(_ trial: TryRun, _ answers: [TryAnswer]) -> TryDocument {
        TryDocument(
            changes: trial.changes.mapValues(\.revision), bases: trial.changes.compactMapValues(\.base),
            answers: answers.map {
                TryDocument.Answer(
                    job: $0.job, answer: $0.word.rawValue, detail: $0.detail, run: $0.run, outcome: $0.outcome,
                    revisions: $0.revisions)
            })
    }

    private func text(_ answers: [TryAnswer]) -> String {
        guard !answers.isEmpty else { return "no job sees these changes" }
        var table = Table(header: ["job", "answer", "why"])
        for answer in answers {
            let error = answer.word == .fine ? nil : answer.outcome?.firstError.map { ": \($0.spoken)" }
            table.add([answer.job.description, answer.word.rawValue, answer.detail + (error ?? "")])
        }
        return table.text
    }
}
