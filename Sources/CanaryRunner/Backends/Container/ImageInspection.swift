// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses

/// What one look into an image tells: where the files to hide lie, and what it has for caching compilers.
struct ImageInspection: Hashable, Sendable {
    /// What is looked for; a look is the same for ever, because images do not change.
    struct Question: Hashable, Sendable {
        let image: String
        let prefix: String
        let globs: [String]
    }

    /// Folders to hide, without links in their paths.
    var folders: [String] = []
    /// Files to hide, without links in their paths.
    var files: [String] = []
    /// Where ccache is.
    var ccache: String?
    /// The compilers in `PATH`, of the names that builds look for.
    var compilers: [String] = []

    /// The variable of an image that names its prefix.
    static let prefixVariable = "ASWF_INSTALL_PREFIX"
    /// The prefix of images that do not say.
    static let usualPrefix = "/usr/local"

    private static let toolsScript = """
        ccache=$(command -v ccache) && printf 'c%s\\0' "$ccache"
        for tool in cc c++ gcc g++ clang clang++; do
            command -v "$tool" >/dev/null && printf 't%s\\0' "$tool"
        done

        """

    /// The script that finds files: its arguments are the prefix and the globs.
    ///
    /// Globs are expanded by the shell's own hand, with `IFS` empty, and nothing else of them is.
    static let filesScript = """
        cd "$1" 2>/dev/null || exit 0
        shift
        IFS=
        for glob; do
            for name in $glob; do
                path=$(readlink -f -- "$name") || continue
                if [ -d "$path" ]; then printf 'd%s\\0' "$path"; elif [ -e "$path" ]; then printf 'f%s\\0' "$path"; fi
            done
        done
        exit 0
        """

    /// The command for the image's shell.
    static func command(_ question: Question) -> [String] {
        ["-c", toolsScript + filesScript, "canary", question.prefix] + question.globs
    }

    /// Reads what the command prints: a letter and a value, each ended by 0.
    init(printed bytes: [UInt8]) {
        for entry in bytes.split(separator: 0) {
            let value = String(decoding: entry.dropFirst(), as: UTF8.self)
            switch entry.first {
            case UInt8(ascii: "c"): ccache = value
            case UInt8(ascii: "t"): compilers.append(value)
            case UInt8(ascii: "d"): folders.append(value)
            case UInt8(ascii: "f"): files.append(value)
            default: break
            }
        }
        // What lies in a hidden folder is hidden, and what two globs name is hidden once.
        let all = Set(folders)
        folders = all.filter { folder in !all.contains { folder.hasPrefix($0 + "/") } }.sorted()
        files = Set(files).filter { [folders] file in !folders.contains { file.hasPrefix($0 + "/") } }.sorted()
    }
}

/// Looks into images, once for each question.
actor ImageInspector {
    private let engine: ContainerEngine
    private var known: [ImageInspection.Question: ImageInspection] = [:]

    init(engine: ContainerEngine) { self.engine = engine }

    /// Looks, or remembers.
    ///
    /// - Throws: `RunnerFailure`: `environment.image` when the image has no shell, `environment.engine`.
    func answer(to question: ImageInspection.Question) async throws(RunnerFailure) -> ImageInspection {
        if let known = known[question] { return known }
        let arguments = ContainerCommand.inspect(question, engine: engine)
        let end = try await engine.call(arguments, within: engine.patience.start)
        guard end.status == .code(0) else { throw ContainerExit(end.status).failure(of: question.image, end.errors) }
        let inspection = ImageInspection(printed: end.output)
        known[question] = inspection
        return inspection
    }
}
