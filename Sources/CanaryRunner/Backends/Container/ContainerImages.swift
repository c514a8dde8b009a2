// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryProcesses
import Glibc

/// The images of a container engine.
package struct ContainerImages: Sendable {
    let engine: ContainerEngine

    /// The digest that `reference` means: that of the local image, or of the pulled one if there is none.
    ///
    /// - Parameter fresh: whether to ask the registry even if there is a local image, because the tag may have moved.
    /// - Throws: `RunnerFailure`: `environment.image` if it cannot be pulled, `environment.engine`.
    package func digest(of reference: String, fresh: Bool = false) async throws(RunnerFailure) -> String {
        var image = fresh ? nil : try await self.image(reference)
        if image == nil {
            try await pull(reference)
            image = try await self.image(reference)
        }
        guard let image else { throw missing(reference) }
        guard let at = reference.lastIndex(of: "@") else { return image.digest(in: reference) }
        return String(reference[reference.index(after: at)...])
    }

    /// The digest of the local image that `reference` means; nil if there is none, or if the engine fails.
    package func localDigest(of reference: String) async -> String? {
        try? await image(reference)?.digest(in: reference)
    }

    /// The local image that `reference` means; nil if there is none.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine`.
    func image(_ reference: String) async throws(RunnerFailure) -> ContainerImage? {
        let end = try await engine.call(["image", "inspect", reference], within: engine.patience.answer)
        guard end.status == .code(0) else {
            // A working engine that fails here does not have the image.
            _ = try await engine.version()
            return nil
        }
        do {
            return try ContainerImage(inspected: end.output)
        } catch {
            throw ContainerEngine.failure(
                "cannot read what `\(engine.kind.rawValue) image inspect` says of `\(reference)`: \(error)")
        }
    }

    /// Whether `image(_:with:)` finds an image.
    package func has(_ reference: String, with digest: String) async -> Bool {
        (try? await image(reference, with: digest)) != nil
    }

    /// The image of `reference` with `digest`: the one that it means now, an older local one with that digest, or one
    /// pulled by digest.
    ///
    /// - Throws: `RunnerFailure`: `environment.image` if it cannot be pulled, `environment.engine`.
    func image(_ reference: String, with digest: String) async throws(RunnerFailure) -> ContainerImage {
        let present = try await image(reference)
        if let present, present.digests.contains(digest) { return present }
        let exact = "\(ContainerImage.repository(of: reference))@\(digest)"
        // Podman finds an image without names by any name.
        if let older = try await image(exact), older.isNamed(as: reference) { return older }
        do throws(RunnerFailure) {
            try await pull(exact)
        } catch {
            guard let present else { throw missing(reference) }
            throw ContainerEngine.failure(
                "the image `\(reference)` is `\(present.digest(in: reference))`, not `\(digest)`, which cannot be pulled",
                .environmentImage, hint: "has its tag moved? \(error.detail)")
        }
        guard let pulled = try await image(exact) else { throw missing(exact) }
        return pulled
    }

    private func pull(_ reference: String) async throws(RunnerFailure) {
        let end = try await engine.call(["pull", "--quiet", reference], within: engine.patience.pull)
        guard end.status != .code(0) else { return }
        throw ContainerEngine.failure(
            "cannot pull `\(reference)`: \(ContainerEngine.lastWords(end.errors))", .environmentImage,
            hint: "is its registry reachable, and is the reference right?")
    }

    func missing(_ reference: String) -> RunnerFailure {
        RunnerFailure(
            reason: .environmentImage,
            detail: "no local image `\(reference)`; hint: `\(engine.kind.rawValue) pull` it, or correct its reference")
    }

    // MARK: - Files

    private static let realPathsScript = String(script: PackageResources.realPaths_sh)

    /// The `paths` that exist in the image of `spec` and are not hidden from stages.
    ///
    /// - Throws: `RunnerFailure`: `environment.image` if the image is missing or has no shell, `environment.engine`.
    func files(among paths: Set<String>, visibleIn spec: ContainerSpec) async throws(RunnerFailure) -> Set<String> {
        guard let image = try await image(spec.image) else { throw missing(spec.image) }
        let arguments = ContainerCommand.shell(
            ["-c", Self.realPathsScript, "canary"] + paths.sorted(), in: image.id, engine: engine)
        let end = try await engine.call(arguments, within: engine.patience.start)
        guard end.status == .code(0) else { throw ContainerExit(end.status).failure(of: spec.image, end.errors) }
        let output = end.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let variables = image.variables.merging(spec.variables) { $1 }
        let prefix = variables[ImageInspection.prefixVariable] ?? ImageInspection.usualPrefix
        let pairs = stride(from: 0, to: output.count - 1, by: 2).map { (path: output[$0], real: output[$0 + 1]) }
        return Set(
            pairs.filter { pair in
                ![pair.path, pair.real].contains { Self.isHidden($0, by: spec.hidden, below: prefix) }
            }.map(\.path))
    }

    /// Whether one of `globs` matches `path` or a folder around it.
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
