// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// The mirrors of the submodules of a repository.
struct SubmoduleMirrors {
    let parent: Mirror

    /// What `.gitmodules` says about the submodule at a path.
    struct Declaration: Hashable {
        let url: String
        /// Whether it is not checked out unless somebody asks for it: `update = none`.
        let isLeftOut: Bool
    }

    /// The mirror that has `commit` of the submodule at `path`, whose url is `written`; fetches it if none has it.
    func mirror(of written: String, at path: String, with commit: String) async throws(GitFailure) -> Mirror {
        let mirrors = await addresses(written).map(mirror)
        if let mirror = mirrors.first(where: { $0.holds(commit) }) { return mirror }
        var failure = GitFailure(reason: .fetchSubmodule, detail: "url of submodule `\(path)` is refused: `\(written)`")
        for mirror in mirrors {
            do {
                try await mirror.fetch(commit, branch: nil)
                return mirror
            } catch
                where [.fetchUnreachable, .fetchRevisionMissing, .fetchCheckout].contains(error.reason)
            {
                failure = GitFailure(reason: .fetchSubmodule, detail: "submodule `\(path)`: \(error.detail)")
            }
        }
        throw failure
    }

    private func mirror(at address: String) -> Mirror {
        var hasher = FieldHasher()
        hasher.add(address)
        let folder = "\(parent.modules)/\(hasher.finish()).git"
        return Mirror(
            project: parent.project, address: address, folder: folder, modules: parent.modules, git: parent.git)
    }

    /// The addresses that `written` can mean, the most likely first; none if it is refused.
    ///
    /// In a clone on this machine, a relative url is relative to what was cloned, as git itself reads it there.
    private func addresses(_ written: String) async -> [String] {
        let beside = SubmoduleAddress.resolve(written, against: parent.address)
        guard SubmoduleAddress.isRelative(written), let origin = await origin() else {
            return beside.map { [$0] } ?? []
        }
        let there = SubmoduleAddress.resolve(written, against: origin)
        return [there, beside].compactMap(\.self)
    }

    /// What the parent was cloned from, if it is a clone on this machine.
    private func origin() async -> String? {
        guard let folder = SubmoduleAddress.folder(parent.address),
            FileManager.default.fileExists(atPath: "\(folder)/.git")
        else { return nil }
        let answer = try? await parent.git.run(
            ["-C", folder, "config", "--local", "-z", "--get", "remote.origin.url"], within: parent.git.limits.answer,
            otherwise: .fetchSubmodule)
        return answer.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// What `.gitmodules` declares, by path; read from the commit, because the file on disk may be a link.
    func declared(at revision: String) async throws(GitFailure) -> [String: Declaration] {
        let answer = try await parent.git.run(
            [
                parent.repository.option, "config", "-z", "--blob", "\(revision):.gitmodules", "--get-regexp",
                #"^submodule\..*\.(path|url|update)$"#,
            ], within: parent.git.limits.transfer, otherwise: .fetchSubmodule)
        return Self.declared(in: answer)
    }

    /// What the output of `git config -z --get-regexp` about submodules declares, by path.
    static func declared(in answer: [UInt8]) -> [String: Declaration] {
        var values: [String: [Substring: String]] = [:]
        for item in answer.split(separator: 0) {
            let text = String(decoding: item, as: UTF8.self)
            guard let line = text.firstIndex(of: "\n"), let dot = text[..<line].lastIndex(of: ".") else { continue }
            let key = String(text[text.index(after: dot)..<line])
            values[key, default: [:]][text[..<dot]] = String(text[text.index(after: line)...])
        }
        var declared: [String: Declaration] = [:]
        for (name, path) in values["path"] ?? [:] {
            guard let url = values["url"]?[name] else { continue }
            declared[path] = Declaration(url: url, isLeftOut: values["update"]?[name] == "none")
        }
        return declared
    }
}

/// The address of a submodule; it is untrusted.
enum SubmoduleAddress {
    /// The address that `written` means in a repository at `parent`, as git reads it; nil if it is refused: options,
    /// remote helpers such as `ext::`, and folders of this host unless the parent is one.
    static func resolve(_ written: String, against parent: String) -> String? {
        guard let address = isRelative(written) ? joined(parent, written) : written, isAllowed(address) else {
            return nil
        }
        return isLocal(address) && !isLocal(parent) ? nil : address
    }

    /// Whether the url `written` is relative to the address of the repository around the submodule.
    static func isRelative(_ written: String) -> Bool { written.hasPrefix("./") || written.hasPrefix("../") }

    /// The folder of this host that `address` is; nil if it is elsewhere.
    static func folder(_ address: String) -> String? {
        guard isLocal(address) else { return nil }
        return address.hasPrefix("/") ? address : String(address.dropFirst("file://".count))
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
