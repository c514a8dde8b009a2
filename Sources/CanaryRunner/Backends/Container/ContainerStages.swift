// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation

/// The stages of one attempt in one container.
///
/// The call of the engine is our child process as long as the container exists. Its output and status only show why a
/// container did not start, or that it is gone; everything else comes from the driver in the container.
actor ContainerStages: StageHost {
    private let command: ContainerCommand
    private let grace: Duration
    private let channel: ContainerChannel
    private let machine: MachineWatch
    private let engineOutput = LastOutput()
    private var call: Task<ContainerExit, Never>?
    private var hasStarted = false
    private var isGone = false
    /// Whether it did not end when it was asked to.
    private var isStuck = false
    private var oomKills = 0

    private var engine: ContainerEngine { command.engine }
    private nonisolated var folder: AttemptFolder { command.state.attempt(command.order.attempt) }

    /// Runs the container that `command` describes; `grace` is the time between TERM and KILL.
    init(command: ContainerCommand, grace: Duration, channel: ContainerChannel, machine: MachineWatch) {
        self.machine = machine
        self.command = command
        self.grace = grace
        self.channel = channel
    }

    // MARK: Start

    func open() async -> RunnerFailure? {
        let call = Task { [channel, engine, folder, engineOutput, arguments = command.run] in
            let exit = await Self.run(arguments, of: engine, in: folder, printing: engineOutput)
            channel.engineEnded()
            return exit
        }
        self.call = call
        channel.limit(.start, to: engine.patience.start)
        let word = await withTaskCancellationHandler {
            await channel.words.next()
        } onCancel: { [channel] in
            // A started container ends more cleanly than one that is being created.
            channel.limit(.start, to: .seconds(5))
        }
        switch word {
        case .hello:
            hasStarted = true
            // No stage has been started: from now on nothing in the container can open them.
            ContainerChannel.removeNames(in: folder.pipes)
            return nil
        case .gone:
            isGone = true
            return await failureToStart(await call.value)
        case .ended, .late:
            return ContainerEngine.failure(
                "`\(engine.kind.rawValue) run` started nothing within \(engine.patience.start)",
                hint: "does the container engine hang?")
        }
    }

    private func failureToStart(_ exit: ContainerExit) async -> RunnerFailure {
        let image = command.spec.image
        do {
            // The image existed a moment ago.
            if exit.status == .code(125), try await engine.images.image(image) == nil {
                return engine.images.missing(image)
            }
        } catch {
            return error
        }
        return exit.failure(of: image, engineOutput.bytes)
    }

    /// Its working directory is the attempt's, because podman writes the mark of an out-of-memory kill there; that is its
    /// `TMPDIR` too, by which a sweep finds calls of dead canary processes.
    private static func run(
        _ arguments: [String], of engine: ContainerEngine, in folder: AttemptFolder, printing output: LastOutput
    ) async -> ContainerExit {
        let call = engine.call(arguments, variables: ["TMPDIR": folder.control], in: folder.control)
        do {
            let process = LoggedProcess(call, grace: .milliseconds(500)) { output.append($0) }
            return ContainerExit(try await process.run())
        } catch {
            Array("\(error)".utf8).withUnsafeBytes { output.append($0) }
            return ContainerExit(.code(126))
        }
    }

    // MARK: Stages

    func run(_ script: StageScript) async -> StageEnd {
        channel.go()
        return await withTaskCancellationHandler {
            await ended()
        } onCancel: { [channel, grace, patience = command.engine.patience.end] in
            channel.end(after: grace)
            // A stage can end whoever would pass that on to it.
            channel.limit(.end, to: grace + patience)
        }
    }

    private func ended() async -> StageEnd {
        while true {
            switch await channel.words.next() {
            case .ended(let status, let kills):
                defer { oomKills = kills }
                if status != 0, kills > oomKills { return .limit(.limitMemory) }
                // The shell reports a signal as 128 and more; there is no other source.
                return .exit(status > 128 ? .signal(status - 128) : .code(status))
            case .gone:
                isGone = true
                return await lost()
            case .late(.end):
                isStuck = true
                return .cancelled
            case .hello, .late(.start): break
            }
        }
    }

    /// The container ended during a stage.
    ///
    /// What runs in it sends no signal to its first process (pid_namespaces(7)), but can make it give up, and the kernel
    /// kill it for its memory or its time: nobody can tell that from a kill from outside, so it is the stage's own doing,
    /// like anything else it prints or returns.
    private func lost() async -> StageEnd {
        if Task.isCancelled { return .cancelled }
        let isOutOfMemory = FileManager.default.fileExists(atPath: folder.control + "/oom")
        if isOutOfMemory || machine.state().oomKills > 0 { return .limit(.limitMemory) }
        let exit = await call?.value
        if let exit, exit.isRegular { return .exit(.signal(Int(SIGKILL))) }
        let words = ContainerEngine.lastWords(engineOutput.bytes)
        return .lost(RunnerFailure(reason: .environmentEngine, detail: "the engine lost the container: \(words)"))
    }

    // MARK: End

    func close() async {
        channel.hangUp()
        if hasStarted, !isGone, !isStuck {
            channel.limit(.end, to: engine.patience.end)
            await waitForEnd()
        }
        let exit = isGone ? await call?.value : nil
        if exit?.isRegular != true {
            call?.cancel()
            _ = await call?.value
            await ContainerRemoval(engine: engine).remove(command.order.attempt, in: command.state)
            while !isGone { await waitForEnd() }
        }
        Folder.remove(folder.control)
    }

    private func waitForEnd() async {
        while true {
            switch await channel.words.next() {
            case .gone:
                isGone = true
                return
            case .late(.end): return
            case .late(.start), .hello, .ended: break
            }
        }
    }
}
