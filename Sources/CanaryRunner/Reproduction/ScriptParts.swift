// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryText

/// The parts of the script of a reproduction that are the same, or nearly so, in each.
enum ScriptParts {
    /// Fetching and paths, for both runtimes.
    static let sources = """
        here=$(pwd)
        jobs=${CANARY_JOBS:-$(getconf _NPROCESSORS_ONLN)}
        unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_EXTERNAL_DIFF CDPATH
        say() { printf 'canary: %s\\n' "$*" >&2; }
        stop() { say "$*"; exit 3; }
        command -v git >/dev/null || stop 'git is not in PATH'

        # Nothing of a repository or a user runs programs of theirs, and files are as the repository has them.
        run_git() {
            GIT_ATTR_NOSYSTEM=1 \(ScriptText.command(gitWords, indented: "        ").trimmed) "$@" </dev/null
        }

        attributes=\(ScriptText.word(GitEnvironment.attributes))

        \(String(script: PackageResources.fetch_sh))
        """

    private static let gitWords: [String] = {
        let options = (GitEnvironment.options + GitEnvironment.checkedArrival + MirrorCheckout.asStored)
            .filter { $0 != "-c" }
        return ["git"] + options.map { "-c " + ScriptText.word($0) }
    }()

    /// Runs the stages that are its arguments, name and script in turn; before the stage `$open` it opens a shell.
    private static let stages = String(script: PackageResources.stages_sh)

    // MARK: Processes

    /// Functions of plain processes.
    static let processes = """
        driver=\(ShellWord.quoted("set -eu\n" + stages))

        # processes PROJECT VARIABLE=VALUE... COMMAND...: the command with these variables and no others.
        processes() {
            prepare "$1"
            shift
            env -i "$@"
        }
        """

    // MARK: Containers

    /// Functions of containers of the image with these names, the best first.
    static func containers(image names: [String], variables: [String: String]) -> String {
        let forgotten = ContainerOptions.added.filter { variables[$0] == nil }
        let driver = "set -eu\nunset \(forgotten.joined(separator: " "))\n" + searchPaths + stages
        return [
            engines, images(names), starting(ContainerOptions.variables(variables)), hiding,
            "driver=\(ShellWord.quoted(driver))\n\n" + container,
        ].joined(separator: "\n\n")
    }

    /// What the image has in the three search paths comes after the upstreams.
    private static let searchPaths =
        StageEnvironment.searchPaths.enumerated().map { index, name in
            "[ -z \"$\(index + 1)\" ] || export \(name)=\"$\(index + 1)${\(name)+:$\(name)}\"\n"
        }.joined() + "shift \(StageEnvironment.searchPaths.count)\n"

    private static let engines = String(script: PackageResources.engine_sh)

    private static func images(_ names: [String]) -> String {
        """
        image=
        for name in \(names.map(ScriptText.word).joined(separator: " ")); do
            if "$engine" image inspect "$name" >/dev/null 2>&1; then
                image=$name
                break
            fi
        done
        if [ -z "$image" ]; then
            image=\(ScriptText.word(names[0]))
            say "pulls $image"
            "$engine" pull "$image" >&2 || stop "the image cannot be pulled: $image"
        fi
        """
    }

    /// Starting a container that has the options of all.
    private static func starting(_ variables: [String]) -> String {
        let closed =
            ["set --"]
            + ([ContainerOptions.unlabelled, "--init"] + ContainerOptions.closed + variables).map(ScriptText.word) + [
                "\"$@\""
            ]
        let podman =
            ["podman ${runtime:+--runtime \"$runtime\"} run --rm"]
            + ContainerOptions.closedInPodman.map(ScriptText.word)
            + ["${files:+--ulimit=nofile=\"$files\"}", "${processes:+--ulimit=nproc=\"$processes\"}", "\"$@\""]
        return """
            \(String(script: PackageResources.limit_sh))

            # start OPTION... IMAGE ARGUMENT...: a container that is closed.
            start() {
            \(ScriptText.command(closed, indented: "    "))
                case $engine in
                podman)
                    files=$(limit 'Max open files' \(ContainerOptions.mostFiles))
                    processes=$(limit 'Max processes' \(ContainerOptions.mostProcesses))
            \(ScriptText.command(podman, indented: "        "))
                    ;;
                docker) docker run --rm "--user=$(id -u):$(id -g)" "$@" ;;
                esac
            }
            """
    }

    /// Finding the image's own copies of what is built here, and mounting nothing over them.
    private static let hiding = """
        # look PROJECT GLOBS: PROJECT/hidden lists what the image has at GLOBS, a line each; folders before what is in them.
        look() (
            place=$here/$1
            set -f
            IFS='
        '
            set -- $2
            unset IFS
            start \(ContainerOptions.offline) --entrypoint=/bin/sh "$image" -c \(ShellWord.quoted(lookScript)) canary "$@" >"$place/look"
            tr '\\000' '\\n' <"$place/look" | sed 's|^\\(.\\)\\(.*\\)|\\2/ \\1|' | LC_ALL=C sort -u >"$place/hidden"
        )
        """

    private static let lookScript =
        "set -- \"${\(ImageInspection.prefixVariable)-\(ImageInspection.usualPrefix)}\" \"$@\"\n"
        + ImageInspection.filesScript

    private static let container = String(script: PackageResources.container_sh)
}

extension String {
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}
