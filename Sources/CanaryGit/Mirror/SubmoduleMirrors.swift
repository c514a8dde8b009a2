// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// The mirrors of the submodules of a repository.
struct SubmoduleMirrors {
    let parent: Mirror

    /// The mirror of the submodule at `path`, whose url is `written`.
    func mirror(of written: String, at path: String) throws(GitFailure) -> Mirror {
        guard let resolved = SubmoduleAddress.resolve(written, against: parent.address) else {
            throw GitFailure(reason: .fetchSubmodule, detail: "url of submodule `\(path)` is refused: `\(written)`")
        }
        var hasher = FieldHasher()
        hasher.add(resolved)
        let folder = "\(parent.modules)/\(hasher.finish()).git"
        return Mirror(
            project: parent.project, address: resolved, folder: folder, modules: parent.modules, git: parent.git)
    }

    /// The urls in `.gitmodules`, by path; read from the commit, because the file on disk may be a link.
    func addresses(at revision: String) async throws(GitFailure) -> [String: String] {
        let answer = try await parent.git.run(
            [
                parent.repository.option, "config", "-z", "--blob", "\(revision):.gitmodules", "--get-regexp",
                #"^submodule\..*\.(path|url)$"#,
            ], within: parent.git.limits.transfer, otherwise: .fetchSubmodule)
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

/// The address of a submodule; it is untrusted.
enum SubmoduleAddress {
    /// The address that `written` means in a repository at `parent`, as git reads it; nil if it is refused: options,
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

    /// As git's `relative_url`: each `../` removes the last part of the parent.
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
