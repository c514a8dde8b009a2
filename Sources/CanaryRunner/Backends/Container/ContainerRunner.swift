// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation

/// Makes attempts in containers of podman or docker: one order is one container, and all stages run in it.
///
/// A container is closed: no network unless the recipe has it, no capabilities, no new privileges, a read-only root,
/// limits of memory, processes and processors. It ends by itself when this process dies.
package final class ContainerRunner: AttemptRunner {
    private let state: StateFolder
    private let engine: ContainerEngine
    private let grace: Duration
    private let attempts = RunningAttempts()
    private let images: ImageCache
    private let inspector: ImageInspector

    /// Makes attempts in `state` through `engine`; `grace` is the time between TERM and KILL.
    package init(state: StateFolder, engine: ContainerEngine, grace: Duration = .seconds(2)) {
        self.state = state
        self.engine = engine
        self.grace = grace
        images = ImageCache(engine: engine)
        inspector = ImageInspector(engine: engine)
    }

    package func start(_ order: WorkOrder) async throws {
        guard let spec = order.container else {
            throw ContainerEngine.failure("the order of attempt `\(order.attempt)` has no container")
        }
        try await attempts.start(order.attempt) { events in
            let log = try LogWriter(path: state.attempt(order.attempt).log, limit: order.limits.log)
            let command = try await command(for: order, in: spec)
            let clock = OutputClock()
            let cache = command.spec.compilerCache == .shared && command.caches ? command.cache : nil
            let machine = MachineWatch(of: order, in: state, sharing: cache)
            try prepare(command)
            let channel = try ContainerChannel(folder: state.attempt(order.attempt).pipes, log: log, clock: clock)
            try command.writtenFolders.forEach { try engine.owner?.own($0) }
            let host = ContainerStages(command: command, grace: grace, channel: channel, machine: machine)
            return StagedAttempt(
                order: order, host: host, clock: clock, log: log, machine: machine, events: events)
        }
    }

    private func command(for order: WorkOrder, in spec: ContainerSpec) async throws -> ContainerCommand {
        let image = try await images.image(spec.image, with: order.environment)
        var inspection: ImageInspection?
        if !spec.hidden.isEmpty || spec.compilerCache != .unused {
            let variables = image.variables.merging(spec.variables) { $1 }
            inspection = try await inspector.answer(
                to: ImageInspection.Question(
                    image: image.id, prefix: variables[ImageInspection.prefixVariable] ?? ImageInspection.usualPrefix,
                    globs: spec.hidden.sorted()))
        }
        return ContainerCommand(
            order: order, spec: spec, state: state, engine: engine, image: image, inspection: inspection)
    }

    /// Makes the attempt's control folder, and the compiler cache.
    private func prepare(_ command: ContainerCommand) throws {
        let folder = state.attempt(command.order.attempt)
        Folder.remove(folder.control)
        for path in [folder.pipes, folder.emptyFolder, folder.compilers] { try Folder.make(path) }
        try Data().write(to: URL(fileURLWithPath: folder.emptyFile))
        try Data("127.0.0.1 localhost canary\n::1 localhost\n".utf8).write(to: URL(fileURLWithPath: folder.hosts))
        try engine.seccomp?.write(to: URL(fileURLWithPath: folder.filter))
        if command.caches, let ccache = command.inspection?.ccache { try prepareCache(command, ccache) }
    }

    private func prepareCache(_ command: ContainerCommand, _ ccache: String) throws {
        let folder = state.attempt(command.order.attempt)
        try Folder.make(state.compilerCache(of: command.order.project, variant: command.order.variant))
        try Data().write(to: URL(fileURLWithPath: folder.cacheSettings))
        try command.lentFolders.forEach { try Folder.make($0) }
        for compiler in command.inspection?.compilers ?? [] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.compilers)/\(compiler)", withDestinationPath: ccache)
        }
    }

    package func events(of attempt: String) -> AsyncStream<AttemptEvent> { attempts.events(of: attempt) }

    package func cancel(_ attempt: String) async { attempts.cancel(attempt) }

    /// Always false: a container ends by itself when its canary process dies, and its last output is lost.
    package func adopt(_ attempt: String) async -> Bool { false }

    package func sweep(keeping kept: Set<String>) async {
        let spared = kept.union(attempts.names)
        let state = state
        let controls = Set(spared.map { state.attempt($0).control })
        // Calls first, so that none creates a container meanwhile.
        await ProcessScan { temporary in
            temporary.hasPrefix(state.attempts + "/") && temporary.hasSuffix("/control")
                && !controls.contains(temporary)
        }.end()
        let begun = Folder.names(in: state.attempts).filter { Folder.exists(state.attempt($0).control) }
        for attempt in await ContainerRemoval(engine: engine).attempts(in: state).union(begun).subtracting(spared)
            .sorted()
        {
            await ContainerRemoval(engine: engine).remove(attempt, in: state)
            Folder.remove(state.attempt(attempt).control)
        }
    }
}

/// The images found so far, by reference and digest.
private actor ImageCache {
    private let engine: ContainerEngine
    private var known: [[String]: ContainerImage] = [:]

    init(engine: ContainerEngine) { self.engine = engine }

    func image(_ reference: String, with digest: String) async throws(RunnerFailure) -> ContainerImage {
        if let known = known[[reference, digest]] { return known }
        let image = try await engine.images.image(reference, with: digest)
        known[[reference, digest]] = image
        return image
    }
}
