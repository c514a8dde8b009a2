// SPDX-License-Identifier: Apache-2.0

/// Addresses of git repositories.
package enum RepositoryAddress {
    /// What messages expect where `isValid` refuses.
    package static let expected = "a URL (https, http, ssh, git, file), `user@host:path` or an absolute path"

    /// Whether git can be asked to fetch from `text`: not through a helper (`ext::`), and nothing that reads as an option.
    package static func isValid(_ text: String) -> Bool {
        if text.hasPrefix("/") || text.hasPrefix("file:///") { return true }
        guard !text.contains(where: \.isWhitespace) else { return false }
        return text.wholeMatch(of: /(https?|ssh|git):\/\/[^\/\-][^\/]*\/.+/) != nil
            || text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.\-]*@[A-Za-z0-9][A-Za-z0-9.\-]*:[^:\-].*/) != nil
    }

    /// `address` without the user and the password that it may hold.
    package static func withoutSecrets(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return address }
        return String(address[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
