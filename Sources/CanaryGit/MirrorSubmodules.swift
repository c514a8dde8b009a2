// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

extension Mirror {
    /// Deeper than anyone nests by intent; a chain without end is an attack.
    private static let deepest = 10

    /// Fills the folders of the submodules of `revision`, and of theirs, each through a mirror below this one.
    func checkOutSubmodules(
        of revision: String, into target: String, subfolder: String?, depth: Int
    ) async throws(GitFailure) {
        let modules = try await entries(of: revision, subfolder).filter { $0.submodule != nil }
        guard !modules.isEmpty else { return }
        guard depth < Self.deepest else {
            throw GitFailure(reason: .fetchSubmodule, detail: "submodules more than \(Self.deepest) deep")
        }
        let addresses = try await submoduleAddresses(at: revision)
        let start = subfolder.map { $0.split(separator: "/").filter { $0 != "." }.joined(separator: "/") + "/" } ?? ""
        for module in modules {
            guard let commit = module.submodule else { continue }
            let path = start + module.path
            guard let written = addresses[path] else {
                throw GitFailure(reason: .fetchSubmodule, detail: "`.gitmodules` has no url for `\(path)`")
            }
            let mirror = try mirror(ofSubmodule: written, at: path)
            do {
                try await mirror.fetch(commit, branch: nil)
            } catch  where error.reason == .fetchUnreachable || error.reason == .fetchRevisionMissing {
                throw GitFailure(reason: .fetchSubmodule, detail: "submodule `\(path)`: \(error.detail)")
            }
            try await mirror.checkOut(
                commit, into: "\(target)/\(module.path)", subfolder: nil, submodules: true, depth: depth + 1)
        }
    }

    private func mirror(ofSubmodule written: String, at path: String) throws(GitFailure) -> Mirror {
        guard let resolved = SubmoduleAddress.resolve(written, against: address) else {
            throw GitFailure(reason: .fetchSubmodule, detail: "url of submodule `\(path)` is refused: `\(written)`")
        }
        var hasher = FieldHasher()
        hasher.add(resolved)
        let place = "\(modules)/\(hasher.finish()).git"
        return Mirror(project: project, address: resolved, folder: place, modules: modules, git: git)
    }

    /// The urls written in `.gitmodules`, by path; read from the commit, since the file on the disk may be a link.
    private func submoduleAddresses(at revision: String) async throws(GitFailure) -> [String: String] {
        let answer = try await git.run(
            [
                repository.option, "config", "-z", "--blob", "\(revision):.gitmodules", "--get-regexp",
                #"^submodule\..*\.(path|url)$"#,
            ], within: git.limits.transfer, otherwise: .fetchSubmodule)
        var paths: [Substring: String] = [:]
        var urls: [Substring: String] = [:]
        for item in answer.split(separator: 0) {
            let text = String(decoding: item, as: UTF8.self)
            guard let line = text.firstIndex(of: "\n") else { continue }
            let (key, value) = (text[..<line], String(text[text.index(after: line)...]))
            if key.hasSuffix(".path") { paths[key.dropLast(".path".count)] = value }
            if key.hasSuffix(".url") { urls[key.dropLast(".url".count)] = value }
        }
        var addresses: [String: String] = [:]
        for (name, path) in paths { addresses[path] = urls[name] }
        return addresses
    }
}

/// Where a submodule is, from what strangers wrote.
enum SubmoduleAddress {
    /// The address that `written` means in a repository at `parent`, as git reads it; nil when it is refused: options,
    /// remote helpers such as `ext::`, and folders of this host unless the parent is one.
    static func resolve(_ written: String, against parent: String) -> String? {
        let isRelative = written.hasPrefix("./") || written.hasPrefix("../")
        guard let address = isRelative ? joined(parent, written) : written, isAllowed(address) else { return nil }
        return isLocal(address) && !isLocal(parent) ? nil : address
    }

    private static func isAllowed(_ address: String) -> Bool {
        guard !address.isEmpty, !address.hasPrefix("-"), address.prefixMatch(of: /[A-Za-z0-9]*::/) == nil,
            address.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return false }
        guard let scheme = address.range(of: "://") else { return address.hasPrefix("/") || address.contains(":") }
        return ["https", "http", "ssh", "git", "file"].contains(address[..<scheme.lowerBound])
    }

    private static func isLocal(_ address: String) -> Bool { address.hasPrefix("/") || address.hasPrefix("file://") }

    /// As git's `relative_url`: each `../` takes the last part off the parent.
    private static func joined(_ parent: String, _ written: String) -> String? {
        var base = Substring(parent)
        while base.hasSuffix("/") { base.removeLast() }
        var rest = Substring(written)
        var separator: Character = "/"
        while true {
            if rest.hasPrefix("../") {
                rest.removeFirst(3)
                guard let cut = base.lastIndex(of: "/") ?? base.lastIndex(of: ":") else { return nil }
                separator = base[cut]
                base = base[..<cut]
                // What is left of `https://host` names nothing.
                if base.hasSuffix("/") || base.hasSuffix(":") { return nil }
            } else if rest.hasPrefix("./") {
                rest.removeFirst(2)
            } else {
                break
            }
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        return "\(base)\(separator)\(rest)"
    }
}
