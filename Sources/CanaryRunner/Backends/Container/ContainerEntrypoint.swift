// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The driver that carries out stages inside a container: the container's first process, the same for every attempt.
///
/// Variables and scripts are its arguments: data, never text of a script. We talk to it by four pipes in `/canary/.run`,
/// which lose their names before the first stage starts. It reads `go` from `orders` before each stage, says `hello`,
/// `began PROCESS` and `ended STATUS OOM-KILLS` in `answers`, and prints to `output`. What it reads from `signals`,
/// `NAME PROCESS`, it sends to the process group of the stage; when we hang up, or die, the container ends.
///
/// Stages run as its user, and can neither look into it nor answer in its place: its program is a copy that nobody may
/// read (ptrace(2)), its pipes have no names, and the kernel keeps all signals of theirs from it but one.
enum ContainerEntrypoint {
    /// The pipes, by their names in the folder.
    enum Pipe: String, CaseIterable {
        case orders
        case answers
        case signals
        case output
    }

    /// Where the pipes lie in every container; `entrypoint.sh` repeats it.
    static let folder = "/canary/.run"
    /// Where its program is copied to, a file system of its own; `seal.sh` repeats it.
    static let driverFolder = "/canary/.driver"

    /// The arguments of `/bin/sh`; when it cannot start, it ends with `ContainerExit.driverFailed`.
    static func arguments(variables: [String: String], stages: [String]) -> [String] {
        let words = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return [
            "-c", String(script: PackageResources.seal_sh), "canary", String(script: PackageResources.entrypoint_sh),
            "canary", String(script: PackageResources.runStage_sh),
        ] + words + ["--"] + stages
    }
}
