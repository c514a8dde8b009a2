// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryManifest
import CanaryModel
import Foundation

@testable import CanaryDaemon
@testable import CanaryServer

/// A request: an address, lines of fields, an empty line and a body.
///
/// What NIO reads of it is NIO's; this is what we read of what NIO leaves.
enum HttpInput {
    private static let authenticator = BearerAuthenticator(token: "not a secret", now: { .now + .seconds(60) })
    private static let hosts = AllowedHosts(listeningOn: "127.0.0.1", site: "https://ci.example.org/x", others: [])
    private static let page = CachedResponse(.text, "fine")
    private static let stack: Stack? = {
        for name in ["stack/projects", "containers"] { Scratch.makeFolder(name) }
        Scratch.write("stack: demo\nruntime: process\nvariants: {vfx2026: {}}\n", to: "stack/stack.yaml")
        Scratch.write("project: imath\nsource: imath\n", to: "stack/projects/imath.yaml")
        Scratch.write("project: openexr\nsource: openexr\nupstreams: [imath]\n", to: "stack/projects/openexr.yaml")
        return ManifestLoader(folder: "stack", now: .now).load().stack
    }()

    static func read(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: "\n\n", maxSplits: 1)
        let lines = (parts.first ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        if let target = lines.first { readAddress(target) }
        for line in lines.dropFirst().prefix(16) { readField(String(line)) }
        if parts.count > 1 { readBody(String(parts[1])) }
    }

    private static func readAddress(_ target: Substring) {
        let path = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first ?? "/"
        switch SiteAddress(path: path) {
        case .attempt(let name), .log(let name), .run(let name), .runPage(let name), .search(let name),
            .request(let name), .lock(let name):
            require(!name.contains("/") && !name.hasPrefix("."), "a name that leads nowhere, found `\(name)`")
        default: break
        }
    }

    private static func readField(_ value: String) {
        let decision = authenticator.check(value, from: "::1")
        require(decision != .accepted || value.hasSuffix("not a secret"), "the token, found `\(value)`")
        if case .allowed = hosts.check(value, from: "192.0.2.1") { requireHost(value) }
        _ = AllowedHosts.isName(value)
        _ = CachedResponse.accepts("gzip", value)
        _ = page.matches(value)
    }

    private static func requireHost(_ value: String) {
        let host = value.lowercased()
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } : host.prefix { $0 != ":" }
        let known = ["localhost", "localhost.", "127.0.0.1", "127.0.0.1.", "[::1", "ci.example.org", "ci.example.org."]
        require(known.contains(String(name)), "one of our names, found `\(value)`")
    }

    private static func readBody(_ text: String) {
        guard let stack else { fatalError("expected a stack") }
        for isTrusted in [true, false] {
            do {
                let body = try RequestBody(text, for: stack, isTrusted: isTrusted)
                let again = try RequestBody(body.text(), for: stack, isTrusted: true)
                require(again == body || !isTrusted, "what was written to be read the same")
            } catch {
                require(error is EngineError, "an error of ours, found \(error)")
            }
        }
    }
}
