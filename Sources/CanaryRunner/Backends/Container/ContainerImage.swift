// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses
import Foundation

/// An image as its engine has it.
struct ContainerImage: Sendable {
    /// `sha256:...` of its configuration; every engine starts it by that.
    let id: String
    /// All digests it is known by, its id among them.
    let digests: Set<String>
    /// The digest of its manifest that the engine names, where it has one.
    private let digest: String?
    /// Digests by repository, as in `docker.io/aswf/ci-vfxall`.
    private let repositories: [(name: String, digest: String)]
    /// Its own variables.
    let variables: [String: String]

    private struct NotOne: Error {}

    /// Reads what `image inspect` prints of one image.
    init(inspected json: [UInt8]) throws {
        struct Inspected: Decodable {
            struct Config: Decodable { let Env: [String]? }
            let Id: String
            let Digest: String?
            let RepoDigests: [String]?
            let Config: Config?
        }
        guard let inspected = try JSONDecoder().decode([Inspected].self, from: Data(json)).first
        else { throw NotOne() }
        id = inspected.Id.hasPrefix("sha256:") ? inspected.Id : "sha256:" + inspected.Id
        digest = inspected.Digest.flatMap { $0.isEmpty ? nil : $0 }
        repositories = (inspected.RepoDigests ?? []).compactMap { entry in
            let parts = entry.split(separator: "@").map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
        digests = Set([id] + [digest].compactMap { $0 } + repositories.map(\.digest))
        let pairs = (inspected.Config?.Env ?? []).map { entry in
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        variables = Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    /// The digest under which the image can be had from the repository of `reference`, else the best there is.
    func digest(in reference: String) -> String {
        let repository = Self.repository(of: reference)
        let there = repositories.filter { $0.name == repository }.map(\.digest)
        if let digest, there.contains(digest) || there.isEmpty { return digest }
        return there.first ?? id
    }

    /// Whether the repository of `reference` is one that it is known to come from.
    func isNamed(as reference: String) -> Bool {
        let repository = Self.repository(of: reference)
        return repositories.contains { $0.name == repository }
    }

    /// `reference` without tag and digest.
    static func repository(of reference: String) -> String {
        var name = Substring(reference)
        if let at = name.firstIndex(of: "@") { name = name[..<at] }
        let host = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[host...].lastIndex(of: ":") { name = name[..<colon] }
        return String(name)
    }
}

extension ContainerEngine {
    /// The digest that `reference` stands for: that of the local image, or of the one pulled when there is none.
    ///
    /// - Parameter fresh: Ask the registry even when there is a local image: a tag may have moved.
    /// - Throws: `RunnerFailure`: `environment.image` when it cannot be had, `environment.engine`.
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

    /// The digest of the local image that `reference` names; nil when there is none, or when the engine does not say.
    package func localDigest(of reference: String) async -> String? {
        try? await image(reference)?.digest(in: reference)
    }

    /// The local image that `reference` names; nil when there is none.
    ///
    /// - Throws: `RunnerFailure` with `environment.engine`.
    func image(_ reference: String) async throws(RunnerFailure) -> ContainerImage? {
        let end = try await call(["image", "inspect", reference], within: patience.answer)
        guard end.status == .code(0) else {
            // An engine that answers has no such image.
            _ = try await version()
            return nil
        }
        do {
            return try ContainerImage(inspected: end.output)
        } catch {
            throw Self.failure("cannot read what `\(kind.rawValue) image inspect` says of `\(reference)`: \(error)")
        }
    }

    /// Whether the image of `reference` that has `digest` can be had, as `image(_:with:)` has it.
    package func has(_ reference: String, with digest: String) async -> Bool {
        (try? await image(reference, with: digest)) != nil
    }

    /// The image of `reference` that has `digest`: the one that it names now, an older one that is still here by its
    /// digest, or the one that its registry gives for that.
    ///
    /// - Throws: `RunnerFailure`: `environment.image` when it cannot be had, `environment.engine`.
    func image(_ reference: String, with digest: String) async throws(RunnerFailure) -> ContainerImage {
        let present = try await image(reference)
        if let present, present.digests.contains(digest) { return present }
        let exact = "\(ContainerImage.repository(of: reference))@\(digest)"
        // Podman finds an image without names under any name.
        if let older = try await image(exact), older.isNamed(as: reference) { return older }
        do throws(RunnerFailure) {
            try await pull(exact)
        } catch {
            guard let present else { throw missing(reference) }
            throw Self.failure(
                "the image `\(reference)` is `\(present.digest(in: reference))`, not `\(digest)`, which cannot be had",
                .environmentImage, hint: "has its tag moved? \(error.detail)")
        }
        guard let pulled = try await image(exact) else { throw missing(exact) }
        return pulled
    }

    private func pull(_ reference: String) async throws(RunnerFailure) {
        let end = try await call(["pull", "--quiet", reference], within: patience.pull)
        guard end.status != .code(0) else { return }
        throw Self.failure(
            "cannot pull `\(reference)`: \(Self.lastWords(end.errors))", .environmentImage,
            hint: "is its registry reachable, and is the reference right?")
    }

    func missing(_ reference: String) -> RunnerFailure {
        RunnerFailure(
            reason: .environmentImage,
            detail: "no image `\(reference)` here; hint: `\(kind.rawValue) pull` it, or correct its reference")
    }
}
