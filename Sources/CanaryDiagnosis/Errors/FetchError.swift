// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of git, curl, CMake and pip about something that cannot be downloaded.
enum FetchError {
    static let matchers = beginnings.map { ErrorMatcher($0) { line, region in read(line, region) } }

    /// The nearest such error before `line`.
    static func nearest(before line: LogLine, _ region: LogRegion) -> Finding? {
        region.lines(before: line, count: 80).lazy.compactMap { read($0, region) }.first
    }

    private static let beginnings = [
        "fatal: ", "error: pathspec ", "error: RPC failed", "curl: (", "wget: ", "ssh: ", "E: Failed to fetch ",
        "E: Unable to locate package",
        "Error: Unable to find a match",
        "ERROR: Could not find a version", "ERROR: No matching distribution", "ERROR: HTTP error ",
        "ERROR: 4", "ERROR: 5", "ERROR 4", "ERROR 5", "error: failed to download from ", "error: failed to get `",
        "Proxy tunneling failed",
    ]

    private static func read(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let beginning = beginnings.first(where: text.hasPrefix) else { return nil }
        if beginning == "ERROR: Could not find a version" || beginning == "ERROR: No matching distribution" {
            let before = region.lines(before: line, count: 12).map(\.text).joined(separator: " ")
            return Finding(reason(of: before) ?? .fetchDownload, text)
        }
        if beginning.hasPrefix("error: failed to ") {
            let after = region.lines(after: line, count: 12).map(\.text).joined(separator: " ")
            return Finding(reason(of: after) ?? .fetchDownload, text)
        }
        // git prints on the next line which repository it was.
        let next = region.lines(after: line, count: 1).first?.text ?? ""
        return (reason(of: next) == .fetchSubmodule ? .fetchSubmodule : reason(of: text)).map { Finding($0, text) }
    }

    /// Why something could not be downloaded, according to `text`; nil when it does not say.
    static func reason(of text: String) -> ReasonCode? {
        meanings.first { text.containsAny($0.words) }?.reason
    }

    /// The first match counts.
    private static let meanings: [(reason: ReasonCode, words: [String])] = [
        (.environmentDiskFull, ["No space left on device"]),
        (.environmentClock, ["is not yet valid", "is not yet activated"]),
        (
            .fetchProxy,
            ["response 407", "error: 407", "ERROR 407", "code 407", " 407 ", "Proxy Authentication Required"]
        ),
        (
            .fetchRateLimited,
            [
                "error: 429", "error 429", "429 Client Error", "Error 429", "ERROR 429", "429 Too Many", "code 429",
                "got 429", "Too Many Requests",
                "rate limit", "toomanyrequests",
            ]
        ),
        (.fetchSubmodule, ["into submodule path", "in submodule path", "No url found for submodule"]),
        (.fetchBranchMissing, ["Remote branch "]),
        (
            .fetchRevisionMissing,
            [
                "couldn't find remote ref", "pathspec '", "reference is not a tree", "invalid reference: ",
                "not our ref",
                "unadvertised object", "unable to read tree", "bad object ",
            ]
        ),
        (.fetchTimeout, ["timed out", "Operation too slow", "Timeout was reached"]),
        (
            .fetchUnreachable,
            [
                "ould not resolve ", "ouldn't resolve ", "name resolution", "Name or service not known",
                "unable to resolve host", "Temporary failure resolving", "CERTIFICATE_VERIFY_FAILED",
                "is the internet available",
                "Failed to connect", "ouldn't connect", "Could not connect", "onnection refused", "onnection reset",
                "Network is unreachable", "No route to host", "Could not read from remote repository",
                "does not appear to be a git repository", "Authentication failed", "could not read Username",
                "hung up unexpectedly", "early EOF", "RPC failed", "certificate",
                "Failed to establish a new connection",
                "unable to access '", "Repository not found", "repository '",
            ]
        ),
        (
            .fetchDownload,
            [
                "returned error", "HASH mismatch", "ash mismatch", "downloading '", "download failed", "E: Failed",
                "Unable to locate package", "Unable to find a match", "failed to download from ",
                "HTTP response code said error", "ERROR 4", "ERROR 5",
            ]
        ),
    ]
}
