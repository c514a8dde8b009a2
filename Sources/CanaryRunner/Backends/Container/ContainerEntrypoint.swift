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

    /// Where the pipes lie in every container.
    static let folder = "/canary/.run"

    /// The script, for `sh -c`.
    static let script = """
        fail() { echo "canary: $1" >&2; exit \(ContainerExit.driverFailed); }
        while [ "$1" != -- ]; do unset "$1"; shift; done
        shift
        command -v setsid >/dev/null || { echo 'canary: the image has no setsid' >&2; exit 127; }
        cd "$CANARY_BUILD" || fail 'no build folder'
        [ -p \(folder)/orders ] || fail 'no pipes'
        exec </dev/null 3<\(folder)/orders 4>\(folder)/answers 5<\(folder)/signals >\(folder)/output 2>&1
        main=$$
        {
            while read -r signal stage <&5; do kill -s "$signal" -- "-$stage"; done
            kill -s KILL "$main"
        } 3<&- 4>&- >/dev/null 2>&1 &
        oom_kills() {
            for counts in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
                [ -r "$counts" ] && while read -r name count; do
                    [ "$name" = oom_kill ] && echo "$count"
                done <"$counts"
            done
        }
        echo hello >&4
        for script; do
            read -r go <&3 || exit 0
            {
                # Who asks for too much memory shall be a stage, never this script.
                { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
                exec setsid /bin/sh -eu -c "$script"
            } 3<&- 4>&- 5<&- &
            stage=$!
            echo "began $stage" >&4
            wait "$stage" 2>/dev/null
            status=$?
            kill -s KILL -- "-$stage" 2>/dev/null
            echo ended "$status" $(oom_kills) >&4
        done
        """
}
