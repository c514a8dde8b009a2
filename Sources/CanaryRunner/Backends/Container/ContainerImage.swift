// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// An image, as its engine describes it.
struct ContainerImage: Sendable {
    /// The `sha256:...` of its configuration, by which every engine can start it.
    let id: String
    /// All its digests, including its id.
    let digests: Set<String>
    /// The digest of its manifest, if the engine has one.
    private let digest: String?
    /// Digests by repository, as in `docker.io/aswf/ci-vfxall`.
    private let repositories: [(name: String, digest: String)]
    /// Its own variables.
    let variables: [String: String]

    private struct NotOne: Error {}

    /// Reads the output of `image inspect` for one image.
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

    /// The digest by which the image can be pulled from the repository of `reference`, else its id.
    func digest(in reference: String) -> String {
        let repository = Self.repository(of: reference)
        let there = repositories.filter { $0.name == repository }.map(\.digest)
        if let digest, there.contains(digest) || there.isEmpty { return digest }
        return there.first ?? id
    }

    /// Whether the engine knows it by the repository of `reference`.
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
