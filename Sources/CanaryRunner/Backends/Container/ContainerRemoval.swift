// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

extension ContainerEngine {
    /// Removes what there is of the container of `attempt`, in whatever state its start or end was left.
    ///
    /// A call that was killed between making and starting a container leaves processes that podman does not know of:
    /// its runtime does. Gives up quietly when the engine does not answer: the next sweep comes here again.
    func remove(_ attempt: String, in state: StateFolder) async {
        let name = ContainerCommand.name(of: attempt)
        let file = FileManager.default.contents(atPath: state.attempt(attempt).idFile) ?? Data()
        let id = String(decoding: file, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        for pause in [0, 50, 200, 1000, 3000] {
            // In a task of its own, because an attempt that was cancelled must wait too.
            await Task { try? await Task.sleep(for: .milliseconds(pause)) }.value
            if !id.isEmpty { await forget(id) }
            guard (try? await call(["rm"] + Self.force(kind) + [name], within: patience.answer)) != nil else { return }
            if await attempts("name=^\(name)$", external: true).isEmpty { return }
        }
    }

    /// The attempts whose containers are there, of this state folder.
    ///
    /// What podman knows only from its storage has no labels; it is one of ours when we have the attempt.
    func attempts(in state: StateFolder) async -> Set<String> {
        let known = Set(Folder.names(in: state.attempts))
        let labelled = await attempts("label=\(ContainerCommand.stateLabel)=\(state.path)")
        let stored = await attempts("name=^\(ContainerCommand.name(of: ""))", external: true)
        return labelled.union(stored.intersection(known))
    }

    /// The attempts of containers; `external` shows those too that only podman's storage has.
    private func attempts(_ filter: String, external: Bool = false) async -> Set<String> {
        let more = external && kind == .podman ? ["--external"] : []
        let names = try? await ask(["ps", "--all", "--filter", filter, "--format", "{{.Names}}"] + more)
        let prefix = ContainerCommand.name(of: "")
        return Set(
            (names ?? "").split(whereSeparator: \.isNewline).filter { $0.hasPrefix(prefix) }
                .map { String($0.dropFirst(prefix.count)) })
    }

    private static func force(_ kind: Kind) -> [String] {
        switch kind {
        case .podman: ["--force", "--time=0", "--volumes", "--ignore"]
        case .docker: ["--force", "--volumes"]
        }
    }

    private func forget(_ id: String) async {
        guard kind == .podman else { return }
        _ = try? await Self.call(
            program([ociRuntime, "delete", "--force", id]), within: patience.answer, named: "\(ociRuntime) delete")
    }
}
