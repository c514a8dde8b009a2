// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What one notice says: an event of the judge with everything that readers need to act on it.
///
/// Texts from outside are stored unchanged; renderings make them harmless. History stores a notice as JSON: a property
/// that is added later must be optional.
package struct Notice: Hashable, Codable, Sendable {
    /// What happened.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// It failed and passed on the same inputs.
        case flaky
        /// It failed for the first time since it passed.
        case suspected
        /// It passes again, before anybody was paged.
        case healed
        /// It is broken.
        case page
        /// The last known good fails as well, so no change is at fault.
        case environment
        /// It passes again, after somebody was paged.
        case recovered
        /// It is broken, and now fails with a different error.
        case changed
        /// It passes although a failure is declared.
        case unexpectedPass
        /// No run finished for two periods.
        case stale
        /// A page that was sent has changed: more jobs, or a proven commit.
        case updated

        /// How soon it should be read.
        package var urgency: Urgency {
            switch self {
            case .flaky, .suspected, .healed, .changed, .unexpectedPass, .updated: .digest
            case .page, .environment, .recovered, .stale: .page
            }
        }

        /// Who should read it.
        package var audience: Audience {
            switch self {
            case .environment, .stale: .operators
            case .flaky, .suspected, .healed, .page, .recovered, .changed, .unexpectedPass, .updated: .maintainers
            }
        }
    }

    /// How soon a notice should be read.
    package enum Urgency: String, CaseIterable, Codable, Sendable {
        /// Now.
        case page
        /// With the daily digest, or with the weekly one if `isWeekly`.
        case digest
    }

    /// Who should read a notice.
    package enum Audience: String, CaseIterable, Codable, Sendable {
        /// The owners of the projects.
        case maintainers
        /// Those who run canary.
        case operators
    }

    /// The idempotency key: the same for every receiver and every try.
    package let key: String
    /// What happened.
    package let kind: Kind
    /// How soon it should be read.
    package let urgency: Urgency
    /// Who should read it.
    package let audience: Audience
    /// The stack.
    package let stack: String
    /// What groups it with the notices before and after it; nil if it stands alone.
    package let thread: String?
    /// The number of the group that it opens, changes or closes.
    package let number: Int?
    /// When it was created.
    package let at: Date
    /// The job it is filed under.
    package let job: JobID
    /// All jobs in it except those in `held`, sorted.
    package let jobs: [JobID]
    /// The jobs whose own notices are held inside it.
    package let held: [JobID]
    /// What broke all of them: a project, or `image of VARIANT`; nil while not known.
    package let upstream: String?
    /// Since when the reported state has lasted.
    package let since: Date?
    /// The newest good inputs of `job`.
    package let lastKnownGood: RevisionVector?
    /// The oldest bad inputs after them.
    package let firstKnownBad: RevisionVector?
    /// What changed between the two, the suspect first.
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
    /// The issue of the expected failure, although it passed.
    package let issue: String?
    /// The owners of the projects concerned, as the manifests name them.
    package let owners: [String]
    /// The page of `job`; nil without `site-url`.
    package let page: String?
    /// Whether it belongs to the weekly digest.
    package let isWeekly: Bool
}

extension Notice {
    /// The commits of one project between good and bad.
    package struct Range: Hashable, Codable, Sendable {
        /// The project.
        package let project: String
        /// The good revision; nil if it was not used then.
        package let from: String?
        /// The bad revision; nil if it is no longer used.
        package let to: String?
        /// The repository without credentials; nil for a folder of the stack.
        package let repository: String?
        /// The page that compares the two; nil if the forge has none.
        package let link: String?
    }

    /// The commit that broke something, with the evidence of builds; its JSON has the fields of the commit beside its own.
    package struct Culprit: Hashable, Codable, Sendable {
        /// The commit.
        package let commit: Commit
        /// Its posterior probability, 0 to 1; nil if it was not searched.
        package let confidence: Double?
        /// Whether builds after the search confirmed it.
        package let isConfirmed: Bool
        /// Its page; nil if the forge has none.
        package let link: String?

        private enum CodingKeys: String, CodingKey {
            case confidence
            case isConfirmed
            case link
        }

        /// Creates the description of a culprit.
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
        /// The image's name, or the variant's if it has none.
        package let name: String
        /// The environment id: the image's digest.
        package let digest: String
    }
}
