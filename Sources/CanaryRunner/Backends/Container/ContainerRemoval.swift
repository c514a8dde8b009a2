// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

/// Finds and removes the containers of attempts.
struct ContainerRemoval {
    let engine: ContainerEngine

    /// Removes the container of `attempt`, whatever state an interrupted start or end left it in.
    ///
    /// A call killed between creating and starting a container leaves processes that only podman's OCI runtime knows.
    /// Gives up silently if the engine does not answer: the next sweep tries again.
    func remove(_ attempt: String, in state: StateFolder) async {
        let name = ContainerCommand.name(of: attempt)
        let file = FileManager.default.contents(atPath: state.attempt(attempt).idFile) ?? Data()
        let id = String(decoding: file, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        for pause in [0, 50, 200, 1000, 3000] {
            // In a task of its own, because a cancelled attempt must wait too.
            await Task { try? await Task.sleep(for: .milliseconds(pause)) }.value
            if !id.isEmpty { await forget(id) }
            guard (try? await engine.call(["rm"] + force + [name], within: engine.patience.answer)) != nil else {
                return
            }
            if await attempts("name=^\(name)$", external: true)?.isEmpty == true { return }
        }
    }

    /// The attempts of this state folder that have containers.
    ///
    /// Containers that only podman's storage has are without labels; they are ours if the attempt exists.
    func attempts(in state: StateFolder) async -> Set<String> {
        let known = Set(Folder.names(in: state.attempts))
        let labelled = await attempts("label=\(ContainerCommand.stateLabel)=\(state.path)")
        let stored = await attempts("name=^\(ContainerCommand.name(of: ""))", external: true)
        return (labelled ?? []).union((stored ?? []).intersection(known))
    }

    /// The attempts of containers; with `external` also those that only podman's storage has.
    ///
    /// Nil when the engine gave no list, which is not the same as a list of none.
    private func attempts(_ filter: String, external: Bool = false) async -> Set<String>? {
        let listing = ["--filter", filter, "--format", "{{.Names}}"]
        guard let names = try? await engine.list(listing, external: external) else { return nil }
        let prefix = ContainerCommand.name(of: "")
        return Set(names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    private var force: [String] {
        switch engine.kind {
        case .podman: ["--force", "--time=0", "--volumes", "--ignore"]
        case .docker: ["--force", "--volumes"]
        }
    }

    private func forget(_ id: String) async {
        guard engine.kind == .podman else { return }
        _ = try? await ContainerEngine.call(
            engine.program([engine.ociRuntime, "delete", "--force", id]), within: engine.patience.answer,
            named: "\(engine.ociRuntime) delete")
    }
}
