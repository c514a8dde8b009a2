// SPDX-License-Identifier: Apache-2.0

/// The script that carries out stages inside a container, the same for every attempt.
///
/// Its arguments are the variables to forget, `--`, and the scripts of the stages: data, never text of the script. We
/// talk to it by four pipes in `/canary/.run`. It reads `go` from `orders` before each stage, says `hello`,
/// `began PROCESS` and `ended STATUS OOM-KILLS` in `answers`, and prints to `output`. What it reads from `signals`,
/// `NAME PROCESS`, it sends to the process group of the stage; when we hang up, or die, the container ends.
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

    /// The script, for `sh -c`; when it cannot start, it ends with `ContainerExit.driverFailed`.
    static let script = String(script: PackageResources.entrypoint_sh)
}
