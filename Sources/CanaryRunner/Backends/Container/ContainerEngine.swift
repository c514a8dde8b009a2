// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryProcesses
import Foundation

/// A container engine and how it is called.
package struct ContainerEngine: Hashable, Sendable {
    /// The engines we know.
    package enum Kind: String, CaseIterable, Sendable {
        case podman
        case docker
    }

    /// The time limits for an engine, which may hang.
    package struct Patience: Hashable, Sendable {
        /// For an answer.
        package var answer = Duration.seconds(60)
        /// For an image from a registry.
        package var pull = Duration.seconds(3600)
        /// For a container to start.
        package var start = Duration.seconds(120)
        /// For a container to end once nothing runs in it.
        package var end = Duration.seconds(15)

        /// The default limits.
        package init() {}
    }

    /// Which engine.
    package let kind: Kind
    /// The program and the arguments before every command.
    package var command: [String]
    /// Variables for it in addition to ours, such as `DOCKER_HOST`; they never reach a container.
    package var environment: [String: String]
    /// Additional arguments of every `run`.
    package var runArguments: [String]
    /// The program that podman starts containers with.
    package var ociRuntime: String
    /// The time limits for it.
    package var patience = Patience()
    /// Who builds are on this machine, if the engine gives them users of their own.
    package var owner: BuildOwner?
    /// What the user's settings of the engine add to every container, such as `volume /a:/b`.
    package var additions: [String] = []
    /// The filter of system calls in place of the engine's own, as JSON; nil for the engine's own.
    var seccomp: Data?
    /// Whether this machine has SELinux, which then keeps its labels.
    let isLabelled = FileManager.default.fileExists(atPath: "/sys/fs/selinux/enforce")

    /// Describes an engine; by default, `command` is its name.
    package init(
        kind: Kind, command: [String]? = nil, environment: [String: String] = [:], runArguments: [String] = [],
        ociRuntime: String = "runc"
    ) {
        self.kind = kind
        self.command = command ?? [kind.rawValue]
        self.environment = environment
        self.runArguments = runArguments
        self.ociRuntime = ociRuntime
    }

    /// Mounts a file or folder of this machine.
    func bind(_ source: String, _ destination: String, isReadOnly: Bool) -> String {
        switch kind {
        case .podman:
            let options = ["nosuid", "nodev"] + (isLabelled ? ["relabel=shared"] : [])
            return ContainerOptions.bind(source, destination, isReadOnly: isReadOnly, options: options)
        // Its containers get no new privileges and can make no devices; only its `--volume` knows labels.
        case .docker where isLabelled: return "--volume=\(source):\(destination):z\(isReadOnly ? ",ro" : "")"
        case .docker: return ContainerOptions.bind(source, destination, isReadOnly: isReadOnly)
        }
    }

    /// Its images.
    package var images: ContainerImages { ContainerImages(engine: self) }

    /// The engine's name and version; asks the engine itself, so this also checks that it works.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine`.
    package func version() async throws(RunnerFailure) -> String {
        let arguments =
            switch kind {
            case .podman: ["info", "--format", "{{.Version.Version}}"]
            case .docker: ["version", "--format", "{{.Server.Version}}"]
            }
        return "\(kind.rawValue) \(try await ask(arguments).trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    /// Calls the engine and returns its output.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine` when it does not exit with 0, or not in time.
    func ask(_ arguments: [String], within limit: Duration? = nil) async throws(RunnerFailure) -> String {
        let end = try await call(arguments, within: limit ?? patience.answer)
        guard end.status == .code(0) else {
            throw Self.failure("`\(named(arguments))` ended with \(end.status): \(Self.lastWords(end.errors))")
        }
        return String(decoding: end.output, as: UTF8.self)
    }

    /// The lines of a list of all containers; with `external` also those that only podman's storage has.
    ///
    /// podman fails a list when a container goes while it reads, and containers go whenever an attempt ends. So it is
    /// asked again; what fails five times is no such accident.
    ///
    /// - Throws: `RunnerFailure` as `ask` does.
    func list(_ arguments: [String], external: Bool) async throws(RunnerFailure) -> [Substring] {
        let more = external && kind == .podman ? ["--external"] : []
        let listing = ["ps", "--all"] + more + arguments
        for _ in 1..<5 {
            let end = try await call(listing, within: patience.answer)
            guard end.status == .code(0) else { continue }
            return String(decoding: end.output, as: UTF8.self).split(whereSeparator: \.isNewline)
        }
        return try await ask(listing).split(whereSeparator: \.isNewline)
    }

    /// Calls the engine and waits for its end, with any exit status.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine` when it does not start or does not end in time.
    func call(_ arguments: [String], within limit: Duration) async throws(RunnerFailure) -> CapturedProcess.End {
        try await Self.call(call(arguments), within: limit, named: named(arguments))
    }

    /// Calls another program and waits for its end.
    static func call(
        _ command: Command, within limit: Duration, named name: String
    ) async throws(RunnerFailure) -> CapturedProcess.End {
        let end: CapturedProcess.End
        do {
            end = try await CapturedProcess.run(command, within: limit)
        } catch {
            throw failure(error.description)
        }
        guard end.cut == nil else {
            throw failure("`\(name)` did not end within \(limit)", hint: "does the container engine hang?")
        }
        return end
    }

    /// A call of the engine, with our own variables, where engines have their settings, `environment` and `variables`.
    func call(_ arguments: [String], variables: [String: String] = [:], in folder: String = "/") -> Command {
        program(command + arguments, variables: variables, in: folder)
    }

    /// A call of another program, with the variables of the engine.
    func program(_ words: [String], variables: [String: String] = [:], in folder: String = "/") -> Command {
        let own = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return Command(
            words.first ?? "", Array(words.dropFirst()), variables: own.merging(variables) { $1 }, in: folder)
    }

    /// The error that an engine printed last, else its last output, in one line of at most 500 characters.
    static func lastWords(_ bytes: some Collection<UInt8>) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let error = lines.last { $0.hasPrefix("Error") }.map { [$0] }
        let text = (error ?? lines.suffix(3)).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
        return text.isEmpty ? "it printed nothing" : String(text.suffix(500))
    }

    private func named(_ arguments: [String]) -> String {
        ([kind.rawValue] + arguments.prefix(2)).joined(separator: " ")
    }

    /// A failure of an engine; its reason is a full disk if `detail` says so.
    static func failure(
        _ detail: String, _ reason: ReasonCode = .environmentEngine, hint: String? = nil
    ) -> RunnerFailure {
        let isFull = detail.contains("no space left on device")
        let hint = isFull ? "free some space where the engine stores images and containers" : hint
        return RunnerFailure(
            reason: isFull ? .environmentDiskFull : reason, detail: detail + (hint.map { "; hint: \($0)" } ?? ""))
    }
}
