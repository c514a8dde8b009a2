// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What an error message says, in words that do not depend on the tool that says it.
enum MessageSignature {
    /// The problem with its names where the wording is known, else the message without what differs between attempts;
    /// nil if the message is only the consequence of another one.
    static func of(_ error: FirstError) -> String? {
        if Consequence.isOnly(error.text) { return nil }
        if let step = Consequence.failedFile(in: error.text) { return "step \(StableText.folded(step))" }
        let message = BareMessage(error)
        if let assertion = StaticAssertion.text(of: message.text) {
            return "static assertion \(assertion.isEmpty ? message.file : StableText.folded(assertion))"
        }
        if let wording = Wording.signature(of: message.text) { return "\(wording) \(message.file)" }
        let terms = MessageTerms(message.resolved)
        if let complaint = terms.complaint, complaint != .testFailed, let name = terms.names.first {
            return known(complaint, name.name, scope: terms.names.dropFirst().first?.name ?? message.namespace)
        }
        if let flag = message.flag {
            return "warning \(flag) \(message.firstQuoted.map(StableName.last) ?? "") \(message.file)"
        }
        let text = message.text.hasPrefix("#error ") ? message.text.dropFirst("#error ".count)[...] : message.text[...]
        return "\(StableText.folded(text)) \(message.file)"
    }

    private static func known(_ complaint: MessageTerms.Complaint, _ name: String, scope: String?) -> String {
        let what =
            switch complaint {
            // What is missing in one class is not what is missing in another.
            case .undeclared:
                StableName.last(name) + (scope.map { " in " + StableName.unversioned(StableName.last($0)) } ?? "")
            // Compilers differ in how much of a qualified name they print; linkers print all of it.
            case _ where complaint.isCompilers: StableName.last(name)
            case .undefined, .definedTwice: StableName.qualified(name)
            case .noHeader: header(name)
            case .noLibrary, .unfit, .noFile, .brokenTarget: StableText.folded(name)
            default: name
            }
        return "\(complaint.rawValue) \(what)"
    }

    /// Projects include one header by different folders, but many of them have one of these.
    private static func header(_ path: String) -> String {
        let parts = path.split(separator: "/")
        let isCommon = parts.last.map { commonHeaders.contains($0.prefix { $0 != "." }.lowercased()) } ?? false
        return parts.suffix(isCommon ? 2 : 1).joined(separator: "/")
    }

    private static let commonHeaders: Set<String> = [
        "api", "base", "common", "config", "core", "defines", "error", "errors", "export", "log", "macros", "math",
        "platform", "string", "types", "util", "utils", "version",
    ]
}

/// An error message without its location, severity and suggestions.
struct BareMessage {
    /// The message, with straight quotes.
    let text: String
    /// The whole text, in which typedefs are replaced by the types they stand for.
    let resolved: String
    /// The name of the file that the error is in; empty if there is none.
    let file: String
    /// The warning that was made an error: `unused-variable`.
    let flag: String?

    init(_ error: FirstError) {
        let whole = MessageTerms.plain(Self.resolvingAliases(in: error.text))
        let parts = Self.severities.compactMap { whole.split(at: $0) }
            .min { $0.before.endIndex < $1.before.endIndex }
        var message = parts?.after ?? whole[...]
        resolved = whole
        flag = Self.flag(in: message)
        for suffix in ["; did you mean ", " [with ", " [-W"] {
            if let (before, _) = message.split(at: suffix) { message = before }
        }
        text = String(message)
        let place = error.file ?? parts.flatMap { FileLocation($0.before)?.file }
        file = place.map { StableText.folded($0.lastPathPart) } ?? ""
    }

    /// The namespace in which a name is missing, if the message says that it is one; nil for `std`.
    var namespace: String? {
        text.split(at: " in namespace '").flatMap { SymbolName.plain(String($0.after.prefix { $0 != "'" })) }
    }

    /// The first quoted text.
    var firstQuoted: String? {
        text.split(at: "'").flatMap { $0.after.split(at: "'") }.map { String($0.before) }
    }

    private static let severities = [": fatal error: ", ": error: ", ": Error: ", ": internal compiler error: "]

    /// `'Vec3<float>'` for `'V3f' {aka 'Vec3<float>'}`: only some compilers print the name of a typedef.
    private static func resolvingAliases(in text: String) -> String {
        var text = String(text.map { "‘’".contains($0) ? "'" : $0 })
        for (middle, end) in [("' {aka '", "'}"), ("' (aka '", "')")] {
            while let range = text.firstRange(of: middle), let stop = text[range.upperBound...].firstRange(of: end),
                let start = text[..<range.lowerBound].lastIndex(of: "'")
            {
                text.replaceSubrange(start..<stop.upperBound, with: "'\(text[range.upperBound..<stop.lowerBound])'")
            }
        }
        return text
    }

    /// `unused-variable` of `[-Werror=unused-variable]` and `[-Werror,-Wunused-variable]`.
    private static func flag(in message: Substring) -> String? {
        guard let (_, after) = message.split(at: " [-Werror"), let end = after.firstIndex(of: "]") else { return nil }
        var flag = after[..<end].drop { "=,".contains($0) }
        if flag.hasPrefix("-W") { flag = flag.dropFirst(2) }
        for ending in ["-ctor", "="] where flag.hasSuffix(ending) { flag = flag.dropLast(ending.count) }
        return String(flag)
    }
}

/// Assertions that fail while compiling; compilers add the condition, or leave it out.
enum StaticAssertion {
    /// The message of the assertion, empty if it has none; nil for other errors.
    static func text(of message: String) -> String? {
        guard message.hasPrefix("static assertion failed") || message.hasPrefix("static_assert failed") else {
            return nil
        }
        let after = message.split(at: "failed")?.after ?? ""
        guard let (_, rest) = after.split(at: " due to requirement '") else {
            return String(after.drop { ":' ".contains($0) }.prefix { $0 != "'" })
        }
        // The condition may contain quotes, the message comes last.
        for separator in ["': ", "' '"] {
            if let range = rest.ranges(of: separator).last {
                return String(rest[range.upperBound...].prefix { $0 != "'" })
            }
        }
        return ""
    }
}
