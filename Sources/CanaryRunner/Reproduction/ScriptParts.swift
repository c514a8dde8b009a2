// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryText

/// The parts of the script of a reproduction that are the same, or nearly so, in each.
enum ScriptParts {
    /// Fetching and paths, for both runtimes.
    static let sources = """
        here=$(pwd)
        jobs=${CANARY_JOBS:-$(getconf _NPROCESSORS_ONLN)}
        unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE CDPATH
        say() { printf 'canary: %s\\n' "$*" >&2; }
        stop() { say "$*"; exit 3; }
        command -v git >/dev/null || stop 'git is not in PATH'

        # Nothing of a repository or a user runs programs of theirs, and files are as the repository has them.
        run_git() {
            GIT_ATTR_NOSYSTEM=1 \(ScriptText.command(gitWords, indented: "        ").trimmed) "$@" </dev/null
        }

        # fetch PROJECT ADDRESS REVISION FOLDER yes|no: PROJECT/source is FOLDER at REVISION, with submodules if `yes`.
        fetch() {
            if [ -e "$here/$1/source" ]; then say "$1: uses the source in $1/source as it is"; return 0; fi
            say "$1: fetches $3"
            mkdir -p "$here/$1"
            rm -rf "$here/$1/checkout" "$here/$1/git"
            (
                format=
                [ ${#3} -ne 64 ] || format=--object-format=sha256
                # Submodules lie on this machine only where their project does.
                case $2 in /* | file://*) files=always ;; *) files=never ;; esac
                run_git init --quiet $format --separate-git-dir="$here/$1/git" "$here/$1/checkout" &&
                    cd "$here/$1/checkout" &&
                    run_git remote add -- origin "$2" && {
                    # Not every server hands out single commits.
                    run_git fetch --quiet --no-tags --depth=1 origin "$3" 2>/dev/null ||
                        run_git fetch --quiet --tags origin '+refs/heads/*:refs/remotes/origin/*'
                } &&
                    run_git checkout --quiet --detach "$3" && {
                    [ "$5" = no ] ||
                        run_git -c protocol.file.allow="$files" submodule --quiet update --init --recursive
                } &&
                    find . -name .git -prune -exec rm -rf {} +
            ) || stop "$1: $3 cannot be fetched from $2"
            mv "$here/$1/checkout$4" "$here/$1/source"
            rm -rf "$here/$1/checkout"
        }

        # prepare PROJECT: its folders but the source, empty.
        prepare() {
            for folder in build prefix home tmp; do
                rm -rf "${here:?}/$1/$folder"
                mkdir -p "$here/$1/$folder"
            done
        }
        """

    private static let gitWords: [String] = {
        let options = (GitEnvironment.options + MirrorCheckout.asStored).filter { $0 != "-c" }
        return ["git"] + options.map { "-c " + ScriptText.word($0) }
    }()

    /// Runs the stages that are its arguments, name and script in turn; before the stage `$open` it opens a shell.
    private static let stages = """
        cd "$CANARY_BUILD"
        unset OLDPWD
        open=$1 terminal=$2
        shift 2
        while [ $# -gt 0 ] && [ "$1" != "$open" ]; do
            echo "canary: $CANARY_PROJECT: $1" >&2
            /bin/sh -eu -c "$2" </dev/null || {
                status=$?
                echo "canary: $CANARY_PROJECT: $1 ended with $status" >&2
                exit "$status"
            }
            shift 2
        done
        [ -n "$open" ] || exit 0
        if [ $# -gt 0 ]; then
            printf "%s\\n" "$2" >"$HOME/stage"
            echo "canary: $CANARY_PROJECT: a shell before the stage $1; to run it: sh -eu ~/stage" >&2
        else
            echo "canary: $CANARY_PROJECT: a shell after the last stage" >&2
        fi
        export TERM="$terminal"
        shell=$(command -v bash) || shell=/bin/sh
        exec "$shell" -i
        """

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

    private static let engines = """
        engine=${CANARY_ENGINE:-}
        if [ -z "$engine" ]; then
            for engine in podman docker; do
                if command -v "$engine" >/dev/null; then break; fi
            done
        fi
        case $engine in
        podman | docker) command -v "$engine" >/dev/null || stop "${CANARY_ENGINE:-podman or docker} is not in PATH" ;;
        *) say "CANARY_ENGINE is '$engine', expected podman or docker" && exit 2 ;;
        esac
        case $here in *[,\\"]*) stop "a folder with a comma or a quote in its path cannot be mounted: $here" ;; esac
        runtime=
        # crun refuses machines that have both versions of control groups.
        if [ "$engine" = podman ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ] &&
            [ "$(podman info --format '{{.Host.OCIRuntime.Name}}')" = crun ]; then runtime=runc; fi
        """

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
        let closed = ["set --"] + (ContainerOptions.closed + variables).map(ScriptText.word) + ["\"$@\""]
        let podman =
            ["podman ${runtime:+--runtime \"$runtime\"} run --rm"]
            + ContainerOptions.closedInPodman.map(ScriptText.word)
            + ["${files:+--ulimit=nofile=\"$files\"}", "${processes:+--ulimit=nproc=\"$processes\"}", "\"$@\""]
        return """
            # limit NAME MOST: our own limit, soft and hard, because podman would ask for more than it may have.
            limit() {
                [ -r /proc/self/limits ] || return 0
                while read -r line; do
                    case $line in "$1 "*) ;; *) continue ;; esac
                    set -- "$2" ${line#"$1"}
                    soft=$2 hard=$3
                    if [ "$soft" = unlimited ] || [ "$soft" -gt "$1" ]; then soft=$1; fi
                    if [ "$hard" = unlimited ] || [ "$hard" -gt "$1" ]; then hard=$1; fi
                    echo "$soft:$hard"
                    return
                done </proc/self/limits
            }

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

    private static let container = """
        # container PROJECT GLOBS OPTION...: a container with the places of PROJECT.
        container() {
            project=$1 globs=$2
            shift 2
            prepare "$project"
            : >"$here/$project/hidden"
            [ -z "$globs" ] || look "$project" "$globs"
            mkdir -p "$here/empty.folder"
            : >"$here/empty.file"
            folder=
            while IFS= read -r line; do
                # What lies in a hidden folder is hidden.
                [ -z "$folder" ] || case $line in "$folder"*) continue ;; esac
                path=${line%/ ?}
                nothing=$here/empty.file
                case $line in *d) folder=$path/ nothing=$here/empty.folder ;; esac
                set -- "--mount=type=bind,source=$nothing,destination=$path,readonly" "$@"
            done <"$here/$project/hidden"
            start "$@"
        }
        """
}

extension String {
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}
