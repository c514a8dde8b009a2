// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of CMake: a line, followed by indented and wrapped paragraphs.
enum CMakeError {
    static let matchers = [ErrorMatcher("CMake Error") { line, region in read(line, region, consequences: false) }]

    /// Reads `line` and the lines after it; nil when it is not an error of CMake, or only a consequence of another error.
    static func read(_ line: LogLine, _ region: LogRegion, consequences: Bool) -> Finding? {
        let header = line.text.trimmed
        guard beginnings.contains(where: header.hasPrefix) else { return nil }
        // What pip prints of a build is indented.
        let indent = line.text.prefix { $0 == " " }
        let lines = region.lines(after: line, count: 60).map { String($0.text.trimmingPrefix(indent)) }
        let message = lines.prefix { $0.isBlank || $0.hasPrefix("  ") }
        let paragraphs = message.split(whereSeparator: \.isBlank).map { $0.map(\.trimmed).joined(separator: " ") }
        let whole = ([header] + paragraphs).joined(separator: " ")
        // A project's own message may tell where to download what is missing.
        let isDownload = whole.containsAny(isOwn(header, region) ? ownDownloads : downloads)
        if isDownload, let cause = FetchError.nearest(before: line, region) { return cause }
        if !consequences, whole.containsAny(followers) { return nil }
        let text = header + sentence(of: paragraphs) + addition(to: whole, line, region)
        let reason = (isDownload ? FetchError.reason(of: whole) : nil) ?? reason(of: whole)
        return Finding(reason, text, at: locations(header, lines.dropFirst(message.count)))
    }

    /// The error that the indented `line` belongs to.
    static func around(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard line.text.hasPrefix("  ") else { return nil }
        let header = region.lines(before: line, count: 8).first { !$0.text.isBlank && !$0.text.hasPrefix("  ") }
        return header.flatMap { read($0, region, consequences: true) }
    }

    private static let beginnings = ["CMake Error at ", "CMake Error in ", "CMake Error: ", "CMake Error ("]
    /// Errors of steps that download something.
    private static let downloads = [
        "Failed to clone repository", "ownload", "Failed to checkout tag", "Failed to update submodules", "DOWNLOAD",
        "Build step for ", "failed: 1", "Command failed: ", "Failed to get the hash for HEAD", "Failed to unpack",
    ]
    /// What projects say when a download of their own failed.
    private static let ownDownloads = [
        "ailed to download", "ownload failed", "rror downloading ", "ould not download", "nable to download",
        "ailed to clone", "status_string: ", ";\"",
    ]

    /// Whether a file of the project itself says so, in its own words.
    private static func isOwn(_ header: String, _ region: LogRegion) -> Bool {
        guard header.hasSuffix("(message):"), let (_, place) = header.split(at: "CMake Error at ") else { return false }
        return !place.containsAny(["-stamp/", "-subbuild/", "-prefix/", "/Modules/", "/tmp/", "-tmp/", "-src/"])
    }

    /// Errors that only say that a step failed; the step itself printed more.
    private static let followers = ["Build step for ", "CMake step for ", "Command failed: "]
    private static let missingPackage = [
        "Could NOT find ", "package configuration file provided by", "Could not find a configuration file for package",
        "they are set to NOTFOUND", "required packages were not found", "required package was not found",
        "is considered to be NOT FOUND",
    ]
    private static let missingTool = [
        "CMake was unable to find a build program", "_COMPILER could be found",
        "_COMPILER not set, after EnableLanguage", "Could not find compiler set in environment variable",
        "is not a full path to an existing compiler tool", "is not a full path and was not found in the PATH",
    ]

    private static func reason(of message: String) -> ReasonCode {
        if !message.contains("(message): "), let reason = HostError.reason(of: message) { return reason }
        if message.containsAny(missingTool) { return .environmentToolMissing }
        return message.containsAny(missingPackage) || saysPackageIsRequired(message)
            ? .configureMissingPackage : .configureCMake
    }

    /// Projects have their own wording: `(message): OpenEXR is required, aborting.`.
    private static func saysPackageIsRequired(_ message: String) -> Bool {
        guard let (_, rest) = message.split(at: "(message): ") else { return false }
        let words = rest.split(separator: " ").prefix(8).joined(separator: " ")
        return words.containsAny([" is required", " was not found", " not found", "Could not find "])
            && MessageTerms(message).complaint == .noPackage
    }

    /// The first paragraph and those that continue it: after a colon, or around a name.
    private static func sentence(of paragraphs: [String]) -> String {
        var text = ""
        for (paragraph, next) in zip(paragraphs, paragraphs.dropFirst() + [""]).prefix(5) {
            text += " " + (paragraph.split(at: " Possible reasons include:")?.before ?? paragraph[...]).trimmed
            let isOpen = !".!?)".contains(text.last ?? ".") && !text.hasSuffix("names:")
            let continues = next.first.map { $0.isLowercase || "\"'/<$[".contains($0) } ?? false
            guard isOpen, text.hasSuffix(":") || continues || next.hasPrefix("No target ") else { break }
        }
        return text
    }

    /// The missing part of the message: the error of the test compilation, or the package that pkg-config names.
    private static func addition(to message: String, _ line: LogLine, _ region: LogRegion) -> String {
        if message.contains("to compile a simple test program") {
            let lines = region.lines(after: line, count: 60)
            let error = lines.lazy.compactMap { line in
                ErrorMatcher.Rank.compiling.matchers.lazy.filter { line.text.contains($0.needle) }
                    .compactMap { $0.read(line, region) }.first
            }.first
            return error.map { " " + $0.text } ?? ""
        }
        if message.contains("they are set to NOTFOUND") {
            return region.lines(after: line, count: 2).last.map { " " + $0.text.trimmed } ?? ""
        }
        if let (_, status) = message.split(at: "status_string: \"") { return " " + status.prefix { $0 != "\"" } }
        guard message.contains("required package was not found") else { return "" }
        let named = region.lines(before: line, count: 8).lazy.map(\.text).first {
            $0.containsAny(["Package '", "No package '"])
        }
        return named.map { ": " + $0.drop { "- ".contains($0) }.trimmed } ?? ""
    }

    /// `CMake Error at CMakeLists.txt:12 (find_package):`, and the calls that led there.
    private static func locations(_ header: String, _ after: ArraySlice<String>) -> [FileLocation] {
        var locations: [FileLocation] = []
        if let (_, location) = header.split(at: "CMake Error at ") {
            locations += [FileLocation((location.split(at: " (")?.before ?? location).trimmed.trimmingSuffix(":"))]
                .compactMap(
                    \.self)
        } else if let (_, file) = header.split(at: "CMake Error in ") {
            locations.append(FileLocation(file: file.trimmed.trimmingSuffix(":"), line: nil))
        }
        guard after.first?.hasPrefix("Call Stack") == true else { return locations }
        for call in after.dropFirst().prefix(while: { $0.hasPrefix("  ") }) {
            guard let (location, command) = call.trimmed.split(at: " ("), !command.hasPrefix("find_package_handle"),
                !command.hasPrefix("_FPHSA")
            else { continue }
            locations += [FileLocation(location)].compactMap(\.self)
        }
        return locations
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
