// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a trace through the policy and print which notices it would have sent.",
        discussion: """
            A trace has one JSON object per line, in any order:

              {"at": "2026-01-01T03:00:00Z", "job": "usd@v/head",
               "head": "h7", "attempts": ["F", "P"]}

            `head` is any name for the inputs. `attempts` lists how builds of them end: `P` passed, `F` failed, `E` \
            infrastructure error. The policy takes as many as it needs; the last one repeats. `control` is such a list for \
            the last known good, `["P"]` by default. `upstreams`, names and revisions, groups what broke together. Other \
            fields are ignored.

            Jobs need not be in the stack. A stack, if there is one, provides policy and schedule. Otherwise the defaults \
            apply, and a job's cadence is the median gap between its lines.
            """)

    @Argument(help: ArgumentHelp("The file with the trace; `-` reads standard input.", valueName: "trace"))
    var trace: String?

    @Flag(name: .long, help: "Replay the judged runs in the history of the state folder instead.")
    var history = false

    @OptionGroup var overrides: OverrideOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (trace == nil) == history else { throw ValidationError("expected a trace, or `--history`") }
    }

    func run() async throws {
        let (stack, trace) = try await history ? recordedTrace() : traceFile()
        let replay = Replay(trace, policy: stack?.policy ?? Policy()) { stack?.schedule(of: $0) }
        Console.result(common.json ? try ReplayDocument(replay).json() : text(replay))
    }

    private func recordedTrace() async throws -> (Stack?, Trace) {
        let stack = try common.loadStack(showingWarnings: false)
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        return (stack, try await Trace(of: history))
    }

    private func traceFile() throws -> (Stack?, Trace) {
        let path = trace ?? "-"
        let (stack, data) = (try optionalStack(), try read(path))
        do throws(Trace.Problems) {
            return (stack, try Trace(reading: data))
        } catch {
            for problem in error.all { Console.note("\(path):\(problem.line): error: \(problem.message)") }
            throw ExitCode.badInput
        }
    }

    /// The stack, or nil if the folder has no `stack.yaml`.
    private func optionalStack() throws -> Stack? {
        guard FileManager.default.fileExists(atPath: "\(common.stackFolder)/stack.yaml") else {
            if !common.quiet { Console.note("no stack in `\(common.stack)`: using the default policy") }
            return nil
        }
        return try common.loadStack(showingWarnings: false)
    }

    private func read(_ path: String) throws -> Data {
        do {
            // A handle reads pipes as well, `Data(contentsOf:)` does not.
            let input = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return try input.readToEnd() ?? Data()
        } catch {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            let why = !exists ? "no such file" : isFolder.boolValue ? "it is a folder" : "\(error)"
            throw BadInput(
                text: "cannot read the trace `\(path)`: \(why)",
                hint: "a trace is a file with one JSON object per line; `canary help replay` shows one")
        }
    }

    private func text(_ replay: Replay) -> String {
        var table = Table(header: ["at", "notice", "about", "jobs"])
        for sent in replay.sent {
            let event = sent.event
            table.add([
                sent.at.rfc3339, event.kind.rawValue, event.upstream ?? event.job.project,
                event.jobs.map(\.description).joined(separator: " "),
            ])
        }
        let sum = "\(replay.sent.count.counting("notice")), \(replay.attempts.counting("attempt"))"
        return replay.sent.isEmpty ? sum : "\(table.text)\n\n\(sum)"
    }
}
