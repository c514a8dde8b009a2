// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// The secrets that receivers need but the environment does not have.
package struct MissingSecrets: Error, Hashable, CustomStringConvertible {
    /// A missing secret.
    package struct Missing: Hashable, Sendable {
        /// The environment variable.
        package let variable: String
        /// The receiver that names it.
        package let receiver: String
        /// What is wrong with it, without its value.
        package let why: String
    }

    /// The missing secrets, in the order of the receivers.
    package let all: [Missing]

    /// One line for each.
    package var text: String {
        all.map { "the receiver `\($0.receiver)` needs `\($0.variable)`: \($0.why)" }.joined(separator: "\n")
    }

    /// What to do about it.
    package var hint: String { "set it in the environment of this process; manifests only name it" }

    package var description: String { "\(text)\nhint: \(hint)" }
}

/// Opens the receivers of a stack, each with its secret.
package struct Receivers: Sendable {
    /// The environment variable with the address of another GitHub: `https://HOST/api/v3`.
    package static let gitHubVariable = "CANARY_GITHUB_API_URL"
    /// The same, as GitHub's own runners set it; `gitHubVariable` overrides it.
    private static let runnerVariable = "GITHUB_API_URL"
    private static let gitHub = "https://api.github.com"

    private let folder: String
    private let environment: [String: String]
    private let secrets: [String: String]
    private let timeout: Duration

    /// Creates receivers.
    ///
    /// - Parameters:
    ///   - folder: that of the stack, from which paths are read.
    ///   - environment: the variables of the programs that receivers start, without secrets.
    ///   - secrets: the secrets, by the variables that had them.
    ///   - timeout: the maximum duration of one delivery.
    package init(
        folder: String, environment: [String: String], secrets: [String: String], timeout: Duration = .seconds(30)
    ) {
        self.folder = folder
        self.environment = environment
        self.secrets = secrets
        self.timeout = timeout
    }

    /// Opens the receivers of all `targets`.
    ///
    /// - Throws: `MissingSecrets` with all secrets that are not set or not usable.
    package func open(_ targets: [NotifyTarget]) throws(MissingSecrets) -> [any Receiver] {
        var missing: [MissingSecrets.Missing] = []
        for target in targets {
            guard let variable = target.secretVariable, let why = problem(in: variable, of: target) else { continue }
            missing.append(MissingSecrets.Missing(variable: variable, receiver: target.name, why: why))
        }
        guard missing.isEmpty else { throw MissingSecrets(all: missing) }
        return targets.compactMap(receiver)
    }

    private func problem(in variable: String, of target: NotifyTarget) -> String? {
        guard let value = secrets[variable], !value.isEmpty else { return "it is not set" }
        switch target.kind {
        case .webhook:
            return Self.address(value) == nil ? "its value does not begin with `https://` or `http://`" : nil
        case .githubIssue, .githubStatus:
            let isToken = value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isToken else { return "its value has characters that a token cannot have" }
            return gitHubAddress == nil ? "`\(Self.gitHubVariable)` is not an address" : nil
        case .command, .file: return nil
        }
    }

    private func receiver(_ target: NotifyTarget) -> (any Receiver)? {
        let client = HTTPClient(timeout: timeout)
        switch target.kind {
        case .webhook(let format, let variable):
            return secrets[variable].flatMap(Self.address).map {
                WebhookReceiver(name: target.name, format: format, address: $0, client: client)
            }
        case .githubIssue(let repository, let variable):
            return gitHub(repository, variable, client).map { GitHubIssueReceiver(name: target.name, gitHub: $0) }
        case .githubStatus(let repository, let variable):
            return gitHub(repository, variable, client).map { GitHubStatusReceiver(name: target.name, gitHub: $0) }
        case .command(let words):
            return CommandReceiver(
                name: target.name, words: words, folder: folder, environment: environment, timeout: timeout)
        case .file(let path):
            return FileReceiver(name: target.name, path: path.hasPrefix("/") ? path : "\(folder)/\(path)")
        }
    }

    private func gitHub(_ repository: String, _ variable: String, _ client: HTTPClient) -> GitHub? {
        guard let token = secrets[variable],
            let base = gitHubAddress
        else { return nil }
        return GitHub(base: base, repository: repository, token: token, client: client)
    }

    private var gitHubAddress: URL? {
        Self.address(environment[Self.gitHubVariable] ?? environment[Self.runnerVariable] ?? Self.gitHub)
    }

    private static func address(_ text: String) -> URL? {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["https", "http"].contains(scheme),
            url.host?.isEmpty == false
        else { return nil }
        return url
    }
}

extension NotifyTarget {
    /// The environment variable with its secret; nil if it has none.
    package var secretVariable: String? {
        switch kind {
        case .webhook(_, let variable), .githubIssue(_, let variable), .githubStatus(_, let variable): variable
        case .command, .file: nil
        }
    }
}
