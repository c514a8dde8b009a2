// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What one notice says: a message of the judge with all that people need to act on it.
///
/// Its text is kept as it was found; renderings make it harmless. History keeps it as JSON: what is added later must be
/// optional.
package struct Notice: Hashable, Codable, Sendable {
    /// What it is about.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        case flaky
        case suspected
        case healed
        case page
        case environment
        case recovered
        case changed
        case unexpectedPass
        case stale
        /// A page that was sent before reads otherwise now: more jobs, or a proven commit.
        case updated
    }

    /// The idempotency key: the same for everybody who gets it, and for every try.
    package let key: String
    /// What it is about.
    package let kind: Kind
    /// How soon somebody should read it.
    package let urgency: Message.Urgency
    /// Who should read it.
    package let audience: Message.Audience
    /// The stack.
    package let stack: String
    /// What it belongs to with the notices before and after it, an episode's id as a rule; nil for what stands alone.
    package let thread: String?
    /// The number of the notice that it opens, changes or closes.
    package let number: Int?
    /// When it was made.
    package let at: Date
    /// The job it is told under.
    package let job: JobID
    /// All jobs in it but those held, sorted.
    package let jobs: [JobID]
    /// The jobs whose own notices wait for this one.
    package let held: [JobID]
    /// What all of them suffer from: a project, or `image of VARIANT`; nil while that is open.
    package let upstream: String?
    /// Since when what it tells of lasts.
    package let since: Date?
    /// The newest good inputs of `job`.
    package let lastKnownGood: Point?
    /// The oldest bad inputs after them.
    package let firstKnownBad: Point?
    /// What moved between the two, the suspect first.
    package let ranges: [Range]
    /// The commit that broke it.
    package let culprit: Culprit?
    /// The first error of `job`.
    package let firstError: FirstError?
    /// Where `job` was built.
    package let image: BuildImage?
    /// The attempt that shows the failure.
    package let attempt: String?
    /// The episode of `job`.
    package let episode: String?
    /// The issue of the expected failure that it passed in spite of.
    package let issue: String?
    /// Who looks after the projects concerned, as the manifests name them.
    package let owners: [String]
    /// The page of `job`; nil without `site-url`.
    package let page: String?
    /// Whether it belongs to the weekly digest.
    package let isWeekly: Bool
}

extension Notice {
    /// The inputs of a judged run.
    package struct Point: Hashable, Codable, Sendable {
        /// When the run began.
        package let at: Date
        /// The revision of the project and of each upstream, by project.
        package let revisions: [String: String]

        /// Names the inputs of the run that began at `date`.
        package init(at date: Date, revisions: [String: String]) {
            at = date
            self.revisions = revisions
        }
    }

    /// The commits of one project between good and bad.
    package struct Range: Hashable, Codable, Sendable {
        /// The project.
        package let project: String
        /// The good revision; nil when it was not used then.
        package let from: String?
        /// The bad revision; nil when it is not used any more.
        package let to: String?
        /// The repository without credentials; nil for a folder of the stack's own.
        package let repository: String?
        /// The page that compares the two, where the forge has one.
        package let link: String?
    }

    /// The commit to blame, with what builds said about it; its JSON has the fields of the commit beside its own.
    package struct Culprit: Hashable, Codable, Sendable {
        /// The commit.
        package let commit: Commit
        /// Its posterior probability, 0 to 1; nil where it was not searched.
        package let confidence: Double?
        /// Whether builds after the search said the same.
        package let isConfirmed: Bool
        /// Its page, where the forge has one.
        package let link: String?

        private enum CodingKeys: String, CodingKey {
            case confidence
            case isConfirmed
            case link
        }

        /// Blames a commit.
        package init(_ commit: Commit, confidence: Double? = nil, isConfirmed: Bool = false, link: String? = nil) {
            self.commit = commit
            self.confidence = confidence
            self.isConfirmed = isConfirmed
            self.link = link
        }

        /// Reads what `encode(to:)` wrote.
        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                try Commit(from: decoder), confidence: try fields.decodeIfPresent(Double.self, forKey: .confidence),
                isConfirmed: try fields.decode(Bool.self, forKey: .isConfirmed),
                link: try fields.decodeIfPresent(String.self, forKey: .link))
        }

        /// Writes the fields of the commit and its own into one object.
        package func encode(to encoder: any Encoder) throws {
            try commit.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encodeIfPresent(confidence, forKey: .confidence)
            try fields.encode(isConfirmed, forKey: .isConfirmed)
            try fields.encodeIfPresent(link, forKey: .link)
        }
    }

    /// Where a job was built.
    package struct BuildImage: Hashable, Codable, Sendable {
        /// The image's name, or the variant's where it has none.
        package let name: String
        /// The environment id: the image's digest.
        package let digest: String

        /// Names an environment.
        package init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }
}

extension Notice.Kind {
    /// The kind of `message`.
    package init(_ message: Message.Kind) {
        switch message {
        case .flaky: self = .flaky
        case .suspected: self = .suspected
        case .healed: self = .healed
        case .page: self = .page
        case .environment: self = .environment
        case .recovered: self = .recovered
        case .changed: self = .changed
        case .unexpectedPass: self = .unexpectedPass
        case .stale: self = .stale
        }
    }
}
