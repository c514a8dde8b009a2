// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryPages
import CanaryRunner
import CanaryServer
import Foundation
import Glibc

/// `canary serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Drive the stack by its schedule, and publish it over HTTP.",
        discussion: """
            Runs what the schedule, moved heads and requests ask for, one at a time; copies history, tidies the state \
            folder; serves the dashboard, the documents, logs and events. `POST /requests` needs the bearer token in \
            the variable `CANARY_API_TOKEN`; without one nobody may ask over HTTP. While it runs, `canary run` in the \
            same state folder becomes a request to it.

            SIGTERM and SIGINT end it within five seconds; whatever ended it, the next one takes up where it was.

            \(ExitCode.table)
            """)

    @Option(name: .long, help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port; 0 takes any that is free.")
    var port = 8080

    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("`--port \(port)`: expected 0 to 65535") }
    }

    func run() async throws {
        let stack = try common.loadStack()
        let receivers = try common.receivers(of: stack)
        try await driver.interruptible { stop in
            let ending = Ending(stop)
            defer { ending.cancel() }
            let opened: StateSession
            do {
                opened = try await StateSession.open(
                    stack: stack, verb: "serve", wait: !driver.noWait, stop: stop, common: common)
            } catch let error as EngineError where error.code == .interrupted {
                return
            }
            try await serve(stack, opened, receivers: receivers, stop: stop)
        }
        if !common.quiet { Console.note("ended") }
    }

    private func serve(
        _ stack: Stack, _ opened: StateSession, receivers: [any Receiver], stop: StopSignal
    ) async throws {
        let desk = RequestQueue(stack: stack, history: opened.history)
        var settings = WebServer.Settings()
        settings.host = host
        settings.port = port
        settings.token = ProcessInfo.processInfo.environment["CANARY_API_TOKEN"]
        settings.connections = OpenFiles.raise()
        let server = try WebServer(
            stack: stack, history: opened.history, logs: logs(of: stack), inbox: inbox(desk), settings: settings)
        let post = DispatchLoop(NoticeDispatcher(history: opened.history, receivers: receivers), isQuiet: common.quiet)
        let daemon = try Daemon(engine: opened.engine, stop: stop, hooks: hooks(post))
        let isQuiet = common.quiet
        let address = host.contains(":") ? "[\(host)]" : host
        try await ServingGroup.run(
            [
                { try await daemon.run() },
                { try await post.run(until: stop) },
                {
                    try await server.run { port in
                        if !isQuiet { Console.note("serving `\(stack.name)` at http://\(address):\(port)/") }
                    }
                },
            ], until: stop, ending: { server.endStreams() })
    }

    private func inbox(_ desk: RequestQueue) -> Inbox {
        Inbox { body in
            do {
                guard let id = try await desk.ask(body, origin: "http", isTrusted: false) else { return .full }
                return .accepted(id)
            } catch let error as EngineError where error.code == .badRequest {
                return .refused(error.text, hint: error.hint)
            }
        }
    }

    /// What other parts of the canary add to the daemon's day is wired here.
    private func hooks(_ post: DispatchLoop) -> DaemonHooks {
        var hooks = DaemonHooks()
        hooks.post = { post.wake() }
        let isQuiet = common.quiet
        hooks.say = { if !isQuiet { Console.note($0) } }
        hooks.event = { event in
            if !isQuiet, let line = event.journalLine { Console.note(line) }
        }
        return hooks
    }

    private func logs(of stack: Stack) -> AttemptLogs {
        let state = common.stateFolder
        return AttemptLogs(
            path: { state.attempt($0).log },
            stageStarts: { record in
                guard let bytes = record.logBytes else { return [] }
                let limits = stack.graph[record.project]?.builds[record.variant]?.limits ?? AttemptLimits()
                let truncated = TruncatedLog(totalBytes: bytes, limit: limits.log)
                return record.stages.map {
                    LogFacts.StageStart(offset: truncated.offset(ofRaw: $0.logOffset), stage: $0.stage)
                }
            })
    }
}

extension RunEvent {
    /// What a daemon's journal has of it.
    fileprivate var journalLine: String? {
        switch self {
        case .began(let run, _): "run \(run) began"
        case .attemptFinished(let attempt, let outcome, let seconds):
            "attempt \(attempt): \(outcome.result.rawValue) after \(seconds.spokenSeconds)"
        case .moved(let transition):
            "\(transition.job): \(transition.from.rawValue) -> \(transition.to.rawValue)"
        case .ended(let run): "run \(run) ended"
        default: nil
        }
    }
}

/// Ends the program with status 0 when a graceful end takes longer than promised: history can take it.
private final class Ending: Sendable {
    private let task: Task<Void, Never>

    /// Within five seconds of the signal, whatever hangs.
    private static let promise = Duration.milliseconds(4500)

    init(_ stop: StopSignal) {
        // Unstructured: it must outlive whatever hangs.
        task = Task.detached {
            while !stop.isRaised, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
            guard !Task.isCancelled else { return }
            try? await Task.sleep(for: Self.promise)
            guard !Task.isCancelled else { return }
            _exit(0)
        }
    }

    func cancel() { task.cancel() }
}

/// How many files this process may have open.
private enum OpenFiles {
    /// Left for databases, logs and builds.
    private static let own = 512
    private static let most = 16_384

    /// Raises the limit as far as we may.
    ///
    /// - Returns: how many connections that leaves room for.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(most)))
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return max(64, Int(min(limit.rlim_cur, rlim_t(most))) - own)
    }
}
