// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses

/// What was found in an image: the files to hide, and the tools for caching compilers.
struct ImageInspection: Hashable, Sendable {
    /// What to find; the result never changes, because images do not.
    struct Question: Hashable, Sendable {
        let image: String
        let prefix: String
        let globs: [String]
    }

    /// Folders to hide, without links in their paths.
    var folders: [String] = []
    /// Files to hide, without links in their paths.
    var files: [String] = []
    /// The path of ccache.
    var ccache: String?
    /// The compilers in `PATH`, of the names that builds use.
    var compilers: [String] = []

    /// The variable of an image that names its prefix.
    static let prefixVariable = "ASWF_INSTALL_PREFIX"
    /// The prefix of images without that variable.
    static let usualPrefix = "/usr/local"

    /// The script that finds files: its arguments are the prefix and the globs.
    ///
    /// The shell expands the globs, with `IFS` empty, and nothing else in them.
    static let filesScript = String(script: PackageResources.findFiles_sh)

    /// The command for the image's shell.
    static func command(_ question: Question) -> [String] {
        ["-c", String(script: PackageResources.findTools_sh) + "\n" + filesScript, "canary", question.prefix]
            + question.globs
    }

    /// Reads the output of the command: a letter and a value, each ended by a NUL.
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
        // Files in a hidden folder are hidden with it, and what two globs match is hidden once.
        let all = Set(folders)
        folders = all.filter { folder in !all.contains { folder.hasPrefix($0 + "/") } }.sorted()
        files = Set(files).filter { [folders] file in !folders.contains { file.hasPrefix($0 + "/") } }.sorted()
    }
}

/// Inspects images, once for each question.
actor ImageInspector {
    private let engine: ContainerEngine
    private var known: [ImageInspection.Question: ImageInspection] = [:]

    init(engine: ContainerEngine) { self.engine = engine }

    /// The result, stored or new.
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
