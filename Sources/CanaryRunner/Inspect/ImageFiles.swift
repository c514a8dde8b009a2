// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses
import Glibc

extension ContainerEngine {
    private static let script = """
        for path; do
            [ -e "$path" ] && printf '%s\\0%s\\0' "$path" "$(readlink -f -- "$path")"
        done
        exit 0
        """

    /// Those of `paths` that stages in `place` see of the image's own files: that exist and are not hidden.
    ///
    /// - Throws: `RunnerFailure`: `environment.image` when the image is gone or has no shell, `environment.engine`.
    func files(among paths: Set<String>, seenIn place: ContainerSpec) async throws(RunnerFailure) -> Set<String> {
        guard let image = try await image(place.image) else { throw missing(place.image) }
        let arguments = ContainerCommand.shell(
            ["-c", Self.script, "canary"] + paths.sorted(), in: image.id, engine: self)
        let end = try await call(arguments, within: patience.start)
        guard end.status == .code(0) else { throw ContainerExit(end.status).failure(of: place.image, end.errors) }
        let said = end.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let variables = image.variables.merging(place.variables) { $1 }
        let prefix = variables["ASWF_INSTALL_PREFIX"] ?? "/usr/local"
        let pairs = stride(from: 0, to: said.count - 1, by: 2).map { (path: said[$0], real: said[$0 + 1]) }
        return Set(
            pairs.filter { pair in
                ![pair.path, pair.real].contains { Self.isHidden($0, by: place.hidden, below: prefix) }
            }.map(\.path))
    }

    /// Whether one of `globs` names `path` or a folder that it lies in.
    static func isHidden(_ path: String, by globs: [String], below prefix: String) -> Bool {
        guard path.hasPrefix(prefix + "/") else { return false }
        var rest = path.dropFirst(prefix.count + 1)[...]
        while !rest.isEmpty {
            let name = String(rest)
            if globs.contains(where: { fnmatch($0, name, FNM_PATHNAME | FNM_PERIOD) == 0 }) { return true }
            rest = rest.lastIndex(of: "/").map { rest[..<$0] } ?? ""
        }
        return false
    }
}
