// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The names under which a server may be addressed.
///
/// A page of another site can make a browser of our network call us under that site's name, by letting the name resolve
/// to our address (DNS rebinding), and read the answer. So each request must name a host that we know. Without a list
/// these are the address that we listen on, the host of `site-url`, the names of the loopback interface if we listen on
/// it, and, if we listen on all interfaces, every numeric address: those do not resolve, so nothing can be rebound.
struct AllowedHosts: Hashable, Sendable {
    /// The decision about one request.
    enum Decision: Hashable, Sendable {
        case allowed
        /// It names no host, which only HTTP/1.0 from this machine may do.
        case missing
        /// It names this other host.
        case unknown(String)
    }

    private let names: Set<String>
    private let allowsAddresses: Bool

    /// - Parameters:
    ///   - host: what the server listens on.
    ///   - site: the stack's `site-url`.
    ///   - others: more names, from the command line.
    init(listeningOn host: String, site: String?, others: [String]) {
        let host = Self.name(host)
        let isEverywhere = ["0.0.0.0", "::", "0"].contains(host)
        var names = Set(([host] + others).map(Self.name))
        if let site, let name = URL(string: site)?.host { names.insert(Self.name(name)) }
        if isEverywhere || Self.isLoopback(host) { names.formUnion(["localhost", "127.0.0.1", "::1"]) }
        self.names = names
        allowsAddresses = isEverywhere
    }

    /// Decides about the field `Host`, nil if there is none, of a request from the address `caller`.
    func check(_ field: String?, from caller: String) -> Decision {
        guard let field else { return Self.isLoopback(caller) ? .allowed : .missing }
        guard let host = Self.host(ofAuthority: field) else { return field.isEmpty ? .missing : .unknown(field) }
        return names.contains(host) || allowsAddresses && Self.isAddress(host) ? .allowed : .unknown(host)
    }

    /// Whether `text` can be given as a name: a host name or an address, without a port.
    static func isName(_ text: String) -> Bool {
        let name = name(text)
        return isAddress(name) || !text.hasPrefix("[") && !name.isEmpty && name.allSatisfy { isNameCharacter($0) }
    }

    /// Names are compared in lower case, without the dot that may end them and the brackets of an address.
    private static func name(_ text: String) -> String {
        let name = text.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { return String(name.dropFirst().dropLast()) }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// The host of `name`, `name:80`, `1.2.3.4:80` or `[::1]:80`; nil if it has another form.
    private static func host(ofAuthority field: String) -> String? {
        if field.hasPrefix("[") {
            guard let end = field.firstIndex(of: "]"), isPort(field[field.index(after: end)...]) else { return nil }
            let host = name(String(field[...end]))
            return isVersion6(host) ? host : nil
        }
        let colon = field.firstIndex(of: ":") ?? field.endIndex
        let host = name(String(field[..<colon]))
        return isPort(field[colon...]) && !host.isEmpty && host.allSatisfy(isNameCharacter) ? host : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
    }

    private static func isAddress(_ host: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 || isVersion6(host)
    }

    private static func isVersion6(_ host: String) -> Bool {
        var address = in6_addr()
        // The C library would take a NUL for the end.
        return !host.utf8.contains(0) && inet_pton(AF_INET6, host, &address) == 1
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.hasPrefix("::ffff:") ? String(host.dropFirst(7)) : host
        return host == "localhost" || host == "::1" || host.hasPrefix("127.") && isAddress(host)
    }
}
