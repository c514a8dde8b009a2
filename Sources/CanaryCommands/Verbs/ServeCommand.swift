// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryDaemon
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryPages
import CanaryProcesses
import CanaryRunner
import CanaryServer
import CanaryText
import Foundation
import Glibc

/// `canary serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the stack on its schedule, and publish it over HTTP.",
        discussion: """
            Makes the runs that the schedule, new commits and requests call for, one at a time; backs up history and \
            cleans up the state folder; serves the dashboard, documents, logs and events. `POST /requests` needs the bearer \
            token in the variable `CANARY_API_TOKEN`; without it, HTTP requests are refused. While it runs, `run`, \
            `bisect upstream` and `try` in the same state folder become requests to it.

            Only requests that name a known host are answered: the one it listens on, that of `site-url`, those of \
            `--allow-host`, and `localhost` where it listens on the loopback interface.

            SIGTERM and SIGINT stop it within five seconds. After any kind of exit, the next one continues where it stopped.

            \(ExitCode.table)
            """)

    @Option(name: .long, help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port; 0 uses any free one.")
    var port = 8080

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A further name under which the server may be addressed; may be repeated.", valueName: "name"))
    var allowHost: [String] = []

    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("`--port \(port)`: expected 0 to 65535") }
        for name in allowHost where !WebServer.isHost(name) {
            throw ValidationError(
                "`--allow-host \(name)`: expected a host name or an address, such as `canary.example.org`, without a port"
            )
        }
    }

    func run() async throws {
        let stack = try common.loadStack()
        let receivers = try common.receivers(of: stack)
        try await stateLock.interruptible { stop in
            let deadline = StopDeadline(stop)
            defer { deadline.cancel() }
            let session: StateSession
            do {
                session = try await StateSession.open(
                    stack: stack, verb: "serve", options: stateLock, stop: stop, common: common)
            } catch let error as EngineError where error.code == .interrupted {
                return
            }
            try await serve(stack, session, receivers: receivers, stop: stop)
        }
        if !common.quiet { Console.note("stopped") }
    }

    private func serve(
        _ stack: Stack, _ session: StateSession, receivers: [any Receiver], stop: StopSignal
    ) async throws {
        let queue = RequestQueue(stack: stack, inbox: session.history.inbox)
        var settings = WebServer.Settings()
        settings.host = host
        settings.port = port
        settings.hosts = allowHost
        settings.token = Secrets.values["CANARY_API_TOKEN"]
        settings.connections = OpenFiles.raise()
        let server = try WebServer(
            stack: stack, history: session.history.reader, logs: logs(of: stack), inbox: inbox(queue),
            settings: settings)
        let dispatch = DispatchLoop(
            NoticeDispatcher(outbox: session.history.outbox, receivers: receivers), isQuiet: common.quiet)
        let daemon = try Daemon(engine: session.engine, stop: stop, hooks: hooks(dispatch))
        let isQuiet = common.quiet
        let address = host.contains(":") ? "[\(host)]" : host
        try await ServingGroup.run(
            [
                { try await daemon.run() },
                { try await dispatch.run(until: stop) },
                {
                    try await server.run { port in
                        if !isQuiet { Console.note("serving `\(stack.name)` at http://\(address):\(port)/") }
                    }
                },
            ], until: stop, ending: { server.endStreams() })
    }

    private func inbox(_ queue: RequestQueue) -> Inbox {
        Inbox { body in
            do {
                guard let id = try await queue.ask(body, origin: "http", isTrusted: false) else { return .full }
                return .accepted(id)
            } catch let error as EngineError where error.code == .badRequest {
                return .refused(error.text, hint: error.hint)
            }
        }
    }

    /// Connects the daemon with delivery and with the journal.
    private func hooks(_ dispatch: DispatchLoop) -> DaemonHooks {
        var hooks = DaemonHooks()
        hooks.post = { dispatch.wake() }
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
            stageStarts: { $0.stageOffsets(in: stack).map { LogFacts.StageStart(offset: $0.offset, stage: $0.stage) } })
    }
}

extension RunEvent {
    /// The line of this event in the journal of a daemon; nil if it has none.
    fileprivate var journalLine: String? {
        switch self {
        case .began(let run, _): "run \(run) started"
        case .attemptFinished(let attempt, let outcome, let seconds):
            "attempt \(attempt): \(outcome.result.rawValue) after \(seconds.durationText)"
        case .moved(let transition):
            "\(transition.job): \(transition.from.rawValue) -> \(transition.to.rawValue)"
        case .ended(let run): "run \(run) finished"
        default: nil
        }
    }
}

/// Exits with status 0 if stopping takes longer than promised: the next start recovers history.
private final class StopDeadline: Sendable {
    private let task: Task<Void, Never>

    /// Keeps the promise of five seconds after the signal, whatever hangs.
    private static let limit = Duration.milliseconds(4500)

    init(_ stop: StopSignal) {
        // Unstructured: it must outlive whatever hangs.
        task = Task.detached {
            while !stop.isRaised, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
            guard !Task.isCancelled else { return }
            try? await Task.sleep(for: Self.limit)
            guard !Task.isCancelled else { return }
            _exit(0)
        }
    }

    func cancel() { task.cancel() }
}

/// The limit of open files of this process.
private enum OpenFiles {
    /// Reserved for databases, logs and builds.
    private static let reserved = 512
    private static let most = 16_384

    /// Raises the limit as far as the system allows, and returns how many connections that permits.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(most)))
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return max(64, Int(min(limit.rlim_cur, rlim_t(most))) - reserved)
    }
}
